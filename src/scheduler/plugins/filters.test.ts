import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Cycle, type CycleShape } from '../../../test/support/scheduling-cycle.ts';
import type { PodShape } from '../../../test/support/scheduling-objects.ts';

interface Case extends CycleShape {
  readonly name: string;
  readonly pod: PodShape;
  /** The node, or the whole message. */
  readonly expected: string;
}

const hostPort = (hostPort: number, hostIP?: string, protocol?: string): PodShape => ({
  spec: {
    containers: [
      {
        name: 'main',
        resources: {},
        ports: [{ containerPort: 80, hostPort, ...(hostIP ? { hostIP } : {}), ...(protocol ? { protocol } : {}) }],
      },
    ] as unknown as NonNullable<NonNullable<PodShape['spec']>['containers']>,
  },
});
const required = (...terms: readonly object[]): PodShape => ({
  spec: {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
  } as NonNullable<PodShape['spec']>,
});
const named = (...values: string[]) => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values }] });

const cases: readonly Case[] = [
  { name: 'a node is enough', nodes: [{ name: 'a' }], pod: {}, expected: 'a' },
  // NodeUnschedulable.
  {
    name: 'cordoned nodes are left out',
    nodes: [{ name: 'a', unschedulable: true }, { name: 'b' }],
    pod: {},
    expected: 'b',
  },
  {
    name: 'a cordoned node is no node',
    nodes: [{ name: 'a', unschedulable: true }],
    pod: {},
    expected: '0/1 nodes are available: 1 node(s) were unschedulable.',
  },
  {
    name: 'the taint of cordoning can be tolerated',
    nodes: [{ name: 'a', unschedulable: true }],
    pod: { spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] } },
    expected: 'a',
  },
  // TaintToleration.
  {
    name: 'taints that are not tolerated, beside other reasons, in order',
    nodes: [
      { name: 'a', taints: [{ key: 'dedicated', value: 'x', effect: 'NoSchedule' }] },
      { name: 'b', allocatable: { cpu: '1' } },
      { name: 'c', allocatable: { cpu: '1' } },
    ],
    pod: { requests: { cpu: '2' } },
    expected: `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.`,
  },
  {
    name: 'NoExecute keeps off too, PreferNoSchedule does not',
    nodes: [
      { name: 'a', taints: [{ key: 'k', effect: 'NoExecute' }] },
      { name: 'b', taints: [{ key: 'k', effect: 'PreferNoSchedule' }] },
    ],
    pod: {},
    expected: 'b',
  },
  {
    name: 'a toleration must match key, value and effect',
    nodes: [
      { name: 'a', taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] },
      { name: 'b', taints: [{ key: 'k', value: 'w', effect: 'NoSchedule' }] },
      { name: 'c', taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] },
    ],
    pod: { spec: { tolerations: [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }] } },
    expected: 'a',
  },
  {
    name: 'numbers in taints can be compared with',
    nodes: [
      { name: 'a', taints: [{ key: 'sla', value: '900', effect: 'NoSchedule' }] },
      { name: 'b', taints: [{ key: 'sla', value: '990', effect: 'NoSchedule' }] },
    ],
    pod: { spec: { tolerations: [{ key: 'sla', operator: 'Gt', value: '950', effect: 'NoSchedule' }] } },
    expected: 'b',
  },
  // NodeAffinity.
  {
    name: 'a node selector',
    nodes: [{ name: 'a' }, { name: 'b', labels: { disk: 'ssd' } }],
    pod: { spec: { nodeSelector: { disk: 'ssd' } } },
    expected: 'b',
  },
  {
    name: 'no node has the labels',
    nodes: [{ name: 'a' }, { name: 'b', labels: { disk: 'hdd' } }],
    pod: { spec: { nodeSelector: { disk: 'ssd' } } },
    expected: "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
  },
  {
    name: 'terms are alternatives, requirements of a term hold together',
    nodes: [
      { name: 'a', labels: { zone: 'x', cores: '4' } },
      { name: 'b', labels: { zone: 'x', cores: '16' } },
    ],
    pod: required(
      { matchExpressions: [{ key: 'zone', operator: 'In', values: ['y'] }] },
      {
        matchExpressions: [
          { key: 'zone', operator: 'NotIn', values: ['y'] },
          { key: 'cores', operator: 'Gt', values: ['8'] },
          { key: 'gone', operator: 'DoesNotExist' },
        ],
      },
    ),
    expected: 'b',
  },
  {
    name: 'a term without requirements matches nothing',
    nodes: [{ name: 'a' }],
    pod: required({}),
    expected: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
  },
  {
    name: 'a named node is the only one looked at',
    nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c', unschedulable: true }],
    pod: required(named('c')),
    expected:
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  },
  {
    name: 'a node that does not exist can be named',
    nodes: [{ name: 'a' }],
    pod: required(named('z')),
    expected: "0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  },
  {
    name: 'names that exclude each other',
    nodes: [{ name: 'a' }],
    pod: required({ matchFields: [...named('a').matchFields, ...named('b').matchFields] }),
    expected: '0/1 nodes are available: pod affinity terms conflict.',
  },
  {
    name: 'an affinity that the configuration adds',
    nodes: [{ name: 'a' }],
    profile: {
      pluginConfig: [
        {
          name: 'NodeAffinity',
          args: {
            addedAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'Exists' }] }],
              },
            },
          },
        },
      ],
    },
    pod: {},
    expected: "0/1 nodes are available: 1 node(s) didn't match scheduler-enforced node affinity.",
  },
  // NodePorts.
  {
    name: 'a host port that is taken',
    nodes: [{ name: 'a' }, { name: 'b' }],
    pods: [{ name: 'x', nodeName: 'a', ...hostPort(8080) }],
    pod: hostPort(8080),
    expected: 'b',
  },
  {
    name: 'host ports collide by address and protocol',
    nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
    pods: [
      { name: 'x', nodeName: 'a', ...hostPort(8080, '127.0.0.1') },
      { name: 'y', nodeName: 'b', ...hostPort(8080, '10.0.0.1') },
      { name: 'z', nodeName: 'c', ...hostPort(8080) },
    ],
    pod: hostPort(8080, '127.0.0.1'),
    expected: 'b',
  },
  {
    name: 'no free host port',
    nodes: [{ name: 'a' }],
    pods: [{ name: 'x', nodeName: 'a', ...hostPort(53, undefined, 'UDP') }],
    pod: hostPort(53, '10.0.0.1', 'UDP'),
    expected: "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
  },
  // NodeResourcesFit.
  {
    name: 'every resource that is short is told',
    nodes: [{ name: 'a', allocatable: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' } }],
    pod: { requests: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '2Gi', 'example.com/gpu': '1' } },
    expected:
      '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient ephemeral-storage, 1 Insufficient example.com/gpu, 1 Insufficient memory.',
  },
  {
    name: 'what pods on the node ask for is not free',
    nodes: [
      { name: 'a', allocatable: { cpu: '2' } },
      { name: 'b', allocatable: { cpu: '2' } },
    ],
    pods: [
      { name: 'x', nodeName: 'a', requests: { cpu: '1' } },
      { name: 'y', nodeName: 'b', requests: { cpu: '500m' } },
    ],
    pod: { requests: { cpu: '1500m' } },
    expected: 'b',
  },
  {
    name: 'the number of pods is limited, also for those that ask for nothing',
    nodes: [{ name: 'a', allocatable: { pods: '1' } }],
    pods: [{ name: 'x', nodeName: 'a' }],
    pod: {},
    expected: '0/1 nodes are available: 1 Too many pods.',
  },
  {
    name: 'ignored resources are not looked at',
    nodes: [{ name: 'a' }],
    profile: {
      pluginConfig: [
        { name: 'NodeResourcesFit', args: { ignoredResources: ['x.io/a'], ignoredResourceGroups: ['y.io'] } },
      ],
    },
    pod: { requests: { 'x.io/a': '1', 'y.io/b': '1' } },
    expected: 'a',
  },
];

describe('filters', () => {
  for (const { name, pod, expected, ...shape } of cases) {
    test(name, () => assert.equal(new Cycle(shape).outcome(pod), expected));
  }

  test('NodeName: a pod that names its node passes only there', () => {
    const cycle = new Cycle({ nodes: [{ name: 'a' }, { name: 'b' }] });
    assert.equal(cycle.outcome({ nodeName: 'b' }), 'b');
    assert.equal(
      cycle.outcome({ nodeName: 'c' }),
      "0/2 nodes are available: 2 node(s) didn't match the requested node name.",
    );
  });
});
