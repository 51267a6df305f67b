// What is written into pods by their makers and by nodes as to what has been done about them. Upstream:
// test/e2e/node/pods.go.

import assert from 'node:assert/strict';
import { Pod } from '../../../src/api/core/pod.ts';
import { shell, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { updateObject } from './object-changes.ts';

export function podGenerationTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Pods Extended (pod generation) Pod Generation ${name}`, body);

  conformance(
    '[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu',
    async ({ create, get }) => {
      const amounts = { cpu: '100m', memory: '100Mi' };
      await create('pod', { containers: [shell(untilTold(), { resources: { requests: amounts, limits: amounts } })] });
      assert.equal((await get('pod')).status.qosClass, 'Guaranteed');
    },
  );

  test('pod generation should start at 1 and increment per update', async (scene) => {
    const { client, namespace, create, get, whenReady } = scene;
    await create('pod', { initContainers: [shell('true', { name: 'init-container' })] });
    await whenReady('pod');
    let expected = 1;
    assert.equal((await get('pod')).metadata.generation, expected);
    for (const [what, step, change] of CHANGES) {
      await updateObject(client, Pod, { name: 'pod', namespace }, change);
      expected += step;
      assert.equal((await get('pod')).metadata.generation, expected, what);
    }
  });

  test('custom-set generation on new pods and graceful delete', async (scene) => {
    const { create, get, whenReady, remove, removeNow } = scene;
    // Does not end when it is told to, so that it is still there afterwards.
    await create('pod', { containers: [shell('sleep 3600')] }, { generation: 100 });
    assert.equal((await whenReady('pod')).metadata.generation, 1);
    await remove('pod', 60);
    assert.equal((await get('pod')).metadata.generation, 2);
    await removeNow('pod');
  });

  test('issue 500 podspec updates and verify generation and observedGeneration eventually converge', async (scene) => {
    const { client, namespace, create, get, whenReady, podWhen } = scene;
    await create('pod', { activeDeadlineSeconds: 5000 });
    await whenReady('pod');
    for (let deadline = 4999; deadline > 4500; deadline--) {
      await updateObject(client, Pod, { name: 'pod', namespace }, (pod) => ({
        ...pod,
        spec: { ...pod.spec, activeDeadlineSeconds: deadline },
      }));
    }
    await podWhen('pod', 'is as observed', ({ status }) => status.observedGeneration === 500);
    assert.equal((await get('pod')).metadata.generation, 500);
  });
}

const withSpec = (pod: Pod, spec: Partial<Pod['spec']>): Pod => ({ ...pod, spec: { ...pod.spec, ...spec } });
const withMetadata = (pod: Pod, metadata: Partial<Pod['metadata']>): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, ...metadata },
});
const withImage = <C extends { readonly image?: string }>([first, ...rest]: readonly C[], image: string): C[] => [
  { ...first!, image },
  ...rest,
];

/** What is changed, and by how much the generation rises. */
const CHANGES: readonly (readonly [string, 0 | 1, (pod: Pod) => Pod])[] = [
  ['nothing', 0, (pod) => pod],
  [
    'tolerations',
    1,
    (pod) => withSpec(pod, { tolerations: [{ key: 'foo', operator: 'Equal', value: 'bar', effect: 'NoSchedule' }] }),
  ],
  ['the deadline', 1, (pod) => withSpec(pod, { activeDeadlineSeconds: 5000 })],
  ['the image', 1, (pod) => withSpec(pod, { containers: withImage(pod.spec.containers, 'busybox:1.28.4') })],
  [
    'the image of an init container',
    1,
    (pod) => withSpec(pod, { initContainers: withImage(pod.spec.initContainers!, 'busybox:1.28.4') }),
  ],
  ['annotations', 0, (pod) => withMetadata(pod, { annotations: { key: 'value' } })],
  ['the generation itself', 0, (pod) => withMetadata(pod, { generation: 1 })],
];
