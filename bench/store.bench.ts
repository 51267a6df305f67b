// How many durable writes does the store take, how long does one wait, and how much of the main loop does it cost?
//
// Every change of the cluster is one such write, and the API server shares the main loop with the store: what the store
// burns there nobody else has. Compares the memory store (no disk: the cost of deciding, indexing and telling watches)
// with the SQLite store (fsync before every acknowledgement) in one run: 100 concurrent writers of 2 KB, creating and
// updating, one watch over everything.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { silentLogger } from '../src/base/log.ts';
import { createMemoryStore } from '../src/store/memory.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { prefixRange, type Store } from '../src/store/store.ts';
import { percentile, report, rounded } from './report.ts';

const WRITERS = 100;
const VALUE_BYTES = 2048;
const RUN_MS = 3000;
const HISTORY = 20_000;

type Load = 'create' | 'update';

await run();

async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 't8s-bench-'));
  try {
    for (const load of ['create', 'update'] as const) {
      await measure('memory', load, async () => createMemoryStore());
      const path = join(directory, `${load}.db`);
      await measure('sqlite', load, () => openSqliteStore({ path, log: silentLogger }));
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function measure(backend: string, load: Load, open: () => Promise<Store>): Promise<void> {
  await using store = await open();
  let told = 0;
  using _ = store.watch(prefixRange('/'), 0, {
    events: (batch) => {
      told += batch.length;
    },
    closed: () => {},
  });
  await writeFor(store, load, 500); // Warms up.
  const before = performance.eventLoopUtilization();
  const { waits, elapsedMs } = await writeFor(store, load, RUN_MS);
  const busy = performance.eventLoopUtilization(before).utilization;
  if (told !== (await store.currentRevision())) throw new Error('the watch missed events');
  const measure = `${load}s in ${backend}, ${WRITERS} writers of ${VALUE_BYTES} bytes`;
  report(
    'store',
    { measure, value: (waits.length / elapsedMs) * 1000, unit: 'writes/s' },
    {
      p50Ms: rounded(percentile(waits, 0.5)),
      p99Ms: rounded(percentile(waits, 0.99)),
      maxMs: rounded(percentile(waits, 1)),
      mainLoopBusyShare: rounded(busy),
    },
  );
}

/** Every writer has its own keys and writes the next one as soon as the last is acknowledged. */
async function writeFor(
  store: Store,
  load: Load,
  durationMs: number,
): Promise<{ waits: Float64Array; elapsedMs: number }> {
  const waits: number[] = [];
  const start = performance.now();
  const base = await store.currentRevision();
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return { waits: Float64Array.from(waits), elapsedMs: performance.now() - start };

  async function write(writer: number): Promise<void> {
    const revisions = new Map<string, number>();
    for (let i = 0; performance.now() - start < durationMs; i++) {
      const key = `/registry/core/pods/namespace-${writer}/pod-${base}-${load === 'create' ? i : i % 100}-x7k2p`;
      const value = new Uint8Array(VALUE_BYTES).fill(i);
      const sentAt = performance.now();
      const result = await store.put(key, value, revisions.get(key) ?? 0);
      waits.push(performance.now() - sentAt);
      if (!result.ok) throw new Error(`${key} was written by somebody else`);
      if (load === 'update') revisions.set(key, result.revision);
      if (result.revision % 1000 === 0) await store.compact(Math.max(0, result.revision - HISTORY));
      // The memory store never waits: without this its writers would not take turns with the loop.
      if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
