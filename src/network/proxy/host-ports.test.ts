import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ContainerInput, kubeletPod, type PodSpecInput } from '../../../test/support/kubelet-objects.ts';
import type { Pod } from '../../api/core/pod.ts';
import { hasHostPorts, hostPortsOf } from './host-ports.ts';

const exposed = (port: object): ContainerInput => ({ name: 'c', ports: [{ containerPort: 8080, ...port }] });
const running: Pod['status'] = { phase: 'Running', podIP: '10.244.0.5' };
const podOf = (spec: Partial<PodSpecInput>, status = running) => kubeletPod({ spec, status });

describe('hostPortsOf', () => {
  test('has the ports of all containers that stay', () => {
    const pod = podOf({
      containers: [
        exposed({ hostPort: 80 }),
        {
          name: 'd',
          ports: [{ containerPort: 53, hostPort: 53, protocol: 'UDP', hostIP: '192.0.2.1' }, { containerPort: 1 }],
        },
      ],
      initContainers: [
        { ...exposed({ hostPort: 81, hostIP: '0.0.0.0' }), name: 's', restartPolicy: 'Always' },
        { ...exposed({ hostPort: 82 }), name: 'i' },
      ],
    });
    assert.equal(hasHostPorts(pod), true);
    assert.deepEqual(
      hostPortsOf(pod).map(({ protocol, hostPort, hostIp, podIp, containerPort }) => [
        protocol,
        hostPort,
        hostIp,
        podIp,
        containerPort,
      ]),
      [
        ['tcp', 81, undefined, '10.244.0.5', 8080],
        ['tcp', 80, undefined, '10.244.0.5', 8080],
        ['udp', 53, '192.0.2.1', '10.244.0.5', 53],
      ],
    );
  });

  test('has none of a pod without an address, without host ports, in the network of the node, or at its end', () => {
    const containers = [exposed({ hostPort: 80 })];
    assert.deepEqual(hostPortsOf(podOf({ containers }, { phase: 'Pending' })), []);
    assert.deepEqual(hostPortsOf(podOf({ containers }, { ...running, phase: 'Succeeded' })), []);
    assert.deepEqual(hostPortsOf(podOf({ containers, hostNetwork: true })), []);
    assert.equal(hasHostPorts(podOf({})), false);
  });
});
