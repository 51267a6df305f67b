// What is written to a cluster, whoever writes it.

import { KINDS } from '../src/api/catalog.ts';
import { Namespace } from '../src/api/core/namespace.ts';
import type { Kind } from '../src/api/kind.ts';
import type { Client } from '../src/client/client.ts';

export interface Writes {
  /** By how much the store's revision has risen: every write takes one. */
  readonly total: number;
  /** As watches of everything tell. */
  readonly byResource: Readonly<Record<string, number>>;
}

export async function countWrites(client: Client, durationMs: number): Promise<Writes> {
  const byResource: Record<string, number> = {};
  const revision = async () => Number((await client.list(Namespace, { limit: 1 })).metadata.resourceVersion);
  const before = await revision();
  const signal = AbortSignal.timeout(durationMs);
  const follow = async (kind: Kind) => {
    try {
      for await (const batch of client.watch(kind, { resourceVersion: String(before), signal }))
        byResource[kind.plural] = (byResource[kind.plural] ?? 0) + batch.length;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  await Promise.all(KINDS.filter(({ verbs }) => verbs.includes('watch')).map(follow));
  return { total: (await revision()) - before, byResource };
}
