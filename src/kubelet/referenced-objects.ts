// The ConfigMaps and Secrets that the pods of this node refer to: each is watched by name for as long as a pod needs it, for
// a node may read nothing else. Upstream: the watch-based manager in pkg/kubelet/util/manager.

import { ConfigMap } from '../api/core/config-map.ts';
import type { Pod } from '../api/core/pod.ts';
import { containersOf } from '../api/core/pod-references.ts';
import { Secret } from '../api/core/secret.ts';
import type { Kind, ObjectOf } from '../api/kind.ts';
import { createInformer, type Informer, type InformerDeps } from '../client/informer.ts';

interface Watched {
  readonly informer: Informer<unknown>;
  readonly subscription: Disposable;
  /** Pods by uid. */
  readonly users: Set<string>;
}

/** How long a pod waits for the first answer about an object. */
const FIRST_READ_MS = 10_000;

export class ReferencedObjects implements AsyncDisposable {
  readonly #deps: InformerDeps;
  readonly #changed: (uid: string) => void;
  readonly #watched = new Map<string, Watched>();

  /** `changed` is told of every pod one of whose objects has come, changed or gone. */
  constructor(deps: InformerDeps, changed: (uid: string) => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  /** Watches what the pod refers to, and no longer what only former versions of it did. */
  follow(pod: Pod): void {
    const wanted = referencesOf(pod);
    for (const { kind, name } of wanted) this.#watch(kind, pod.metadata.namespace, name).users.add(pod.metadata.uid);
    const keys = new Set(wanted.map(({ kind, name }) => keyOf(kind, pod.metadata.namespace, name)));
    this.#release(pod.metadata.uid, (key) => !keys.has(key));
  }

  forget(uid: string): void {
    this.#release(uid, () => true);
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#read(ConfigMap, namespace, name);
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#read(Secret, namespace, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#watched.values()];
    this.#watched.clear();
    await Promise.all(all.map(close));
  }

  async #read<K extends Kind>(kind: K, namespace: string, name: string): Promise<ObjectOf<K> | undefined> {
    const { informer } = this.#watch(kind, namespace, name);
    const timeout = new AbortController();
    using _ = this.#deps.clock.after(FIRST_READ_MS, () => timeout.abort(new Error('it was not read in time')));
    await informer.synced(timeout.signal);
    return (informer as Informer<ObjectOf<K>>).get({ namespace, name });
  }

  #watch(kind: Kind, namespace: string, name: string): Watched {
    const key = keyOf(kind, namespace, name);
    const known = this.#watched.get(key);
    if (known) return known;
    const informer = createInformer(this.#deps, kind, { namespace, fieldSelector: `metadata.name=${name}` });
    const users = new Set<string>();
    const subscription = informer.subscribe(() => {
      for (const uid of users) this.#changed(uid);
    });
    const watched = { informer, subscription, users };
    this.#watched.set(key, watched);
    return watched;
  }

  #release(uid: string, which: (key: string) => boolean): void {
    for (const [key, watched] of this.#watched) {
      if (!which(key) || !watched.users.delete(uid) || watched.users.size > 0) continue;
      this.#watched.delete(key);
      void close(watched);
    }
  }
}

async function close({ informer, subscription }: Watched): Promise<void> {
  subscription[Symbol.dispose]();
  await informer[Symbol.asyncDispose]();
}

function keyOf(kind: Kind, namespace: string, name: string): string {
  return `${kind.plural}/${namespace}/${name}`;
}

interface Reference {
  readonly kind: Kind;
  readonly name: string;
}

/** Everything in the spec that names a ConfigMap or a Secret. Exported for its test. */
export function referencesOf(pod: Pod): readonly Reference[] {
  const found: Reference[] = [];
  const add = (kind: Kind, name: string | undefined) => {
    if (name) found.push({ kind, name });
  };
  for (const { configMap, secret, projected } of pod.spec.volumes ?? []) {
    add(ConfigMap, configMap?.name);
    add(Secret, secret?.secretName);
    for (const source of projected?.sources ?? []) {
      add(ConfigMap, source.configMap?.name);
      add(Secret, source.secret?.name);
    }
  }
  for (const { env, envFrom } of containersOf(pod)) {
    for (const { valueFrom } of env ?? []) {
      add(ConfigMap, valueFrom?.configMapKeyRef?.name);
      add(Secret, valueFrom?.secretKeyRef?.name);
    }
    for (const { configMapRef, secretRef } of envFrom ?? []) {
      add(ConfigMap, configMapRef?.name);
      add(Secret, secretRef?.name);
    }
  }
  return found;
}
