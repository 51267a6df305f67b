// Keeps another component alive: waits for its socket to close, and starts it again for as long as the cluster is meant to
// be up. Components guard each other (the control plane its node agents, the first of them the control plane), so that
// the death of any one process heals without a supervisor that could itself die.

import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { readDesired } from './cluster-config.ts';
import { type ComponentName, componentGone, componentPid, startComponent } from './component.ts';

/** A component that lived at least this long is started again at once. */
const STABLE_MS = 10_000;
const LONGEST_WAIT_MS = 10_000;
/** How long a process may take from its start until it listens. */
const STARTING_MS = 200;

/** Guards until the signal aborts; resolves then. A component that keeps dying is started at growing intervals. */
export async function guard(
  { dataDir, clock, log, signal }: { dataDir: string; clock: Clock; log: Logger; signal: AbortSignal },
  name: ComponentName,
): Promise<void> {
  let waitMs = STARTING_MS;
  while (!signal.aborted) {
    const since = clock.now();
    try {
      await componentGone(dataDir, name, signal);
      if (componentPid(dataDir, name) === undefined && readDesired(dataDir) === 'up') {
        log.warn('a component has ended; starting it again', { component: name });
        startComponent(dataDir, name);
      }
      waitMs = clock.now() - since >= STABLE_MS ? STARTING_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
      await sleep(clock, waitMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.error('guarding a component failed', { component: name, error });
      await sleep(clock, LONGEST_WAIT_MS, signal);
    }
  }
}
