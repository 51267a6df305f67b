import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusWarningsOf, warningsOf } from '../../../test/support/faults.ts';
import { DaemonSet } from '../apps/daemon-set.ts';
import { Deployment } from '../apps/deployment.ts';
import { ReplicaSet } from '../apps/replica-set.ts';
import { StatefulSet } from '../apps/stateful-set.ts';
import { CronJob } from '../batch/cron-job.ts';
import { Job } from '../batch/job.ts';
import { Path } from '../field-error.ts';
import type { InputOf, Kind } from '../kind.ts';
import { readInput } from '../read-input.ts';
import { Pod } from './pod.ts';
import { PodTemplate } from './pod-template.ts';
import { templateWarnings } from './pod-warnings.ts';
import { ReplicationController } from './replication-controller.ts';

type Input = Parameters<typeof warningsOf<typeof Pod>>[1];

const main = { name: 'main', image: 'nginx' };
const NO_SELECTOR = 'a null labelSelector results in matching no pod';
const ARCH = 'deprecated since v1.14; use "kubernetes.io/arch" instead';
const ZONE = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead';
const NO_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const USE_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const archTerm = { matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'In', values: ['amd64'] }] } as const;
const zone = 'failure-domain.beta.kubernetes.io/zone';
const podTerm = { topologyKey: 'kubernetes.io/hostname' };

const cases: readonly [title: string, input: Input, expected: readonly string[]][] = [
  [
    'nothing to complain of',
    { metadata: { annotations: { a: 'b' } }, spec: { containers: [main], nodeSelector: { a: 'b' } } },
    [],
  ],
  [
    'a name that is none for a host',
    { metadata: { name: 'a.b' } },
    [
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ],
  ],
  [
    'old labels of nodes',
    {
      spec: {
        containers: [main],
        nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [archTerm] },
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: archTerm }],
          },
        },
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
        ],
      },
    },
    [
      `spec.nodeSelector[beta.kubernetes.io/arch]: ${ARCH}`,
      `spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/arch is ${ARCH}`,
      `spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key: beta.kubernetes.io/arch is ${ARCH}`,
      `spec.topologySpreadConstraints[0].topologyKey: ${zone} is ${ZONE}`,
    ],
  ],
  [
    'a preference that no node can meet',
    {
      spec: {
        containers: [main],
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b', '-1'] }] } },
            ],
          },
        },
      },
    },
    [
      `spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[1]: -1 is invalid, ${NO_VALUE}`,
    ],
  ],
  [
    'terms without a selector',
    {
      spec: {
        containers: [main],
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...podTerm, labelSelector: {} }, podTerm] },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: podTerm }],
          },
        },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }],
      },
    },
    [
      `spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1].labelSelector: ${NO_SELECTOR}`,
      `spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: ${NO_SELECTOR}`,
      `spec.topologySpreadConstraints[0].labelSelector: ${NO_SELECTOR}`,
    ],
  ],
  [
    'annotations that do nothing',
    {
      metadata: {
        annotations: {
          'scheduler.alpha.kubernetes.io/critical-pod': '',
          'security.alpha.kubernetes.io/sysctls': 'a=b',
          'security.alpha.kubernetes.io/unsafe-sysctls': 'a=b',
          'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
          'container.seccomp.security.alpha.kubernetes.io/main': 'unconfined',
        },
      },
    },
    [
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
      'metadata.annotations[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead',
      'metadata.annotations[security.alpha.kubernetes.io/unsafe-sysctls]: non-functional in v1.11+; use the "sysctls" field instead',
      `metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: ${USE_SECCOMP}`,
      `metadata.annotations[container.seccomp.security.alpha.kubernetes.io/main]: ${USE_SECCOMP}`,
    ],
  ],
  [
    'annotations beside the fields',
    {
      metadata: {
        annotations: {
          'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
          'container.seccomp.security.alpha.kubernetes.io/main': 'unconfined',
        },
      },
      spec: {
        containers: [{ ...main, securityContext: { seccompProfile: { type: 'Unconfined' } } }],
        securityContext: { seccompProfile: { type: 'Unconfined' } },
      },
    },
    [],
  ],
  [
    'names twice, and none',
    {
      spec: {
        containers: [main],
        hostAliases: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }, { ip: '10.0.0.1' }],
        imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}],
      },
    },
    [
      'spec.hostAliases[2].ip: duplicate ip "10.0.0.1"',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ],
  ],
  [
    'addresses that can be written in a shorter way',
    {
      spec: {
        containers: [main],
        dnsConfig: { nameservers: ['10.0.0.1', 'fd00:0::1'] },
        hostAliases: [{ ip: 'FD00::2' }],
      },
    },
    [
      'spec.dnsConfig.nameservers[1]: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
      'spec.hostAliases[0].ip: IPv6 address "FD00::2" should be in RFC 5952 canonical format ("fd00::2")',
    ],
  ],
  [
    'a part of a byte, and no time to end',
    { spec: { containers: [main], overhead: { memory: '500m' }, terminationGracePeriodSeconds: -1 } },
    [
      'spec.overhead[memory]: fractional byte value "500m" is invalid, must be an integer',
      'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ],
  ],
];
for (const [title, { metadata = {}, spec }, expected] of cases) {
  const input = { metadata, spec: { ...spec, containers: spec?.containers ?? [main] } };
  test(`Pod.warnings: ${title}`, () => assert.deepEqual(warningsOf(Pod, input), expected));
}

test('Pod.warnings are for those who create pods', () => {
  const input = { metadata: { name: 'a.b' }, spec: { containers: [main], terminationGracePeriodSeconds: -1 } };
  assert.deepEqual(warningsOf(Pod, input, input), []);
});

test('Pod.statusWarnings of addresses that can be written in a shorter way', () => {
  const status = { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00:0::1' }], hostIPs: [{ ip: 'FD00::2' }] };
  assert.deepEqual(statusWarningsOf(Pod, { spec: { containers: [main] }, status }), [
    'status.podIPs[1].ip: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
    'status.hostIPs[0].ip: IPv6 address "FD00::2" should be in RFC 5952 canonical format ("fd00::2")',
  ]);
});

test('templateWarnings of profiles of AppArmor in annotations', () => {
  const key = 'container.apparmor.security.beta.kubernetes.io/main';
  const expected = [
    `template.metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
  ];
  const warnings = (spec: object) => {
    const template = { metadata: { annotations: { [key]: 'unconfined' } }, spec: { containers: [main], ...spec } };
    return templateWarnings(readInput(PodTemplate, { template }).template, Path.of('template'));
  };
  const field = { securityContext: { appArmorProfile: { type: 'Unconfined' } } };
  assert.deepEqual(warnings({}), expected);
  assert.deepEqual(warnings(field), []);
  assert.deepEqual(warnings({ containers: [{ ...main, ...field }] }), []);
});

const template = { spec: { containers: [main], terminationGracePeriodSeconds: -1 } };
const NEGATIVE =
  'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';

function checkWorkload<K extends Kind>(kind: K, input: (template: object) => object, at: string): void {
  const object = (generation: number, changes: object = {}) =>
    ({ metadata: { name: 'web', generation }, ...input({ ...template, ...changes }) }) as InputOf<K>;
  const expected = [`${at}.${NEGATIVE}`];
  const before = object(1, { metadata: { labels: { app: 'web' } } });
  test(`${kind.kind}.warnings of a template, when it is new and when it has changed`, () => {
    assert.deepEqual(warningsOf(kind, object(1)), expected);
    assert.deepEqual(warningsOf(kind, object(2), before), expected);
    assert.deepEqual(warningsOf(kind, object(1), object(1)), []);
  });
}
for (const kind of [Deployment, ReplicaSet, DaemonSet, StatefulSet, Job]) {
  checkWorkload(kind, (template) => ({ spec: { selector: {}, template } }), 'spec.template');
}
checkWorkload(ReplicationController, (template) => ({ spec: { template } }), 'spec.template');
checkWorkload(PodTemplate, (template) => ({ template }), 'template');
checkWorkload(
  CronJob,
  (template) => ({ spec: { schedule: '@daily', jobTemplate: { spec: { template } } } }),
  'spec.jobTemplate.spec.template',
);
