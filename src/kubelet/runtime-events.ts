// Tells of pods whose containers or sandboxes have changed. Processes that end are told by the runtime itself where it can;
// its lists are then compared until they show it. Where it cannot, and now and then, the lists are compared anyway.
// Upstream: pkg/kubelet/pleg.

import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type Cri, CriError } from '../cri/cri.ts';
import { POD_UID_LABEL } from './sandbox-config.ts';

export interface RuntimeEventsDeps {
  readonly cri: Pick<Cri, 'listPodSandbox' | 'listContainers' | 'getTaskExits' | 'getContainerEvents'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether there is anything to look for: a node without pods is not polled. */
  readonly watching: () => boolean;
}

/** How often the lists are compared where the runtime tells nothing, and where it does. */
const RELIST_MS = 1_000;
const SAFETY_MS = 60_000;
const RETRY_MS = 1_000;
/** The runtime's lists show an end a moment after it has told it: they are compared ever less often, and not for ever. */
const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 2_000;

type Sign = AsyncIterable<string>;

/** Calls with the uid of every pod that has changed, until the signal aborts; resolves then. */
export async function followRuntime(
  deps: RuntimeEventsDeps,
  changed: (uid: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const lists = new RuntimeLists(deps, changed);
  const sources = [taskExits, containerStops];
  while (!signal.aborted) {
    const [source] = sources;
    const round = new AbortController();
    const within = AbortSignal.any([signal, round.signal]);
    try {
      const told = source && readSigns(source(deps.cri, within), lists);
      // Both end by failing alone; the one that is left is ended with the round.
      await Promise.all([told, keepComparing(deps, lists, told ? SAFETY_MS : RELIST_MS, within)]);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CriError && error.code === 'UNIMPLEMENTED') {
        sources.shift();
        continue;
      }
      deps.log.warn('the container runtime cannot be followed', { error });
    } finally {
      round.abort(new Error('the runtime is followed anew'));
    }
    await sleep(deps.clock, RETRY_MS, signal).catch(() => {}); // Aborted: the loop ends.
  }
}

function taskExits(cri: RuntimeEventsDeps['cri'], signal: AbortSignal): Sign {
  return cri.getTaskExits({ signal });
}

async function* containerStops(cri: RuntimeEventsDeps['cri'], signal: AbortSignal): Sign {
  for await (const { containerId, containerEventType } of cri.getContainerEvents({ signal })) {
    if (containerEventType === 'CONTAINER_STOPPED_EVENT') yield containerId;
  }
}

async function readSigns(signs: Sign, lists: RuntimeLists): Promise<void> {
  for await (const id of signs) lists.expect(id);
  throw new Error('the container runtime tells nothing any more');
}

/** Compares at once, a little later (what ended while the signs were asked for), then when an end is to show, or rarely. */
async function keepComparing(
  { clock, watching }: RuntimeEventsDeps,
  lists: RuntimeLists,
  everyMs: number,
  signal: AbortSignal,
): Promise<never> {
  for (let waitMs = 0, looks = 0; ; looks++) {
    await lists.wait(clock, waitMs, signal);
    if (watching() || lists.isExpecting) await lists.compare(signal);
    waitMs = lists.isExpecting ? lists.nextLookMs() : looks === 0 ? RELIST_MS : everyMs;
  }
}

/** What the runtime listed last, and whose end it has told but not listed yet. */
class RuntimeLists {
  readonly #deps: RuntimeEventsDeps;
  readonly #changed: (uid: string) => void;
  /** State and pod of each container and sandbox. */
  #states: ReadonlyMap<string, { readonly state: string; readonly uid: string }> = new Map();
  /** When the end of each was told. */
  readonly #expected = new Map<string, number>();
  #wake: (() => void) | undefined;

  constructor(deps: RuntimeEventsDeps, changed: (uid: string) => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  get isExpecting(): boolean {
    return this.#expected.size > 0;
  }

  /** The process of the container, or of the sandbox, has ended. */
  expect(id: string): void {
    this.#expected.set(id, this.#deps.clock.elapsed());
    this.#wake?.();
  }

  /** Until the time is over or another end is expected. Rejects with the signal's reason. */
  async wait(clock: Clock, waitMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(clock, waitMs, AbortSignal.any([signal, woken.signal])).catch(() => signal.throwIfAborted());
  }

  /** Grows with the time that the youngest of the expected has been waited for. */
  nextLookMs(): number {
    const youngest = this.#deps.clock.elapsed() - Math.max(...this.#expected.values());
    return Math.max(FIRST_LOOK_MS, youngest);
  }

  /** Tells of every pod of which something has come, gone or changed its state since the last time. */
  async compare(signal: AbortSignal): Promise<void> {
    const { cri, clock } = this.#deps;
    const [{ items }, { containers }] = await Promise.all([
      cri.listPodSandbox({}, { signal }),
      cri.listContainers({}, { signal }),
    ]);
    const before = this.#states;
    const now = new Map(
      [...items, ...containers].map(({ id, state, labels }) => [id, { state, uid: labels[POD_UID_LABEL] ?? '' }]),
    );
    this.#states = now;
    const different = new Set<string>();
    for (const [id, { state, uid }] of now) if (before.get(id)?.state !== state) different.add(uid);
    for (const [id, { uid }] of before) if (!now.has(id)) different.add(uid);
    for (const [id, since] of this.#expected) {
      const state = now.get(id)?.state;
      const isAlive = state === 'CONTAINER_RUNNING' || state === 'SANDBOX_READY';
      if (!isAlive || clock.elapsed() - since > LAST_LOOK_MS) this.#expected.delete(id);
    }
    different.delete('');
    for (const uid of different) this.#changed(uid);
  }
}
