// Keeps the agents of a cluster's nodes alive, of those too that are added while it runs: `t8s node add` and `t8s node
// remove` change the cluster's file, which is watched here.

import { watch } from 'node:fs';
import { basename } from 'node:path';
import { aborted } from '../base/aborted.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { clusterPaths, readClusterConfig } from './cluster-config.ts';
import { type ComponentName, nodeComponent } from './component.ts';
import { guard } from './guard.ts';

export interface GuardNodesDeps {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Guards until the signal aborts; resolves then. */
export async function guardNodes(deps: GuardNodesDeps): Promise<void> {
  const { dataDir, log, signal } = deps;
  const guarded = new Map<ComponentName, AbortController>();
  const running = new Set<Promise<void>>();
  const start = (name: ComponentName) => {
    const stopping = new AbortController();
    guarded.set(name, stopping);
    const guarding = guard({ ...deps, signal: AbortSignal.any([signal, stopping.signal]) }, name);
    running.add(guarding);
    void guarding.finally(() => running.delete(guarding));
  };
  const follow = () => {
    const config = readClusterConfig(dataDir);
    if (!config) return; // The cluster is being deleted.
    const wanted = new Set(config.nodes.map(({ name }) => nodeComponent(name)));
    for (const [name, stopping] of guarded) {
      if (wanted.has(name)) continue;
      stopping.abort();
      guarded.delete(name);
    }
    for (const name of wanted) if (!guarded.has(name)) start(name);
  };
  const file = basename(clusterPaths(dataDir).config);
  // The directory, for the file is replaced as a whole.
  const watcher = watch(dataDir, { persistent: false }, (_event, changed) => {
    try {
      if (changed === file) follow();
    } catch (error) {
      log.error('a change of the cluster could not be followed', { error });
    }
  });
  watcher.on('error', (error) => log.error('changes of the cluster are not seen any more', { error }));
  follow();
  await aborted(signal);
  watcher.close();
  await Promise.all(running);
}
