import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Spec = NonNullable<Parameters<typeof warningsOf<typeof Pod>>[1]['spec']>;
type Container = NonNullable<Spec['containers']>[number];

const main = { name: 'main', image: 'nginx' };
const side = { name: 'side', image: 'nginx' };
const HIDES = 'hides previous definition of "A", which may be dropped when using apply';
const fraction = (value: string) => `fractional byte value "${value}" is invalid, must be an integer`;
const twice = (at: string, other: string) =>
  `${at}: duplicate port name "web" with ${other}, services and probes that select ports by name will use ${other}`;

const cases: readonly [title: string, spec: Omit<Spec, 'containers'> & { containers: Container[] }, string[]][] = [
  [
    'whole bytes, and a part of a processor',
    { containers: [{ ...main, resources: { limits: { cpu: '100m', memory: '1Gi', 'ephemeral-storage': '1k' } } }] },
    [],
  ],
  [
    'parts of bytes',
    {
      initContainers: [{ ...side, resources: { requests: { 'ephemeral-storage': '200m' } } }],
      containers: [{ ...main, resources: { limits: { memory: '1500m' }, requests: { memory: '500m' } } }],
    },
    [
      `spec.initContainers[0].resources.requests[ephemeral-storage]: ${fraction('200m')}`,
      `spec.containers[0].resources.limits[memory]: ${fraction('1500m')}`,
      `spec.containers[0].resources.requests[memory]: ${fraction('500m')}`,
    ],
  ],
  [
    'a variable that is made of the one before',
    {
      containers: [
        {
          ...main,
          env: [
            { name: 'A', value: 'a' },
            { name: 'B', value: 'b' },
            { name: 'A', value: '$(A)c' },
          ],
        },
      ],
    },
    [],
  ],
  [
    'variables that hide the one before',
    {
      containers: [
        {
          ...main,
          env: [
            { name: 'A', value: 'a' },
            { name: 'A', value: '$(A)' },
            { name: 'A', value: 'b' },
            { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
        },
      ],
    },
    [1, 2, 3].map((index) => `spec.containers[0].env[${index}]: ${HIDES}`),
  ],
  [
    'a port of two protocols, and a variable of two containers',
    {
      containers: [
        {
          ...main,
          env: [{ name: 'A' }],
          ports: [
            { containerPort: 53, protocol: 'TCP' },
            { containerPort: 53, protocol: 'UDP' },
          ],
        },
        { ...side, env: [{ name: 'A' }] },
      ],
    },
    [],
  ],
  [
    'an address without a port',
    { containers: [{ ...main, ports: [{ name: 'web', containerPort: 80, hostIP: '10.0.0.1' }] }] },
    [
      'spec.containers[0].ports[0]: hostIP set without hostPort: {Name:web HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}',
    ],
  ],
  [
    'a port twice',
    {
      initContainers: [{ ...side, ports: [{ containerPort: 80 }] }],
      containers: [{ ...main, ports: [{ containerPort: 80 }] }],
    },
    ['spec.containers[0].ports[0]: duplicate port definition with spec.initContainers[0].ports[0]'],
  ],
  [
    'a port that is one of the host as well',
    { containers: [{ ...main, ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 80 }] }] },
    ['spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]'],
  ],
  [
    'a port of the host, on all addresses and on one',
    {
      containers: [
        {
          ...main,
          ports: [
            { containerPort: 80, hostPort: 80 },
            { containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' },
          ],
        },
      ],
    },
    ['spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]'],
  ],
  [
    'a port of the host on two addresses',
    {
      containers: [
        {
          ...main,
          ports: [
            { containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' },
            { containerPort: 80, hostPort: 80, hostIP: '10.0.0.2' },
          ],
        },
      ],
    },
    [],
  ],
  [
    'a name of two ports',
    {
      initContainers: [{ ...side, ports: [{ name: 'web', containerPort: 80 }] }],
      containers: [{ ...main, ports: [{ name: 'web', containerPort: 8080 }] }],
    },
    [twice('spec.containers[0].ports[0]', 'spec.initContainers[0].ports[0]')],
  ],
];
for (const [title, spec, expected] of cases) {
  test(`Pod.warnings of containers: ${title}`, () => assert.deepEqual(warningsOf(Pod, { spec }), expected));
}

test('Pod.warnings of more ports than anybody compares are few', () => {
  const ports = Array.from({ length: 20_000 }, () => ({ containerPort: 80 }));
  assert.equal(warningsOf(Pod, { spec: { containers: [{ ...main, ports }] } }).length, (256 * 255) / 2);
});
