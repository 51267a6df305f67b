// Writes objects for as long as it is let, and remembers which the API has acknowledged: those must never be lost.

import { ConfigMap } from '../../src/api/core/config-map.ts';
import { systemClock } from '../../src/base/clock.ts';
import { readClusterConfig } from '../../src/cluster/cluster-config.ts';
import { adminClient } from '../../src/cluster/component-client.ts';

/** Disposing ends the writing as well. */
export interface AcknowledgedWriter extends AsyncDisposable {
  /** Ends the writing; resolves to the acknowledged names that are missing, and how many were acknowledged. */
  finish(): Promise<{ readonly missing: readonly string[]; readonly acknowledged: number }>;
}

const WRITERS = 4;

export async function startAcknowledgedWriter(dataDir: string): Promise<AcknowledgedWriter> {
  const config = readClusterConfig(dataDir);
  if (!config) throw new Error(`there is no cluster in ${dataDir}`);
  const client = await adminClient(config, systemClock);
  const acknowledged: string[] = [];
  let ended = false;
  const write = async (writer: number) => {
    for (let count = 0; !ended; count++) {
      const name = `acknowledged-${writer}-${count}`;
      try {
        await client.create(
          ConfigMap,
          { metadata: { name, namespace: 'default' } },
          { signal: AbortSignal.timeout(2_000) },
        );
        acknowledged.push(name);
      } catch {
        // Not acknowledged: it may be there or not, nobody was promised anything.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  const writing = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  const end = async () => {
    ended = true;
    await Promise.all(writing);
  };
  return {
    async [Symbol.asyncDispose]() {
      await end();
      await client[Symbol.asyncDispose]();
    },
    async finish() {
      await end();
      const { items } = await client.list(ConfigMap, { namespace: 'default' });
      const names = new Set(items.map(({ metadata }) => metadata.name));
      return { missing: acknowledged.filter((name) => !names.has(name)), acknowledged: acknowledged.length };
    },
  };
}
