import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { CriError } from '../cri/cri.ts';
import { followRuntime, type RuntimeEventsDeps } from './runtime-events.ts';

type State = 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'SANDBOX_READY' | 'SANDBOX_NOTREADY';

/** A runtime that lists what it is told to, and tells of ends if it can. */
class ListingRuntime {
  readonly clock = new FakeClock();
  readonly states = new Map<string, State>();
  readonly changed: string[] = [];
  lists = 0;
  pods = 1;
  #tell: ((id: string) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(tells: 'tasks' | 'nothing') {
    const unimplemented = async function* (method: 'getTaskExits' | 'getContainerEvents') {
      yield* await Promise.reject<AsyncIterable<never>>(new CriError(method, 'UNIMPLEMENTED', 'unknown service'));
    };
    const cri = {
      listPodSandbox: async () => {
        this.lists++;
        return { items: this.#listed('SANDBOX') };
      },
      listContainers: async () => ({ containers: this.#listed('CONTAINER') }),
      getContainerEvents: () => unimplemented('getContainerEvents'),
      getTaskExits: ({ signal }: { signal: AbortSignal }) =>
        tells === 'tasks' ? this.#exits(signal) : unimplemented('getTaskExits'),
    } as unknown as RuntimeEventsDeps['cri'];
    const deps = { cri, clock: this.clock, log: silentLogger, watching: () => this.pods > 0 };
    this.#running = followRuntime(deps, (uid) => this.changed.push(uid), this.#stop.signal);
  }

  tell(id: string): void {
    this.#tell?.(id);
  }

  breakOff(): void {
    this.#fail?.(new CriError('getTaskExits', 'UNAVAILABLE', 'gone'));
  }

  /** What has been told of since the last time. */
  async after(ms: number): Promise<readonly string[]> {
    await this.clock.advance(ms);
    return this.changed.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #listed(kind: string) {
    const entries = [...this.states].filter(([, state]) => state.startsWith(kind));
    return entries.map(([id, state]) => ({ id, state, labels: { 'io.kubernetes.pod.uid': `pod-${id}` } }));
  }

  async *#exits(signal: AbortSignal): AsyncGenerator<string> {
    for (;;) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      this.#tell = resolve;
      this.#fail = reject;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      yield await promise;
    }
  }
}

describe('followRuntime', () => {
  test('tells of everything at the beginning, then only of what changed', async () => {
    await using runtime = new ListingRuntime('nothing');
    runtime.states.set('a', 'CONTAINER_RUNNING').set('s', 'SANDBOX_READY');
    assert.deepEqual((await runtime.after(100)).toSorted(), ['pod-a', 'pod-s']);
    assert.deepEqual(await runtime.after(5_000), []);
    runtime.states.set('a', 'CONTAINER_EXITED');
    assert.deepEqual(await runtime.after(1_100), ['pod-a']);
    runtime.states.delete('s');
    assert.deepEqual(await runtime.after(1_100), ['pod-s']);
  });

  test('compares once a second where the runtime tells nothing, and not at all on a node without pods', async () => {
    await using runtime = new ListingRuntime('nothing');
    await runtime.after(10_050);
    assert.ok(runtime.lists >= 9 && runtime.lists <= 12, String(runtime.lists));
    runtime.pods = 0;
    const before = runtime.lists;
    await runtime.after(60_000);
    assert.equal(runtime.lists, before);
  });

  test('hardly compares where the runtime tells of ends', async () => {
    await using runtime = new ListingRuntime('tasks');
    runtime.states.set('a', 'CONTAINER_RUNNING');
    await runtime.after(120_000);
    assert.ok(runtime.lists <= 4, String(runtime.lists));
  });

  test('shows an end as soon as the runtime lists it', async () => {
    await using runtime = new ListingRuntime('tasks');
    runtime.states.set('a', 'CONTAINER_RUNNING');
    await runtime.after(5_000);
    runtime.tell('a');
    assert.deepEqual(await runtime.after(100), []);
    runtime.states.set('a', 'CONTAINER_EXITED');
    assert.deepEqual(await runtime.after(200), ['pod-a']);
    const { lists } = runtime;
    assert.deepEqual(await runtime.after(10_000), []);
    assert.equal(runtime.lists, lists);
  });

  test('gives up on an end that never shows', async () => {
    await using runtime = new ListingRuntime('tasks');
    runtime.states.set('a', 'CONTAINER_RUNNING');
    await runtime.after(5_000);
    runtime.tell('a');
    await runtime.after(5_000);
    const { lists } = runtime;
    await runtime.after(20_000);
    assert.equal(runtime.lists, lists);
    assert.ok(lists < 25, String(lists));
  });

  test('finds out what happened while the runtime was away', async () => {
    await using runtime = new ListingRuntime('tasks');
    runtime.states.set('a', 'CONTAINER_RUNNING');
    await runtime.after(5_000);
    runtime.states.set('a', 'CONTAINER_EXITED');
    runtime.breakOff();
    assert.deepEqual(await runtime.after(1_500), ['pod-a']);
    runtime.states.set('a', 'CONTAINER_RUNNING');
    runtime.tell('a');
    assert.deepEqual(await runtime.after(50), ['pod-a']);
  });
});
