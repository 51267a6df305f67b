// Pods that files on this node ask for: each runs as long as its file says so, without the API, and the API is shown a
// mirror of it. A pod whose file has changed ends before its successor begins, for both have the same name.
// Upstream: the static pods of pkg/kubelet/pod_workers.go, and pkg/kubelet/pod for mirrors.

import type { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import { type Client, refOf } from '../../client/client.ts';
import type { Change } from '../../client/object-cache.ts';
import { fullName, isMirror, isMirrorOf, type Manifest, mirrorOf, staticPod, toldToEnd } from './static-pod.ts';

export interface StaticPodsDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of this node: its uid is in its mirrors. */
  readonly node: () => Node | undefined;
  /** What the API has under the name. */
  readonly inApi: (namespace: string, name: string) => Pod | undefined;
  /** Sets the workers to the pod. */
  readonly take: (change: Change<Pod>) => void;
  /** The pod's status is shown by this mirror from now on, or by none. */
  readonly shownBy: (pod: Pod, mirror: Pod | undefined) => void;
}

interface Running {
  readonly pod: Pod;
  readonly ending: boolean;
}

const RETRY = { baseMs: 1_000, maxMs: 60_000 };

export class StaticPods implements AsyncDisposable {
  readonly #deps: StaticPodsDeps;
  readonly #nodeName: string;
  /** By full name, what the files say. */
  #wanted: ReadonlyMap<string, Pod> = new Map();
  /** By full name, what the workers have. */
  readonly #running = new Map<string, Running>();
  /** The names of the pods in the files, by path. */
  readonly #files = new Map<string, string>();
  readonly #mirrors: WorkQueue;

  constructor(deps: StaticPodsDeps, nodeName: string) {
    this.#deps = deps;
    this.#nodeName = nodeName;
    this.#mirrors = new WorkQueue(
      { clock: deps.clock, work: (name, signal) => this.#mirror(name, signal) },
      {
        backoff: RETRY,
        observer: {
          retrying: (pod, error) => deps.log.warn('a static pod could not be shown in the API', { pod, error }),
        },
      },
    );
  }

  /** What there is now. A file that cannot be understood leaves the pod as it was. */
  take(manifests: readonly Manifest[]): void {
    const { clock, log } = this.#deps;
    const wanted = new Map<string, Pod>();
    for (const manifest of manifests) {
      try {
        const pod = staticPod(manifest, { nodeName: this.#nodeName, nowMs: clock.now() });
        const name = fullName(pod);
        const before = this.#wanted.get(name);
        wanted.set(name, before?.metadata.uid === pod.metadata.uid ? before : pod);
        this.#files.set(manifest.file, name);
      } catch (error) {
        log.warn('a manifest is not one of a static pod', { file: manifest.file, error });
        const name = this.#files.get(manifest.file);
        const before = name === undefined ? undefined : this.#wanted.get(name);
        if (name !== undefined && before) wanted.set(name, before);
      }
    }
    const names = new Set([...this.#wanted.keys(), ...wanted.keys()]);
    this.#wanted = wanted;
    const there = new Set(manifests.map(({ file }) => file));
    for (const file of this.#files.keys()) if (!there.has(file)) this.#files.delete(file);
    for (const name of names) this.#settle(name);
  }

  /** Nothing of the pod is left on the node. */
  gone(uid: string): void {
    // Looked up before anything changes: what begins anew may have the same uid.
    const found = [...this.#running].find(([, { pod }]) => pod.metadata.uid === uid);
    if (!found) return;
    const [name] = found;
    this.#running.delete(name);
    this.#settle(name);
  }

  /** What has happened to mirrors in the API. */
  mirrorsChanged(changes: readonly Change<Pod>[]): void {
    for (const { type, object } of changes) {
      const name = fullName(object);
      const running = this.#running.get(name);
      if (running) {
        const shows = type !== 'deleted' && isMirrorOf(object, running.pod);
        this.#deps.shownBy(running.pod, shows ? object : undefined);
      }
      this.#mirrors.add(name);
    }
  }

  get(namespace: string, name: string): Pod | undefined {
    return this.#running.get(`${namespace}/${name}`)?.pod;
  }

  list(): readonly Pod[] {
    return [...this.#running.values()].map(({ pod }) => pod);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#mirrors[Symbol.asyncDispose]();
  }

  #settle(name: string): void {
    const { take, shownBy, clock } = this.#deps;
    const wanted = this.#wanted.get(name);
    const running = this.#running.get(name);
    if (!running && wanted) {
      const mirror = this.#mirrorNamed(name);
      shownBy(wanted, mirror && isMirrorOf(mirror, wanted) ? mirror : undefined);
      this.#running.set(name, { pod: wanted, ending: false });
      take({ type: 'added', object: wanted });
    } else if (running && !running.ending && running.pod.metadata.uid !== wanted?.metadata.uid) {
      const pod = toldToEnd(running.pod, clock.now());
      this.#running.set(name, { pod, ending: true });
      take({ type: 'updated', object: pod, previous: running.pod });
    }
    this.#mirrors.add(name);
  }

  #mirrorNamed(fullName: string): Pod | undefined {
    const [namespace = '', name = ''] = fullName.split('/');
    return this.#deps.inApi(namespace, name);
  }

  /** Makes what the API shows under the name what runs. */
  async #mirror(name: string, signal: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const { client, node } = this.#deps;
    const running = this.#running.get(name);
    const mirror = this.#mirrorNamed(name);
    if (mirror) {
      if (!isMirror(mirror)) throw new Error('the API has a pod of its own under that name');
      if (running && isMirrorOf(mirror, running.pod)) return undefined;
      const preconditions = { uid: mirror.metadata.uid };
      await client.delete(Pod, refOf(mirror), { gracePeriodSeconds: 0, preconditions, signal }).catch(unlessGone);
      return undefined; // That it has gone brings the name here again.
    }
    if (!running || running.ending) return undefined;
    const owner = node();
    if (!owner) return { requeueAfterMs: RETRY.baseMs };
    await client.create(Pod, mirrorOf(running.pod, owner), { signal });
    return undefined;
  }
}

function unlessGone(error: unknown): undefined {
  if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
}
