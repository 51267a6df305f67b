// Changes of objects that others write to as well, and the wait for their end.

import type { InputOf, Kind, ObjectOf } from '../../../src/api/kind.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import type { Client, ObjectRef } from '../../../src/client/client.ts';
import { until } from '../../support/node-pods.ts';

/** Replaces what is there by what becomes of it, again when somebody else was faster. */
export function updateObject<K extends Kind>(
  client: Client,
  kind: K,
  ref: ObjectRef,
  change: (object: ObjectOf<K>) => InputOf<K>,
): Promise<ObjectOf<K>> {
  return until(`the ${kind.kind} ${ref.name} is replaced`, async () => {
    return client.update(kind, change(await client.get(kind, ref))).catch(unlessConflict);
  });
}

/** For objects that are read and written in one go: whoever was slower looks again. */
export function unlessConflict(error: unknown): undefined {
  if (!isStatusError(error, 'Conflict')) throw error;
}

export async function whenGone(client: Client, kind: Kind, ref: ObjectRef): Promise<void> {
  await until(`the ${kind.kind} ${ref.name} is gone`, () =>
    client.get(kind, ref).then(
      () => false,
      (error) => isStatusError(error, 'NotFound'),
    ),
  );
}
