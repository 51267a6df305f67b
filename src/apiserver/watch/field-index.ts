// Objects by the value of one field, so that a node agent that asks for its own pods does not have all pods looked at.

import type { ObjectVersion } from './object-version.ts';
import type { SelectedField } from './selection.ts';

export class FieldIndex {
  readonly #field: Pick<SelectedField, 'valueOf'>;
  readonly #byValue = new Map<string, Map<string, ObjectVersion>>();

  constructor(field: Pick<SelectedField, 'valueOf'>, versions: Iterable<ObjectVersion>) {
    this.#field = field;
    for (const version of versions) this.#add(version);
  }

  /** An object has come, changed or gone. */
  change(previous: ObjectVersion | undefined, current: ObjectVersion | undefined): void {
    if (previous) this.#remove(previous);
    if (current) this.#add(current);
  }

  /** Those with the value, in order of keys. */
  get(value: string): ObjectVersion[] {
    const found = [...(this.#byValue.get(value)?.values() ?? [])];
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #add(version: ObjectVersion): void {
    const value = this.#field.valueOf(version);
    const versions = this.#byValue.get(value);
    if (versions) versions.set(version.key, version);
    else this.#byValue.set(value, new Map([[version.key, version]]));
  }

  #remove(version: ObjectVersion): void {
    const value = this.#field.valueOf(version);
    const versions = this.#byValue.get(value);
    versions?.delete(version.key);
    if (versions?.size === 0) this.#byValue.delete(value);
  }
}
