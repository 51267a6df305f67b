import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf as row } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { ConfigMap } from './config-map.ts';
import { Namespace } from './namespace.ts';
import { Node } from './node.ts';
import { Secret } from './secret.ts';
import { Service } from './service.ts';
import { ServiceAccount } from './service-account.ts';

test('columns of the core kinds', () => {
  const nodeInfo = {
    machineID: '',
    systemUUID: '',
    bootID: '',
    kubeProxyVersion: '',
    operatingSystem: '',
    architecture: '',
    osImage: 'Debian',
    kernelVersion: '6.1',
    containerRuntimeVersion: 'containerd://1',
    kubeletVersion: 'v1.36.0',
  };
  const cases: [string, string][] = [
    [row(Namespace, {}), 'x | Active | 60m'],
    [row(ConfigMap, { data: { a: '', b: '' }, binaryData: { c: '' } }), 'x | 3 | 60m'],
    [row(Secret, { data: { a: '' }, stringData: { b: '' } }), 'x | Opaque | 2 | 60m'],
    [row(ServiceAccount, { secrets: [{ name: 'a' }] }), 'x | 1 | 60m'],
    [row(Service, { spec: {} }), 'x | ClusterIP | <none> | <none> | <none> | 60m | <none>'],
    [
      row(Service, {
        spec: {
          type: 'NodePort',
          clusterIPs: ['10.0.0.1'],
          selector: { a: 'b' },
          ports: [
            { port: 80, nodePort: 30080 },
            { port: 53, protocol: 'UDP' },
          ],
        },
      }),
      'x | NodePort | 10.0.0.1 | <none> | 80:30080/TCP,53/UDP | 60m | a=b',
    ],
    [row(Service, { spec: { type: 'LoadBalancer' } }), 'x | LoadBalancer | <none> | <pending> | <none> | 60m | <none>'],
    [
      row(Service, {
        spec: { type: 'LoadBalancer', externalIPs: ['3.3.3.3'] },
        status: { loadBalancer: { ingress: [{ hostname: 'b' }, { ip: '1.1.1.1' }, { ip: '1.1.1.1' }] } },
      }),
      'x | LoadBalancer | <none> | 1.1.1.1,b,3.3.3.3 | <none> | 60m | <none>',
    ],
    [
      row(Service, { spec: { type: 'ExternalName', externalName: 'a.b' } }),
      'x | ExternalName | <none> | a.b | <none> | 60m | <none>',
    ],
    [row(Node, {}), 'x | Unknown | <none> | 60m |  | <none> | <none> | <unknown> | <unknown> | <unknown>'],
    [
      row(Node, {
        metadata: { labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'extra' } },
        spec: { unschedulable: true },
        status: {
          nodeInfo,
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [
            { type: 'InternalIP', address: '10.0.0.2' },
            { type: 'ExternalIP', address: '1.2.3.4' },
          ],
        },
      }),
      'x | Ready,SchedulingDisabled | extra,worker | 60m | v1.36.0 | 10.0.0.2 | 1.2.3.4 | Debian | 6.1 | containerd://1',
    ],
    [
      row(Node, { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }),
      'x | NotReady | <none> | 60m |  | <none> | <none> | <unknown> | <unknown> | <unknown>',
    ],
  ];
  for (const [actual, expected] of cases) assert.equal(actual, expected);
});

test('Secret keeps stringData as data', () => {
  const { data, stringData } = readInput(Secret, {
    data: { a: 'YQ==', b: 'Yg==' },
    stringData: { b: 'ü', __proto__x: 'c' },
  });
  assert.deepEqual(data, { a: 'YQ==', b: 'w7w=', __proto__x: 'Yw==' });
  assert.equal(stringData, undefined);
});

test('ServiceAccount keeps the names of secrets alone', () => {
  const account = readInput(ServiceAccount, { secrets: [{ name: 'a', namespace: 'other', uid: 'u' }] });
  ServiceAccount.prepareForCreate?.(account);
  assert.deepEqual(account.secrets, [{ name: 'a' }]);
});

test('Node allocates all of its capacity unless it says otherwise', () => {
  assert.deepEqual(readInput(Node, { status: { capacity: { cpu: '1' } } }).status.allocatable, { cpu: '1' });
  const allocatable = { cpu: '500m' };
  assert.deepEqual(
    readInput(Node, { status: { capacity: { cpu: '1' }, allocatable } }).status.allocatable,
    allocatable,
  );
});
