// Pods that are given more or less while they run, as it stands in their status and as the kernel has it. Upstream:
// test/e2e/common/node/pod_resize.go.

import assert from 'node:assert/strict';
import { Pod } from '../../../src/api/core/pod.ts';
import { cgroupRoot } from '../../../src/cluster/cluster-names.ts';
import { shell, until, untilTold } from '../../support/node-pods.ts';
import { assertLimits, isResized, resourcesOf } from '../../support/resized-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

/** The name of a container, what it has (`20m/30m 35Mi/45Mi`: requests and limits), and what it is to have. */
type Change = readonly [string, string, string];

export function resizeTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Pod InPlace Resize Container ${name}`, body);

  const guaranteed: Readonly<Record<string, readonly Change[]>> = {
    'increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase': [
      ['c1', '20m 35Mi', '25m 40Mi'],
      ['c2', '22m 37Mi', '27m 42Mi'],
      ['c3', '24m 39Mi', '19m 34Mi'],
    ],
    'increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease': [
      ['c1', '20m 35Mi', '25m 40Mi'],
      ['c2', '22m 37Mi', '17m 32Mi'],
      ['c3', '24m 39Mi', '19m 34Mi'],
    ],
    'increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2)': [
      ['c1', '20m 35Mi', '25m 35Mi'],
      ['c2', '22m 37Mi', '17m 42Mi'],
      ['c3', '24m 39Mi', '29m 44Mi'],
    ],
  };
  for (const [name, changes] of Object.entries(guaranteed)) {
    test(`guaranteed pods with multiple containers 3 containers - ${name}`, (scene) => thereAndBack(scene, changes));
  }

  test('burstable pods - extended 6 containers - various operations performed (including adding limits and requests)', (scene) =>
    there(scene, [
      ['c1', '20m/- -/-', '25m/35m -/-'],
      ['c2', '-/- 35Mi/-', '-/- 30Mi/50Mi'],
      ['c3', '20m/- 35Mi/-', '20m/- 30Mi/-'],
      ['c4', '20m/- -/-', '15m/- 35Mi/-'],
      ['c5', '-/- 35Mi/-', '20m/- 40Mi/-'],
      ['c6', '20m/30m 35Mi/45Mi', '25m/35m 30Mi/40Mi'],
    ]));

  test('burstable pods - extended resize with equivalents', (scene) =>
    thereAndBack(scene, [['c1', '2m/10m -/-', '1m/5m -/-']]));

  test('resize pod via the replace endpoint', async (scene) => {
    const { client, namespace, get } = scene;
    const path = `/api/v1/namespaces/${namespace}/pods/pod/resize`;
    await start(scene, [['c1', '20m/- 35Mi/-', '']]);
    await until('it is replaced', async () => {
      const pod = await get('pod');
      const containers = pod.spec.containers.map((each) => ({ ...each, resources: resourcesOf('25m/- 40Mi/-') }));
      const { resourceVersion: _any, ...metadata } = pod.metadata;
      return client
        .request('PUT', path, { body: { ...pod, metadata, spec: { ...pod.spec, containers } } })
        .then(() => true);
    });
    assert.equal((await get('pod')).metadata.generation, 2);
    await whenResized(scene);
    const read = async () => ({ pod: await get('pod'), resize: (await client.request('GET', path)) as Pod });
    const { pod, resize } = await until('nobody has written in between', async () => {
      const both = await read();
      return both.pod.metadata.resourceVersion === both.resize.metadata.resourceVersion && both;
    });
    assert.deepEqual(resize, pod);
  });
}

async function start(scene: Scene, changes: readonly Change[]): Promise<void> {
  const containers = changes.map(([name, has]) => shell(untilTold(), { name, resources: resourcesOf(has) }));
  await scene.create('pod', { containers });
  assert.equal((await scene.whenReady('pod')).metadata.generation, 1);
  await whenResized(scene);
}

async function there(scene: Scene, changes: readonly Change[]): Promise<void> {
  await start(scene, changes);
  await resize(
    scene,
    changes.map(([name, , wanted]) => ({ name, resources: resourcesOf(wanted) })),
  );
  assert.equal((await scene.get('pod')).metadata.generation, 2);
}

async function thereAndBack(scene: Scene, changes: readonly Change[]): Promise<void> {
  await there(scene, changes);
  await resize(
    scene,
    changes.map(([name, had]) => ({ name, resources: resourcesOf(had) })),
  );
  assert.equal((await scene.get('pod')).metadata.generation, 3);
}

async function resize(scene: Scene, containers: readonly object[]): Promise<void> {
  const { client, namespace } = scene;
  const ref = { name: 'pod', namespace };
  await client.patch(Pod, ref, { type: 'strategic', body: { spec: { containers } } }, { subresource: 'resize' });
  await whenResized(scene);
}

/** Status and kernel have what the spec says, no container has been started anew, and the resize is over. */
async function whenResized({ clusterName, podWhen }: Scene): Promise<void> {
  const pod = await podWhen('pod', 'is resized', isResized);
  await assertLimits(pod, cgroupRoot(clusterName, pod.spec.nodeName!));
}
