import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { readInput } from '../read-input.ts';
import { PodTemplate } from './pod-template.ts';
import { ReplicationController } from './replication-controller.ts';

type Input = Parameters<typeof faultsOf<typeof ReplicationController>>[1];
type Spec = NonNullable<Input['spec']>;

const MIN_0 = 'must be greater than or equal to 0';
const selector = { app: 'web' };
const template = { metadata: { labels: selector }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
const controllerOf = (spec: Partial<Spec>): Input => ({ spec: { selector, template, ...spec } });

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['pods', { replicas: 3, minReadySeconds: 1 }, []],
  ['pods by their labels', { selector: {} }, []],
  [
    'negative counts',
    { replicas: -1, minReadySeconds: -2 },
    [`spec.minReadySeconds: Invalid value: -2: ${MIN_0}`, `spec.replicas: Invalid value: -1: ${MIN_0}`],
  ],
  ['all pods', { selector: {}, template: { spec: template.spec } }, ['spec.selector: Required value']],
  [
    'other pods than it makes',
    { selector: { app: 'db' } },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
  ['no pods', { template: undefined as never }, ['spec.template: Required value']],
  [
    'pods of nothing',
    { template: { ...template, spec: { containers: [] } } },
    ['spec.template.spec.containers: Required value'],
  ],
  [
    'pods that end',
    { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 5 } } },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
];
for (const [title, spec, expected] of cases) {
  test(`ReplicationController.validate of ${title}`, () => {
    assert.deepEqual(faultsOf(ReplicationController, controllerOf(spec)), expected);
  });
}

const FIELDS = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'];
const statusCases: readonly [title: string, status: NonNullable<Input['status']>, expected: readonly string[]][] = [
  [
    'counts',
    { replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 2, availableReplicas: 1, observedGeneration: 1 },
    [],
  ],
  [
    'negative counts',
    Object.fromEntries(FIELDS.map((field) => [field, -1])) as never,
    FIELDS.map((field) => `status.${field}: Invalid value: -1: ${MIN_0}`),
  ],
  [
    'more of some than of all',
    { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 3 },
    [
      'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
    ],
  ],
];
for (const [title, status, expected] of statusCases) {
  test(`ReplicationController.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(
      statusFaultsOf(ReplicationController, { ...controllerOf({}), status }, controllerOf({})),
      expected,
    );
  });
}

test('ReplicationController takes selector and labels from its template, and warns of names for hosts', () => {
  const { metadata, spec } = readInput(ReplicationController, { spec: { template } });
  assert.deepEqual([metadata.labels, spec.selector, spec.replicas], [selector, selector, 1]);
  assert.equal(warningsOf(ReplicationController, { ...controllerOf({}), metadata: { name: 'a.b' } }).length, 1);
  assert.equal(warningsOf(ReplicationController, controllerOf({})).length, 0);
});

test('PodTemplate.validate of its pods', () => {
  assert.deepEqual(faultsOf(PodTemplate, { template }), []);
  const bad = { metadata: { labels: { app: 'a b' } }, spec: { containers: [] } };
  const faults = faultsOf(PodTemplate, { template: bad });
  assert.match(faults[0] ?? '', /^template\.labels: Invalid value: "a b": a valid label must be /);
  assert.deepEqual(faults.slice(1), ['template.spec.containers: Required value']);
});
