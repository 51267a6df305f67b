// JSON Patch (RFC 6902) on plain values. What an operation does not touch is shared with the original, which stays as it
// was. Where upstream's library is more lenient than the RFC (replacing a key that is missing, counting from the end of
// a list) so is this. Upstream: evanphx/json-patch v4, apiserver's jsonPatcher.

import { setKey } from '../decode-leaf.ts';
import { badRequest, StatusError } from '../status-error.ts';
import { rejected } from './patch-error.ts';

const INDEX = /^[-+]?\d+$/;
const MAX_OPERATIONS = 10_000;
/** How much `copy` operations may add, all together. */
const MAX_COPIED_CHARS = 3 * 1024 * 1024;

/** An operation as it came; what it lacks is said once it is reached. */
export type Operation = Readonly<Record<string, unknown>>;

/** The operations of a patch. Throws BadRequest for what is no list of objects, RequestEntityTooLarge for too many. */
export function jsonPatchOperations(patch: unknown): readonly Operation[] {
  if (!Array.isArray(patch) || !patch.every((operation) => isObject(operation))) {
    const found = Array.isArray(patch) ? 'array' : patch === null ? 'null' : typeof patch;
    throw badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`);
  }
  if (patch.length > MAX_OPERATIONS) {
    throw new StatusError(
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  return patch;
}

/** The value after all operations. Throws Invalid where one does not apply. */
export function applyJsonPatch(original: unknown, operations: readonly Operation[]): unknown {
  const document = new PatchedDocument(original);
  for (const operation of operations) document.apply(operation);
  return document.value;
}

type Container = unknown[] | Record<string, unknown>;

/** Where a path leads: a key or an index of a container. */
interface Place {
  readonly container: Container;
  readonly key: string;
}

class PatchedDocument {
  #value: unknown;
  /** Containers that were made here, and so may be changed. */
  readonly #own = new WeakSet<Container>();
  #copiedChars = 0;

  constructor(value: unknown) {
    this.#value = value;
  }

  get value(): unknown {
    return this.#value;
  }

  apply(operation: Operation): void {
    const { op } = operation;
    switch (op) {
      case 'add':
        this.#add(operation);
        return;
      case 'remove':
        this.#remove(operation);
        return;
      case 'replace':
        this.#replace(operation);
        return;
      case 'move':
        this.#move(operation);
        return;
      case 'copy':
        this.#copy(operation);
        return;
      case 'test':
        this.#test(operation);
        return;
      default:
        throw rejected(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
    }
  }

  #add(operation: Operation): void {
    const path = pathOf(operation, 'path', 'add operation failed to decode path');
    const place = this.#open(path);
    if (!place) throw rejected(`add operation does not apply: doc is missing path: "${path}": missing value`);
    addTo(place, operation['value'] ?? null, `error in add for path: '${path}'`);
  }

  #remove(operation: Operation): void {
    const path = pathOf(operation, 'path', 'remove operation failed to decode path');
    const place = this.#open(path);
    if (!place) throw rejected(`remove operation does not apply: doc is missing path: "${path}": missing value`);
    removeFrom(place, `error in remove for path: '${path}'`);
  }

  #replace(operation: Operation): void {
    const path = pathOf(operation, 'path', 'replace operation failed to decode path');
    const value = operation['value'] ?? null;
    if (path === '') {
      this.#value = value;
      return;
    }
    const place = this.#open(path);
    if (!place) throw rejected(`replace operation does not apply: doc is missing path: ${path}: missing value`);
    const { container, key } = place;
    if (!Array.isArray(container)) setKey(container, key, value);
    else {
      const index = indexOf(key, container.length);
      if (typeof index !== 'number') {
        throw rejected(`replace operation does not apply: doc is missing key: ${path}: missing value`);
      }
      container[index] = value;
    }
  }

  #move(operation: Operation): void {
    const from = pathOf(operation, 'from', 'move operation failed to decode from');
    const source = this.#open(from);
    if (!source) throw rejected(`move operation does not apply: doc is missing from path: ${from}: missing value`);
    const value = readFrom(source, `error in move for path: '${source.key}'`);
    removeFrom(source, `error in move for path: '${source.key}'`);
    const path = pathOf(operation, 'path', 'move operation failed to decode path');
    const place = this.#open(path);
    if (!place)
      throw rejected(`move operation does not apply: doc is missing destination path: ${path}: missing value`);
    addTo(place, value ?? null, `error in move for path: '${path}'`);
  }

  #copy(operation: Operation): void {
    const from = pathOf(operation, 'from', 'copy operation failed to decode from');
    const source = this.#open(from);
    if (!source) throw rejected(`copy operation does not apply: doc is missing from path: ${from}: missing value`);
    // A copy of its own: what was made here may be changed in place, and must not stand in two places.
    const text = JSON.stringify(readFrom(source, `error in copy for from: '${from}'`) ?? null);
    this.#copiedChars += text.length;
    if (this.#copiedChars > MAX_COPIED_CHARS) {
      throw rejected(
        `Unable to complete the copy, the accumulated size increase of copy is ${this.#copiedChars}, exceeding the limit ${MAX_COPIED_CHARS}`,
      );
    }
    const path = pathOf(operation, 'path', 'copy operation failed to decode path');
    const place = this.#open(path);
    if (!place)
      throw rejected(`copy operation does not apply: doc is missing destination path: ${path}: missing value`);
    addTo(place, JSON.parse(text), 'error while adding value during copy');
  }

  #test(operation: Operation): void {
    const path = pathOf(operation, 'path', 'test operation failed to decode path');
    const expected = operation['value'] ?? null;
    let found: unknown = this.#value;
    if (path !== '') {
      const place = this.#open(path);
      if (!place) throw rejected(`test operation does not apply: is missing path: ${path}: missing value`);
      found = readFrom(place, `error in test for path: '${path}'`) ?? null;
    }
    if (!jsonEqual(found, expected)) throw rejected(`testing value ${path} failed: test failed`);
  }

  /** Goes to where a path leads and makes all containers on the way this document's own. */
  #open(path: string): Place | undefined {
    const keys = path.split('/').slice(1).map(unescapeKey);
    const key = keys.pop();
    const root = this.#owned(this.#value);
    if (key === undefined || !root) return undefined;
    this.#value = root;
    let container = root;
    for (const step of keys) {
      const index = Array.isArray(container) ? indexOf(step, container.length) : step;
      if (typeof index === 'object') return undefined; // No index at all.
      const inner = this.#owned(Object.hasOwn(container, index) ? (container as Record<string, unknown>)[index] : null);
      if (!inner) return undefined;
      if (typeof index === 'number') (container as unknown[])[index] = inner;
      else setKey(container as Record<string, unknown>, index, inner);
      container = inner;
    }
    return { container, key };
  }

  #owned(value: unknown): Container | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    if (this.#own.has(value as Container)) return value as Container;
    const copy: Container = Array.isArray(value) ? [...value] : { ...value };
    this.#own.add(copy);
    return copy;
  }
}

function pathOf(operation: Operation, name: 'path' | 'from', failure: string): string {
  const path = operation[name];
  if (typeof path !== 'string') throw rejected(`${failure}: missing value`);
  return path;
}

function readFrom({ container, key }: Place, failure: string): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  return container[validIndex(key, container.length, failure)];
}

function addTo({ container, key }: Place, value: unknown, failure: string): void {
  if (!Array.isArray(container)) setKey(container, key, value);
  else if (key === '-') container.push(value);
  else {
    const isNumber = INDEX.test(key);
    const why = isNumber ? failure : `${failure}: value was not a proper array index: '${key}'`;
    container.splice(validIndex(key, container.length + 1, why), 0, value);
  }
}

function removeFrom({ container, key }: Place, failure: string): void {
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) {
      throw rejected(`${failure}: Unable to remove nonexistent key: ${key}: missing value`);
    }
    delete container[key];
    return;
  }
  container.splice(validIndex(key, container.length, failure), 1);
}

/** An index below `size`, from the end where it is negative. */
function indexOf(key: string, size: number): number | { readonly fault: string } {
  if (!INDEX.test(key)) return { fault: `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax` };
  const index = Number(key);
  if (index >= size || index < -size) {
    return { fault: `Unable to access invalid index: ${index}: invalid index referenced` };
  }
  return index < 0 ? index + size : index;
}

function validIndex(key: string, size: number, failure: string): number {
  const index = indexOf(key, size);
  if (typeof index === 'number') return index;
  throw rejected(`${failure}: ${index.fault}`);
}

function unescapeKey(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equality of JSON values: keys in any order, nothing left out. */
function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]))
  );
}
