// Containers that are added to a pod while it runs. Upstream: test/e2e/common/node/ephemeral_containers.go.

import assert from 'node:assert/strict';
import { Pod } from '../../../src/api/core/pod.ts';
import { shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

export function ephemeralContainerTests(conformance: Conformance): void {
  const describe = '[sig-node] Ephemeral Containers';

  conformance(`${describe} will start an ephemeral container in an existing pod`, withDebugger);

  conformance(`${describe} should update the ephemeral containers in an existing pod`, async (scene) => {
    await withDebugger(scene);
    const { client, namespace, podWhen } = scene;
    const path = `/api/v1/namespaces/${namespace}/pods/target/ephemeralcontainers`;
    const read = async () => (await client.request('GET', path)) as Pod;
    const { spec, ...pod } = await read();
    assert.equal(spec.ephemeralContainers?.length, 1);
    const second = { ...shell(untilTold()), name: 'debugger2' };
    const { resourceVersion: _any, ...metadata } = pod.metadata;
    const ephemeralContainers = [...(spec.ephemeralContainers ?? []), second];
    await client.request('PUT', path, { body: { ...pod, metadata, spec: { ...spec, ephemeralContainers } } });
    const { spec: after } = await read();
    assert.deepEqual(
      after.ephemeralContainers?.map(({ name }) => name),
      ['debugger', 'debugger2'],
    );
    await podWhen('target', 'has its second', runs('debugger2'));
  });
}

const runs = (container: string) => (pod: Pod) =>
  pod.status.ephemeralContainerStatuses?.some(({ name, state }) => name === container && state?.running !== undefined);

/** A pod that is given a container with a terminal, in which commands run and of which there is a log. */
async function withDebugger({ client, namespace, create, get, whenReady, podWhen, output, logOf }: Scene) {
  await create('target', {});
  await whenReady('target');
  assert.equal((await get('target')).metadata.generation, 1);
  const container = { ...shell(untilTold('echo polo')), name: 'debugger', stdin: true, tty: true };
  const body = { spec: { ephemeralContainers: [container] } };
  await client.patch(
    Pod,
    { name: 'target', namespace },
    { type: 'strategic', body },
    { subresource: 'ephemeralcontainers' },
  );
  const { metadata, status } = await podWhen('target', 'has its debugger', runs('debugger'));
  assert.equal(metadata.generation, 2);
  assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
  assert.equal(await output('target', 'echo marco', 'debugger'), 'marco');
  await until('it is in the log', async () => /polo/.test(await logOf('target', 'debugger')));
}
