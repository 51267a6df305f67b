// A cluster for tests of stateful sets: one set `ss` with pods on one node, of which the test says which are ready.

import assert from 'node:assert/strict';
import { StatefulSet } from '../../src/api/apps/stateful-set.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { isPodReady } from '../../src/controllers/pod-state.ts';
import { controlledCluster } from './controlled-cluster.ts';

export const NAMESPACE = 'default';
export const REF = { namespace: NAMESPACE, name: 'ss' };
const LABELS = { foo: 'bar', baz: 'blah' };

export async function statefulCluster() {
  const cluster = await controlledCluster();
  const { admin, until, tendPods, addNode } = cluster;
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const unready = new Set<string>();
  const get = () => admin.get(StatefulSet, REF);
  const change = (body: unknown) => admin.patch(StatefulSet, REF, { type: 'strategic', body });
  const pods = async () => {
    const { items } = await admin.list(Pod, { namespace: NAMESPACE, labelSelector: 'foo=bar' });
    return [...items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  };
  const tend = () => tendPods({ ready: ({ metadata }) => !unready.has(metadata.name) });
  /** Tends pods until there are this many, all of them ready, and the status says so. */
  const running = (count: number) =>
    until(`${count} running`, async () => {
      await tend();
      const { metadata, status } = await get();
      const all = await pods();
      const isObserved = status.observedGeneration === metadata.generation && (status.readyReplicas ?? 0) === count;
      return isObserved && all.length === count && all.every(isPodReady);
    });
  const observed = () =>
    until('the status', async () => {
      const { metadata, status } = await get();
      return status.observedGeneration === metadata.generation;
    });
  /** Makes pods unready and waits until the status says so. */
  const breakPods = async (...names: readonly string[]) => {
    for (const name of names) unready.add(name);
    await tend();
    const ready = (await pods()).filter(isPodReady).length;
    await until('the broken pods', async () => ((await get()).status.readyReplicas ?? 0) === ready);
  };
  /** For ten seconds there are this many pods, none being deleted. */
  const staysAt = async (count: number) => {
    for (let second = 0; second < 10; second++) {
      await cluster.pass(1000);
      await tend();
      assert.equal((await pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length, count);
    }
  };
  return { ...cluster, cluster, get, change, pods, tend, running, observed, breakPods, staysAt, unready };
}

export type Spec = Partial<NonNullable<InputOf<typeof StatefulSet>['spec']>>;

export function statefulSet(replicas: number, spec: Spec = {}): InputOf<typeof StatefulSet> {
  return {
    metadata: REF,
    spec: {
      replicas,
      serviceName: 'test',
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          nodeName: 'node-1',
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'webserver', image: 'v1' }],
        },
      },
      ...spec,
    },
  };
}

/** A change of the image of the pods. */
export const withImage = (image: string) => ({
  spec: { template: { spec: { containers: [{ name: 'webserver', image }] } } },
});
export const partitioned = (partition: number): Spec => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } },
});
export const namesOf = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);
/** Image and revision of each pod. */
export const madeOf = (pods: readonly Pod[]) =>
  pods.map(({ spec, metadata }) => [spec.containers[0]?.image, metadata.labels?.['controller-revision-hash']]);
