import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { callUnary, connectUnix } from '../../cri/grpc-calls.ts';
import { servePodResources } from './pod-resources.ts';
import { POD_RESOURCES_CALLS } from './pod-resources-messages.ts';

test('servePodResources tells who has which devices, and which are well', async () => {
  const directory = await mkdtemp(join(tmpdir(), 't8s-resources-'));
  const resource = 'example.com/device';
  const topology = { nodes: [{ id: 1 }] };
  const devices = {
    allocated: () => [{ uid: 'uid-pod', container: 'main', resource, ids: ['a'] }],
    known: () =>
      new Map([
        [
          resource,
          [
            { id: 'a', health: 'Healthy', topology },
            { id: 'b', health: 'Unhealthy' },
          ],
        ],
      ]),
  };
  const over = kubeletPod({ name: 'over', status: { phase: 'Succeeded' } });
  const pods = [kubeletPod({ spec: { initContainers: [{ name: 'init' }] } }), kubeletPod({ name: 'other' }), over];
  const server = await servePodResources({ devices, pods: () => pods }, directory);
  const client = connectUnix(join(directory, 'kubelet.sock'));
  const call = (name: keyof typeof POD_RESOURCES_CALLS, asked = {}) =>
    callUnary(client, POD_RESOURCES_CALLS[name], asked, { timeoutMs: 10_000 });
  try {
    const device = { resourceName: resource, deviceIds: ['a'] };
    const pod = {
      name: 'pod',
      namespace: 'default',
      containers: [
        { name: 'init', devices: [] },
        { name: 'main', devices: [{ ...device, topology }] },
      ],
    };
    const without = { name: 'other', namespace: 'default', containers: [{ name: 'main', devices: [] }] };
    assert.deepEqual(plain(await call('list')), { podResources: [pod, without] });
    assert.deepEqual(plain(await call('get', { podName: 'pod', podNamespace: 'default' })), { podResources: pod });
    assert.deepEqual(plain(await call('allocatable')), { devices: [{ ...device, topology }] });
    await assert.rejects(call('get', { podName: 'x', podNamespace: 'y' }), {
      details: 'pod x in namespace y not found',
    });
  } finally {
    client.close();
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  }
});

/** Without messages that are not there. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
