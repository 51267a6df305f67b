import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodShape, type PodSpecInput } from '../../../test/support/kubelet-objects.ts';
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Pressure } from '../eviction/signals.ts';
import type { NodeAbilities } from '../node-abilities.ts';
import { type Admission, admitPod } from './admit-pod.ts';

const NODE = {
  metadata: { name: 'node', labels: { disk: 'ssd' } },
  spec: {},
  status: { allocatable: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '10Gi', pods: '3', 'example.com/gpu': '1' } },
} as unknown as Node;

const asking = (requests: Readonly<Record<string, string>>, more: Partial<PodSpecInput> = {}): PodShape => ({
  spec: { ...more, containers: [{ name: 'main', resources: { requests } }] },
});
const pods = (...shapes: readonly PodShape[]) =>
  shapes.map((shape, index) => kubeletPod({ name: `other-${index}`, ...shape }));
const withPort = (hostPort: number, hostIP?: string): PodShape => ({
  spec: {
    containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort, ...(hostIP ? { hostIP } : {}) }] }],
  },
});

interface Situation {
  readonly pod?: PodShape;
  readonly others?: readonly Pod[];
  readonly node?: Partial<Node>;
  readonly allowed?: readonly string[];
  readonly wasAdmitted?: boolean;
  readonly abilities?: NodeAbilities;
  readonly pressures?: readonly Pressure[];
  readonly shuttingDown?: boolean;
}

const ABLE: NodeAbilities = {
  ...{ appArmor: true, supplementalGroupsPolicy: true, userNamespaces: true, recursiveReadOnlyMounts: true },
};

function admit({ pod, node = {}, allowed = [], ...situation }: Situation): Admission {
  return admitPod(kubeletPod(pod), {
    ...{ others: [], wasAdmitted: false, abilities: ABLE, pressures: [], shuttingDown: false, ...situation },
    node: { ...NODE, ...node } as Node,
    allowedSysctls: allowed,
  });
}

const sysctl = (name: string, more: Partial<PodSpecInput> = {}): PodShape => ({
  spec: { ...more, securityContext: { sysctls: [{ name, value: '1' }] } },
});
const taint = (effect: string) => ({ spec: { taints: [{ key: 'k', effect }] } }) as Partial<Node>;

describe('admitPod refuses', () => {
  const full = "Node didn't have enough resource: ";
  const cases: readonly (readonly [string, Situation, string, string])[] = [
    [
      'for want of CPU',
      { pod: asking({ cpu: '1500m' }), others: pods(asking({ cpu: '1' })) },
      'OutOfcpu',
      `${full}cpu, requested: 1500, used: 1000, capacity: 2000`,
    ],
    [
      'for want of memory, with overhead',
      { pod: asking({ memory: '4Gi' }, { overhead: { memory: '1' } }) },
      'OutOfmemory',
      `${full}memory, requested: 4294967297, used: 0, capacity: 4294967296`,
    ],
    [
      'for want of disk',
      { pod: asking({ 'ephemeral-storage': '11Gi' }) },
      'OutOfephemeral-storage',
      `${full}ephemeral-storage, requested: 11811160064, used: 0, capacity: 10737418240`,
    ],
    [
      'for want of places, before all else',
      { pod: asking({ cpu: '3' }), others: pods({}, {}, {}) },
      'OutOfpods',
      `${full}pods, requested: 1, used: 3, capacity: 3`,
    ],
    [
      'for want of what others announce',
      { pod: asking({ 'example.com/gpu': '1' }), others: pods(asking({ 'example.com/gpu': '1' })) },
      'OutOfexample.com/gpu',
      `${full}example.com/gpu, requested: 1, used: 1, capacity: 1`,
    ],
    [
      'a port that is taken',
      { pod: withPort(80), others: pods(withPort(80, '10.0.0.1')) },
      'NodePorts',
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ],
    [
      'a selector that does not match',
      { pod: { spec: { nodeSelector: { disk: 'hdd' } } } },
      'NodeAffinity',
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'another node’s pod',
      { pod: { spec: { nodeName: 'else' } } },
      'NodeName',
      "Predicate NodeName failed: node(s) didn't match the requested node name",
    ],
    [
      'what does not tolerate that it would be ended',
      { node: taint('NoExecute') },
      'TaintToleration',
      "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    ],
    [
      'another system',
      { pod: { spec: { os: { name: 'windows' } } } },
      'PodOSNotSupported',
      "Failed to admit pod as the OS field doesn't match node OS",
    ],
    [
      'a label of another system',
      { pod: { metadata: { labels: { 'kubernetes.io/os': 'windows' } } } },
      'PodOSSelectorNodeLabelDoesNotMatch',
      "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    ],
    [
      'strict groups where the runtime has none',
      {
        pod: { spec: { securityContext: { supplementalGroupsPolicy: 'Strict' } } },
        abilities: { ...ABLE, supplementalGroupsPolicy: false },
      },
      'SupplementalGroupsPolicyNotSupported',
      'SupplementalGroupsPolicy=Strict is not supported in this node',
    ],
    [
      'a sysctl of the whole machine',
      { pod: sysctl('vm.swappiness') },
      'SysctlForbidden',
      'forbidden sysctl: "vm.swappiness" not allowlisted',
    ],
    [
      'a sysctl of a namespace that is the node’s',
      { pod: sysctl('net.ipv4.tcp_syncookies', { hostNetwork: true }) },
      'SysctlForbidden',
      'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
    ],
    [
      'a critical pod for what preemption does not help with',
      { pod: asking({ cpu: '3' }, { priority: 2_000_000_000, nodeSelector: { disk: 'hdd' } }) },
      'NodeAffinity',
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'a critical pod that nobody can make room for',
      { pod: asking({ cpu: '3' }, { priority: 2_000_000_000 }) },
      'UnexpectedAdmissionError',
      'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]',
    ],
  ];
  for (const [name, situation, reason, message] of cases) {
    test(name, () => assert.deepEqual(admit(situation), { refusal: { reason, message } }));
  }
});

describe('admitPod takes', () => {
  const cases: readonly (readonly [string, Situation])[] = [
    ['what just fits', { pod: asking({ cpu: '1', memory: '4Gi' }), others: pods(asking({ cpu: '1' })) }],
    ['what asks for a resource that no node announces', { pod: asking({ 'example.com/other': '5' }) }],
    ['the same port at another address', { pod: withPort(80, '10.0.0.2'), others: pods(withPort(80, '10.0.0.1')) }],
    ['safe sysctls, with slashes too', { pod: sysctl('net/ipv4/tcp_syncookies') }],
    ['sysctls that are allowed', { pod: sysctl('kernel.msgmax'), allowed: ['kernel.msg*'] }],
    ['what would only not be scheduled here', { node: taint('NoSchedule') }],
    ['a pod that it had taken before', { pod: { spec: { nodeSelector: { disk: 'hdd' } } }, wasAdmitted: true }],
  ];
  for (const [name, situation] of cases) test(name, () => assert.deepEqual(admit(situation), { preempt: [] }));
});

test('admitPod has as few as possible make room for a critical pod, those without guarantees first', () => {
  const limits = { cpu: '500m', memory: '1Gi' };
  const others = [
    kubeletPod({
      name: 'guaranteed',
      spec: { containers: [{ name: 'main', resources: { limits, requests: limits } }] },
    }),
    kubeletPod({ name: 'small', ...asking({ cpu: '400m' }) }),
    kubeletPod({ name: 'large', ...asking({ cpu: '900m' }) }),
  ];
  const preempted = (requests: Readonly<Record<string, string>>, allocatable = {}) => {
    const status = {
      allocatable: { ...NODE.status.allocatable, pods: '9', ...allocatable },
    } as unknown as Node['status'];
    const outcome = admit({ pod: asking(requests, { priority: 2_000_000_000 }), others, node: { status } });
    return 'preempt' in outcome ? outcome.preempt.map(({ metadata }) => metadata.name) : outcome.refusal.reason;
  };
  assert.deepEqual(preempted({ cpu: '200m' }), []);
  assert.deepEqual(preempted({ cpu: '600m' }), ['small']);
  assert.deepEqual(preempted({ cpu: '1' }), ['large']);
  assert.deepEqual(preempted({ cpu: '1500m' }), ['large', 'small']);
  assert.deepEqual(preempted({ cpu: '1600m' }), ['large', 'guaranteed']);
  assert.deepEqual(preempted({ cpu: '2' }), ['large', 'small', 'guaranteed']);
  assert.deepEqual(preempted({}, { pods: '3' }), ['small']);
});

describe('admitPod, of a node that is short of something,', () => {
  const only: readonly Pressure[] = ['MemoryPressure'];
  const more: readonly Pressure[] = ['MemoryPressure', 'DiskPressure'];
  const tolerations = [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' as const }];
  const cases: readonly (readonly [string, Situation, string | undefined])[] = [
    ['refuses who has asked for no memory', { pressures: only }, 'The node had condition: [MemoryPressure]. '],
    ['takes who has', { pressures: only, pod: asking({ memory: '1Mi' }) }, undefined],
    ['takes who puts up with it', { pressures: only, pod: { spec: { tolerations } } }, undefined],
    [
      'refuses all for want of disk',
      { pressures: more, pod: asking({ memory: '1Mi' }) },
      'The node had condition: [MemoryPressure DiskPressure]. ',
    ],
    ['takes critical pods', { pressures: more, pod: { spec: { priority: 2_000_000_000 } } }, undefined],
    ['keeps whom it had taken before', { pressures: more, wasAdmitted: true }, undefined],
    ['takes nobody while it goes down', { shuttingDown: true }, 'Pod was rejected as the node is shutting down.'],
  ];
  for (const [what, situation, message] of cases) {
    test(what, () => {
      const outcome = admit(situation);
      assert.equal('refusal' in outcome ? outcome.refusal.message : undefined, message);
    });
  }
});
