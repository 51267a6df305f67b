// Tells of pods whose containers or sandboxes have changed. The runtime says so itself where it can (CRI's
// GetContainerEvents); where it cannot, its lists are compared once a second. Upstream: pkg/kubelet/pleg.

import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type Cri, CriError } from '../cri/cri.ts';
import { POD_UID_LABEL } from './sandbox-config.ts';

const RELIST_MS = 1_000;
const RETRY_MS = 1_000;

export interface RuntimeEventsDeps {
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether there is anything to look for: a node without pods is not polled. */
  readonly watching: () => boolean;
}

/** Calls with the uid of every pod that has changed, until the signal aborts; resolves then. */
export async function followRuntime(
  deps: RuntimeEventsDeps,
  changed: (uid: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let canTell = true;
  const states = new Map<string, string>();
  while (!signal.aborted) {
    try {
      // After a gap, and where there are no events at all, the difference between two lists tells what happened.
      for (const uid of await relist(deps.cri, states, signal)) changed(uid);
      if (canTell) {
        for await (const event of deps.cri.getContainerEvents({ signal })) {
          const uid = event.podSandboxStatus?.labels[POD_UID_LABEL];
          if (uid) changed(uid);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CriError && error.code === 'UNIMPLEMENTED') canTell = false;
      else deps.log.warn('the container runtime cannot be read', { error });
    }
    do {
      await sleep(deps.clock, canTell ? RETRY_MS : RELIST_MS, signal).catch(() => {}); // Aborted: both loops end.
    } while (!signal.aborted && !deps.watching());
  }
}

/** The uids of pods of which something has come, gone or changed its state since the last call. */
async function relist(cri: Cri, states: Map<string, string>, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const [{ items }, { containers }] = await Promise.all([
    cri.listPodSandbox({}, { signal }),
    cri.listContainers({}, { signal }),
  ]);
  const now = new Map<string, string>();
  for (const { id, state, labels } of [...items, ...containers]) now.set(id, `${state}/${labels[POD_UID_LABEL] ?? ''}`);
  const different = new Set<string>();
  const note = (entry: string) => different.add(entry.slice(entry.indexOf('/') + 1));
  for (const [id, entry] of now) if (states.get(id) !== entry) note(entry);
  for (const [id, entry] of states) if (!now.has(id)) note(entry);
  states.clear();
  for (const [id, entry] of now) states.set(id, entry);
  different.delete('');
  return different;
}
