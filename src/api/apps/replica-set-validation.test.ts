import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { ReplicaSet } from './replica-set.ts';

type Spec = NonNullable<Parameters<typeof faultsOf<typeof ReplicaSet>>[1]['spec']>;
type PodSpec = NonNullable<NonNullable<Spec['template']>['spec']>;

const selector = { matchLabels: { app: 'web' } };
const podSpec: PodSpec = { containers: [{ name: 'main', image: 'nginx' }] };
const templateOf = (spec: Partial<PodSpec>, labels: Readonly<Record<string, string>> = { app: 'web' }) => ({
  metadata: { labels },
  spec: { ...podSpec, ...spec },
});
const setOf = (spec: Partial<Spec>) => ({ spec: { selector, template: templateOf({}), ...spec } });
const faults = (spec: Partial<Spec>) => faultsOf(ReplicaSet, setOf(spec));

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['pods', { replicas: 0, minReadySeconds: 1 }, []],
  [
    'fewer pods than none',
    { replicas: -1, minReadySeconds: -1 },
    [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  ['all pods', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
  [
    'other pods than it makes',
    { template: templateOf({}, { app: 'other' }) },
    ['spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`'],
  ],
  ['pods by a selector that is none', { selector: { matchExpressions: [{ key: 'app', operator: 'Is' }] } }, []],
  [
    'pods that end',
    { template: templateOf({ restartPolicy: 'Never', activeDeadlineSeconds: 1 }) },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
  ],
  [
    'pods that have been looked into',
    { template: templateOf({ ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }) },
    ['spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template'],
  ],
  [
    'a template that is none',
    { template: { metadata: { labels: { app: 'web', a: '!' }, annotations: { '!': '' } }, spec: { containers: [] } } },
    [
      "spec.template.labels: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      "spec.template.annotations: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.template.spec.containers: Required value',
    ],
  ],
  [
    'a template with a profile that is said twice',
    {
      template: {
        metadata: {
          labels: { app: 'web' },
          annotations: { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' },
        },
        spec: { ...podSpec, securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
      },
    },
    [
      'spec.template.spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match',
    ],
  ],
  [
    'a template with a mirror',
    {
      template: {
        metadata: { labels: { app: 'web' }, annotations: { 'kubernetes.io/config.mirror': 'a' } },
        spec: podSpec,
      },
    },
    [
      'spec.template.annotations[kubernetes.io/config.mirror]: Invalid value: "a": must set spec.nodeName if mirror pod annotation is set',
    ],
  ],
  [
    'a template with a port of the host to come',
    {
      template: templateOf({
        hostNetwork: true,
        containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }] }],
      }),
    },
    [],
  ],
  ['a template with an image to come', { template: templateOf({ volumes: [{ name: 'a', image: {} }] }) }, []],
];

for (const [title, spec, expected] of cases) {
  test(`ReplicaSet.validate of ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}

test('ReplicaSet.validateUpdate keeps the selector', () => {
  assert.deepEqual(updateFaultsOf(ReplicaSet, setOf({ replicas: 2 }), setOf({})), []);
  const other = { matchLabels: { app: 'web', tier: 'front' } };
  assert.deepEqual(updateFaultsOf(ReplicaSet, setOf({ selector: other }), setOf({})), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"front"}}: field is immutable',
  ]);
});

type Status = NonNullable<Parameters<typeof faultsOf<typeof ReplicaSet>>[1]['status']>;
const statusFaults = (status: Status) => statusFaultsOf(ReplicaSet, { ...setOf({}), status }, setOf({}));

const statusCases: readonly [title: string, status: Status, expected: readonly string[]][] = [
  [
    'counts',
    {
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 2,
      availableReplicas: 1,
      terminatingReplicas: 4,
      observedGeneration: 1,
    },
    [],
  ],
  [
    'negative counts',
    {
      replicas: -1,
      fullyLabeledReplicas: -1,
      readyReplicas: -1,
      availableReplicas: -1,
      terminatingReplicas: -1,
      observedGeneration: -1,
    },
    [
      'status.replicas: Invalid value: -1: must be greater than or equal to 0',
      'status.fullyLabeledReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.readyReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.availableReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
      'status.terminatingReplicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'more of some than of all',
    { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
    [
      'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ],
  ],
  [
    'more available than ready',
    { replicas: 2, readyReplicas: 1, availableReplicas: 2 },
    ['status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas'],
  ],
];

for (const [title, status, expected] of statusCases) {
  test(`ReplicaSet.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(statusFaults(status), expected);
  });
}
