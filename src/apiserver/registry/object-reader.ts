// What authorization and admission read the cluster's objects through: the API server's own memory, always current with
// what this server has acknowledged.

import type { Kind, ObjectOf } from '../../api/kind.ts';
import type { ObjectRef } from '../../client/client.ts';

export interface ObjectChange<Object> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Object;
}

export interface ObjectReader {
  get<K extends Kind>(kind: K, ref: ObjectRef): ObjectOf<K> | undefined;
  /** Absent namespace: all of them. */
  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[];
  /** Every object that is there now as ADDED, then every change, in order. */
  subscribe<K extends Kind>(kind: K, listener: (change: ObjectChange<ObjectOf<K>>) => void): Disposable;
}
