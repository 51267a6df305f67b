// A cluster for tests of daemon sets: one set `daemon-set` and three nodes, of whose pods the test says which are ready.

import { ControllerRevision } from '../../src/api/apps/controller-revision.ts';
import { DaemonSet } from '../../src/api/apps/daemon-set.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { isPodReady } from '../../src/controllers/pod-state.ts';
import { controlledCluster } from './controlled-cluster.ts';

export const NAMESPACE = 'default';
export const REF = { namespace: NAMESPACE, name: 'daemon-set' };
export const NODES: readonly string[] = ['node-1', 'node-2', 'node-3'];
export const LABEL = 'daemonset-name=daemon-set';
const LABELS = { 'daemonset-name': 'daemon-set' };

export async function daemonCluster() {
  const cluster = await controlledCluster();
  const { admin, until, tendPods, addNode } = cluster;
  for (const name of NODES) await addNode(name);
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const get = () => admin.get(DaemonSet, REF);
  const change = (body: unknown) => admin.patch(DaemonSet, REF, { type: 'strategic', body });
  const changeNode = (name: string, body: unknown) => admin.patch(Node, { name }, { type: 'merge', body });
  const pods = async () => (await admin.list(Pod, { namespace: NAMESPACE, labelSelector: LABEL })).items;
  /** Pods of an image with `broken` in its name never become ready. */
  const tend = () => tendPods({ ready: (pod) => !pod.spec.containers[0]?.image?.includes('broken') });
  /** Tends pods until there is exactly one ready pod of the image on each of the nodes, and none elsewhere. */
  const runningOn = (nodes: readonly string[], image = 'v1') =>
    until(`pods of ${image} on ${nodes.join()}`, async () => {
      await tend();
      const all = await pods();
      const ready = all.filter((pod) => isPodReady(pod) && pod.spec.containers[0]?.image === image);
      const names = ready.map(({ spec }) => spec.nodeName).sort();
      const { status, metadata } = await get();
      const isObserved = status.observedGeneration === metadata.generation && status.numberReady === nodes.length;
      return isObserved && all.length === nodes.length && names.join() === [...nodes].sort().join();
    });
  const histories = async () => {
    const { items } = await admin.list(ControllerRevision, { namespace: NAMESPACE, labelSelector: LABEL });
    return [...items].sort((a, b) => a.revision - b.revision);
  };
  return { ...cluster, cluster, get, change, changeNode, pods, tend, runningOn, histories };
}

export type Spec = Partial<NonNullable<InputOf<typeof DaemonSet>['spec']>>;

export function daemonSet(spec: Spec = {}, podSpec: object = {}): InputOf<typeof DaemonSet> {
  return {
    metadata: { ...REF, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: 'v1' }], ...podSpec },
      },
      ...spec,
    },
  };
}

/** A change of the image of the pods. */
export const withImage = (image: string) => ({
  spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
});

/** The hash that each pod carries. */
export const hashesOf = (pods: readonly Pod[]) =>
  pods.map(({ metadata }) => metadata.labels?.['controller-revision-hash']);
