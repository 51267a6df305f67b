// Parameters of OpenAPI v2 that many operations take, said once. Upstream: kube-openapi's pkg/builder/parameters.go.

import type { Schema } from './dialect.ts';

/** Query parameters that kubectl up to 1.27 looks for in the operations themselves. */
const NEVER_SHARED = ['fieldValidation', 'dryRun'];

export class SharedParameters {
  readonly #parameters = new Map<string, Schema>();

  get entries(): readonly (readonly [string, Schema])[] {
    return [...this.#parameters].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The parameter, or a reference to it if others may want the same. */
  share(parameter: Schema & { readonly name: string; readonly in: string }): Schema {
    if (parameter.name === 'name' || NEVER_SHARED.includes(parameter.name)) return parameter;
    const text = JSON.stringify(parameter);
    const base = `${parameter.name}-${parameter.in}`;
    for (let variant = 1; ; variant++) {
      const name = variant === 1 ? base : `${base}-${variant}`;
      const known = this.#parameters.get(name);
      if (known === undefined) this.#parameters.set(name, parameter);
      if (known === undefined || JSON.stringify(known) === text) return { $ref: `#/parameters/${name}` };
    }
  }
}
