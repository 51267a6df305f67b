// What a client writes down as the server reads it: decoded and defaulted, not yet admitted or validated. For those who
// hold an object that has not been through the server: tests, simulated nodes, tools that work without a cluster.

import { decodeObject } from './decode-object.ts';
import { applyDefaults } from './defaults.ts';
import type { InputOf, Kind, ObjectOf } from './kind.ts';
import type { Draft } from './schema.ts';

/** Throws BadRequest for what does not decode. The server's own metadata (uid, resourceVersion, …) is not there. */
export function readInput<K extends Kind>(kind: K, input: InputOf<K>): Draft<ObjectOf<K>> {
  const draft = decodeObject(kind, input);
  applyDefaults(kind.schema, draft);
  kind.defaults?.(draft as never);
  return draft as unknown as Draft<ObjectOf<K>>;
}
