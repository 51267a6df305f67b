// The pure middle of the scheduler for tests and benchmarks: nodes and pods in a cache, a profile, and one look for a node.

import type { AnyObject, Kind } from '../../src/api/kind.ts';
import { FakeClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import type { InformerFactory } from '../../src/client/informer-factory.ts';
import { Cache } from '../../src/scheduler/cache.ts';
import type { SchedulerProfile } from '../../src/scheduler/configuration.ts';
import { type Finding, NodeFinder } from '../../src/scheduler/find-node.ts';
import { CycleState, type Handle, type PluginRegistry } from '../../src/scheduler/framework.ts';
import { fitMessage } from '../../src/scheduler/node-statuses.ts';
import { Nominations } from '../../src/scheduler/nominations.ts';
import { DEFAULT_REGISTRY } from '../../src/scheduler/plugins/registry.ts';
import type { PodInfo } from '../../src/scheduler/pod-info.ts';
import { Profile } from '../../src/scheduler/profile.ts';
import { Snapshot } from '../../src/scheduler/snapshot.ts';
import { WaitingPods } from '../../src/scheduler/waiting-pods.ts';
import { type NodeShape, node, type PodShape, pod, podInfo } from './scheduling-objects.ts';

export interface CycleShape {
  readonly nodes?: readonly NodeShape[];
  /** Bound already. */
  readonly pods?: readonly PodShape[];
  /** What informers of other kinds show. */
  readonly objects?: readonly AnyObject[];
  readonly profile?: SchedulerProfile;
  readonly random?: Random;
  /** Besides those that come with the scheduler. */
  readonly plugins?: PluginRegistry;
}

export class Cycle {
  readonly clock = new FakeClock();
  readonly cache = new Cache();
  readonly snapshot = new Snapshot();
  readonly nominations = new Nominations();
  readonly handle: Handle;
  readonly profile: Profile;
  readonly #finder: NodeFinder;

  constructor(shape: CycleShape = {}) {
    const random = shape.random ?? seededRandom(1);
    this.#finder = new NodeFinder(random, 0);
    let profile: Profile | undefined;
    this.handle = {
      client: {} as Client,
      clock: this.clock,
      random,
      log: silentLogger,
      informers: listedObjects(shape.objects ?? []),
      events: { event: () => {}, [Symbol.asyncDispose]: async () => {} },
      waitingPods: new WaitingPods(),
      nominatedPods: this.nominations,
      snapshot: () => this.snapshot,
      filterWithNominatedPods: (state, info, on) =>
        profile?.filterWithNominatedPods(profile.filtersFor(state), state, info, on),
      addPod: (state, info, added, on) => profile?.addPod(state, info, added, on),
      removePod: (state, info, removed, on) => profile?.removePod(state, info, removed, on),
      activate: () => {},
      clearNomination: ({ uid }) => this.nominations.delete(uid),
      background: () => {},
      breathe: async () => {},
    };
    profile = new Profile(shape.profile ?? {}, { ...DEFAULT_REGISTRY, ...shape.plugins }, () => this.handle);
    this.profile = profile;
    for (const each of shape.nodes ?? []) this.cache.setNode(node(each));
    for (const each of shape.pods ?? []) this.cache.setPod(pod(each));
  }

  find(info: PodInfo): Finding {
    this.cache.updateSnapshot(this.snapshot);
    return this.#finder.find(this.profile, new CycleState(), info, this.snapshot);
  }

  /** The node that is chosen, or the message of why there is none. */
  outcome(shape: PodShape): string {
    const finding = this.find(podInfo(shape));
    return finding.found ? finding.placement.nodeName : fitMessage(finding.diagnosis);
  }

  /** The weighted sum of scores by node. */
  scores(shape: PodShape): Record<string, number> {
    this.cache.updateSnapshot(this.snapshot);
    const scores = this.profile.score(new CycleState(), podInfo(shape), this.snapshot.nodes);
    return Object.fromEntries(this.snapshot.nodes.map(({ name }, i) => [name, scores[i] ?? 0]));
  }
}

function listedObjects(objects: readonly AnyObject[]): InformerFactory {
  const informer = (kind: Kind) => {
    const list = (namespace?: string) =>
      objects.filter(
        (object) => object.kind === kind.kind && (namespace === undefined || object.metadata.namespace === namespace),
      );
    const get = (ref: { name: string; namespace?: string }) =>
      list(ref.namespace).find(({ metadata }) => metadata.name === ref.name);
    return { list, get };
  };
  return { informer } as unknown as InformerFactory;
}
