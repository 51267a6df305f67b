// A controlled cluster with two nodes whose pods the test tends while it waits, and what tests of workloads ask it for.

import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import type { Kind, ObjectOf } from '../../src/api/kind.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { type Client, type ObjectRef, pathOf, type WatchOptions } from '../../src/client/client.ts';
import { controllerOf } from '../../src/controllers/owner-reference.ts';
import { isPodReady } from '../../src/controllers/pod-state.ts';
import { type ControlledCluster, controlledCluster } from './controlled-cluster.ts';

export const NAMESPACE = 'default';
export const NODES = ['node-1', 'node-22'] as const;

export interface Scale {
  readonly metadata: object;
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number };
}

export interface WorkloadCluster extends ControlledCluster {
  /** Waits while pods become ready and those being deleted go. */
  settles(what: string, predicate: () => Promise<boolean>): Promise<void>;
  pods(labels?: Readonly<Record<string, string>>): Promise<readonly Pod[]>;
  /** Whether so many pods have these labels, and all of them are ready. */
  running(count: number, labels?: Readonly<Record<string, string>>): Promise<void>;
  getScale(kind: Kind, name: string): Promise<Scale>;
  putScale(kind: Kind, name: string, scale: unknown): Promise<Scale>;
}

export async function workloadCluster(): Promise<WorkloadCluster> {
  const cluster = await controlledCluster();
  const { admin, until, tendPods } = cluster;
  for (const name of NODES) await cluster.addNode(name);
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const settles: WorkloadCluster['settles'] = (what, predicate) =>
    until(what, async () => {
      await tendPods();
      return predicate();
    });
  const pods: WorkloadCluster['pods'] = async (labels = {}) => {
    const labelSelector = Object.entries(labels)
      .map((pair) => pair.join('='))
      .join();
    return (await admin.list(Pod, { namespace: NAMESPACE, labelSelector })).items;
  };
  const scalePath = (kind: Kind, name: string) => pathOf(kind, { namespace: NAMESPACE, name }, 'scale');
  return {
    ...cluster,
    settles,
    pods,
    running: (count, labels) =>
      settles(`${count} running pods`, async () => {
        const all = await pods(labels);
        return all.length === count && all.every(isPodReady);
      }),
    getScale: async (kind, name) => (await admin.request('GET', scalePath(kind, name))) as Scale,
    putScale: async (kind, name, body) => (await admin.request('PUT', scalePath(kind, name), { body })) as Scale,
  };
}

/** Makes a node of the cluster run the pods of a template. */
export function podTemplate(labels: Readonly<Record<string, string>>, image = 'httpd') {
  return { metadata: { labels }, spec: { nodeName: NODES[0], containers: [{ name: 'main', image }] } };
}

export function isOwnedBy(pod: Pod, { metadata }: { readonly metadata: { readonly uid: string } }): boolean {
  return controllerOf(pod)?.uid === metadata.uid;
}

export async function hasGone(client: Client, kind: Kind, ref: ObjectRef): Promise<boolean> {
  try {
    await client.get(kind, ref);
    return false;
  } catch (error) {
    return isStatusError(error, 'NotFound');
  }
}

export interface Recorded<Object> extends AsyncDisposable {
  readonly events: readonly { readonly type: string; readonly object: Object }[];
}

/** Everything that a watch tells, until it is closed. */
export function record<K extends Kind>(client: Client, kind: K, options: WatchOptions): Recorded<ObjectOf<K>> {
  const stop = new AbortController();
  const events: { readonly type: string; readonly object: ObjectOf<K> }[] = [];
  const watching = (async () => {
    for await (const batch of client.watch(kind, { ...options, signal: stop.signal })) {
      for (const { type, object } of batch)
        if (type !== 'BOOKMARK') events.push({ type, object: object as ObjectOf<K> });
    }
  })().catch(() => {}); // It ends by being aborted.
  return {
    events,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}
