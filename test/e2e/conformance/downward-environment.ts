// What a pod is, as its containers see it in their environment. Upstream: test/e2e/common/node/downwardapi.go.

import assert from 'node:assert/strict';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { quantityValue } from '../../../src/api/quantity.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { assertPrinted } from './environment-sources.ts';

export function downwardEnvironmentTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Downward API should provide ${name}`, body);
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  });
  const resource = (name: string, what: string) => ({ name, valueFrom: { resourceFieldRef: { resource: what } } });
  const resources = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } };
  /** The one that ran. */
  const pod = async ({ client, namespace }: Scene) => {
    const { items } = await client.list(Pod, { namespace });
    assert.equal(items.length, 1);
    return items[0]!;
  };
  const nodeAddress = async (scene: Scene) => {
    const { status } = await scene.client.get(Node, { name: (await pod(scene)).spec.nodeName! });
    return status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  };

  test('pod name, namespace and IP address as env vars', async (scene) => {
    const env = [
      field('POD_NAME', 'metadata.name'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      field('POD_IP', 'status.podIP'),
    ];
    const text = await scene.run({ env, resources });
    const { metadata, status } = await pod(scene);
    assertPrinted(text, [`POD_NAME=${metadata.name}`, `POD_NAMESPACE=${scene.namespace}`, `POD_IP=${status.podIP}`]);
  });

  test('host IP as an env var', async (scene) => {
    const text = await scene.run({ env: [field('HOST_IP', 'status.hostIP')], resources });
    assertPrinted(text, [`HOST_IP=${await nodeAddress(scene)}`]);
  });

  test('hostIPs as an env var', async (scene) => {
    const text = await scene.run({ env: [field('HOST_IPS', 'status.hostIPs')], resources });
    assertPrinted(text, [`HOST_IPS=${await nodeAddress(scene)}`]);
  });

  test("container's limits.cpu/memory and requests.cpu/memory as env vars", async (scene) => {
    const env = [
      resource('CPU_LIMIT', 'limits.cpu'),
      resource('MEMORY_LIMIT', 'limits.memory'),
      resource('CPU_REQUEST', 'requests.cpu'),
      resource('MEMORY_REQUEST', 'requests.memory'),
    ];
    const expected = ['CPU_LIMIT=2', 'MEMORY_LIMIT=67108864', 'CPU_REQUEST=1', 'MEMORY_REQUEST=33554432'];
    assertPrinted(await scene.run({ env, resources }), expected);
  });

  test('default limits.cpu/memory from node allocatable', async (scene) => {
    const env = [resource('CPU_LIMIT', 'limits.cpu'), resource('MEMORY_LIMIT', 'limits.memory')];
    const text = await scene.run({ env });
    const { status } = await scene.client.get(Node, { name: (await pod(scene)).spec.nodeName! });
    const { cpu, memory } = status.allocatable!;
    assertPrinted(text, [`CPU_LIMIT=${quantityValue(cpu!)}`, `MEMORY_LIMIT=${quantityValue(memory!)}`]);
  });

  test('pod UID as env vars', async (scene) => {
    const text = await scene.run({ env: [field('POD_UID', 'metadata.uid')], resources });
    assertPrinted(text, [`POD_UID=${(await pod(scene)).metadata.uid}`]);
  });
}
