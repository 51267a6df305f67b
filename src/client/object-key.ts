// Keys of objects within their kind: `namespace/name`, or `name` where the kind has no namespaces. Queues and caches use
// them; names hold no slash.

import type { ObjectRef } from './client.ts';

export type ObjectKey = string;

export function keyOf({ namespace, name }: ObjectRef): ObjectKey {
  return namespace ? `${namespace}/${name}` : name;
}
