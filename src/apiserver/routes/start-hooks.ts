// What a server does at its start, as its health tells of it: a check for each step, which fails until the step is done.
// Upstream: the poststarthook/… checks of k8s.io/apiserver/pkg/server/hooks.go.

import type { HealthCheck } from './health-route.ts';

export interface StartHooks {
  readonly checks: readonly HealthCheck[];
  /** Does a step that there is a check for. */
  run<T>(name: string, step: () => Promise<T>): Promise<T>;
}

export function startHooks(names: readonly string[]): StartHooks {
  const pending = new Set(names);
  return {
    checks: names.map((name) => ({
      name: `poststarthook/${name}`,
      check() {
        if (pending.has(name)) throw new Error('not finished');
      },
    })),
    async run(name, step) {
      const result = await step();
      pending.delete(name);
      return result;
    },
  };
}
