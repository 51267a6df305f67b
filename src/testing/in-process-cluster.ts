// A cluster in this process: lets its time pass, and knows when it has settled. What it is made of is start-cluster.ts's.

import type { Kind, ObjectOf } from '../api/kind.ts';
import { isStatusError } from '../api/status-error.ts';
import { startHttpsServer } from '../apiserver/http/https-server.ts';
import { type FakeClock, sleep, systemClock } from '../base/clock.ts';
import type { Logger, LogRecord } from '../base/log.ts';
import { settled } from '../base/under-way.ts';
import type { Client, ObjectRef } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import { keyOf } from '../client/object-key.ts';
import type { Transport } from '../client/transport.ts';
import type { ControlPlaneCore } from '../cluster/control-plane-core.ts';
import { kubeconfigText } from '../cluster/kubeconfig-file.ts';
import type { SimulatedNodes } from '../kubelet/simulated/simulated-nodes.ts';
import { type ApplyOptions, applyManifests, type Manifests } from './apply-manifests.ts';
import type { ClusterAuthorities } from './cluster-authorities.ts';
import { type Duration, durationMs } from './duration.ts';
import {
  ADMIN,
  type Identity,
  type Served,
  type TestCluster,
  type TestNodes,
  userOf,
  type WaitOptions,
} from './test-cluster.ts';

export interface InProcessClusterParts {
  readonly clock: FakeClock;
  readonly log: Logger;
  readonly core: ControlPlaneCore;
  readonly nodes: SimulatedNodes;
  readonly certificates: ClusterAuthorities;
  readonly complaints: readonly LogRecord[];
  /** Closes all of it. */
  readonly owned: AsyncDisposableStack;
}

const USER_AGENT = 'test';
const PATIENCE: Duration = { minutes: 10 };
/** How often somebody outside is given the time that has passed meanwhile. */
const OUTSIDE_STEP_MS = 5;
const CLOSING_GRACE_MS = 1000;
/** Complaints that a failure quotes: the last ones. */
const QUOTED_COMPLAINTS = 5;

export class InProcessCluster implements TestCluster {
  readonly client: Client;
  readonly nodes: TestNodes;
  readonly complaints: readonly LogRecord[];
  readonly #parts: InProcessClusterParts;
  #served: Promise<Served> | undefined;
  /** Whoever turns the clock last; the next one waits for it. */
  #turning: Promise<unknown> = Promise.resolve();

  constructor(parts: InProcessClusterParts) {
    this.#parts = parts;
    this.client = parts.core.clientFor(ADMIN, USER_AGENT);
    this.complaints = parts.complaints;
    const { nodes } = parts;
    this.nodes = {
      names: nodes.names,
      async stop(name) {
        await nodes.stop(name);
        await settled();
      },
      async start(name) {
        nodes.start(name);
        await settled();
      },
    };
  }

  get clock(): FakeClock {
    return this.#parts.clock;
  }

  async apply(manifests: Manifests, options: ApplyOptions = {}) {
    const applied = await applyManifests(this, manifests, options);
    await settled();
    return applied;
  }

  advance(by: Duration): Promise<void> {
    const byMs = durationMs(by);
    return this.#inTurn(async () => {
      await this.clock.advance(byMs);
    });
  }

  async until<K extends Kind>(
    kind: K,
    ref: ObjectRef,
    isAsWanted: (object: ObjectOf<K>) => boolean,
    options: WaitOptions = {},
  ): Promise<ObjectOf<K>> {
    const isWanted = (seen: ObjectOf<K> | undefined): seen is ObjectOf<K> => seen !== undefined && isAsWanted(seen);
    return this.#see(kind, ref, isWanted, options);
  }

  async untilGone(kind: Kind, ref: ObjectRef, options: WaitOptions = {}): Promise<void> {
    await this.#see(kind, ref, (seen): seen is undefined => seen === undefined, options);
  }

  untilTrue(isTrue: () => boolean | Promise<boolean>, options: WaitOptions = {}): Promise<void> {
    return this.#pass(isTrue, () => `not true: ${isTrue}`, options);
  }

  clientFor(identity: Identity): Client {
    const { core, clock } = this.#parts;
    if (!('token' in identity)) return core.clientFor(userOf(identity), USER_AGENT);
    const credentials = { authorization: `Bearer ${identity.token}`, certificate: undefined };
    const transport: Transport = {
      send: (request) => core.apiServer.handle(request, { type: 'credentials', credentials }),
      async [Symbol.asyncDispose]() {},
    };
    return createClient(transport, { userAgent: USER_AGENT, clock });
  }

  listen({ port = 0 }: { readonly port?: number } = {}): Promise<Served> {
    this.#served ??= this.#serve(port);
    return this.#served;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served?.catch(() => {}); // Whoever asked for it has heard of it.
    await this.#parts.owned.disposeAsync();
  }

  /** Connections keep the machine's time. */
  async #serve(port: number): Promise<Served> {
    const { core, certificates, log, owned } = this.#parts;
    const { certificate: cert, key } = certificates.issueServer();
    const { certificate: clientCa } = certificates.ca;
    const server = await startHttpsServer(
      { apiServer: core.apiServer, clock: systemClock, log, metrics: core.metrics },
      { host: '127.0.0.1', port, certificate: { cert, key }, clientCa, graceMs: CLOSING_GRACE_MS },
    );
    owned.use(server);
    owned.defer(() => core.apiServer.endWatches());
    const url = `https://127.0.0.1:${server.address.port}`;
    const entry = { name: 'test', server: url, certificateAuthority: clientCa, client: certificates.issueAdmin() };
    return { url, kubeconfig: kubeconfigText(entry) };
  }

  async #see<K extends Kind, Wanted extends ObjectOf<K> | undefined>(
    kind: K,
    ref: ObjectRef,
    isWanted: (seen: ObjectOf<K> | undefined) => seen is Wanted,
    options: WaitOptions,
  ): Promise<Wanted> {
    let seen: ObjectOf<K> | undefined;
    const isTrue = async () => {
      seen = await getIfThere(this.client, kind, ref);
      return isWanted(seen);
    };
    const describe = () => `${kind.kind} ${keyOf(ref)} is ${seen ? JSON.stringify(seen) : 'not there'}`;
    await this.#pass(isTrue, describe, options);
    return seen as Wanted;
  }

  #pass(isTrue: () => boolean | Promise<boolean>, describe: () => string, options: WaitOptions): Promise<void> {
    const limitMs = durationMs(options.within ?? PATIENCE);
    return this.#inTurn(async () => {
      const deadlineMs = this.clock.now() + limitMs;
      for (let isOver = false; ; isOver = !(await this.#step(deadlineMs))) {
        await settled();
        if (await isTrue()) return;
        if (isOver)
          throw new Error(`not within ${limitMs / 1000} s of the cluster’s time: ${describe()}${this.#quoted()}`);
      }
    });
  }

  /** Whether anything can still happen before the deadline. */
  async #step(deadlineMs: number): Promise<boolean> {
    const { clock } = this;
    if (!this.#served) return clock.advanceToNext(deadlineMs);
    const sinceMs = systemClock.elapsed();
    await sleep(systemClock, OUTSIDE_STEP_MS);
    await clock.advance(Math.min(systemClock.elapsed() - sinceMs, deadlineMs - clock.now()));
    return clock.now() < deadlineMs;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turning.then(run);
    this.#turning = turn.catch(() => {}); // Its caller hears of it.
    return turn;
  }

  #quoted(): string {
    const lines = this.complaints
      .slice(-QUOTED_COMPLAINTS)
      .map(({ message, fields }) => `\n  ${message}: ${fields['key'] ?? ''} ${fields['error'] ?? ''}`);
    return lines.join('');
  }
}

async function getIfThere<K extends Kind>(client: Client, kind: K, ref: ObjectRef): Promise<ObjectOf<K> | undefined> {
  try {
    return await client.get(kind, ref);
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}
