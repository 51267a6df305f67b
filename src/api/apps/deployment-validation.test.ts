import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { Deployment } from './deployment.ts';

type Spec = NonNullable<Parameters<typeof faultsOf<typeof Deployment>>[1]['spec']>;

const selector = { matchLabels: { app: 'web' } };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
const deploymentOf = (spec: Partial<Spec>) => ({ spec: { selector, template, ...spec } });
const faults = (spec: Partial<Spec>) => faultsOf(Deployment, deploymentOf(spec));
const rolling = (maxUnavailable: number | string, maxSurge: number | string): Partial<Spec> => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } },
});

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['pods', {}, []],
  ['pods all at once', { strategy: { type: 'Recreate' } }, []],
  ['pods one by one', rolling(0, 1), []],
  ['all pods', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
  [
    'no pods',
    { selector: undefined as unknown as object },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
  [
    'other pods than it makes',
    { selector: { matchLabels: { app: 'other' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
  [
    'negative counts',
    { replicas: -1, minReadySeconds: -2, revisionHistoryLimit: -1, progressDeadlineSeconds: -1 },
    [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.progressDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a deadline before its pods are ready',
    { minReadySeconds: 600 },
    ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
  ],
  [
    'pods all at once and one by one',
    { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
    ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'pods in another way',
    { strategy: { type: 'Canary' as 'Recreate' } },
    ['spec.strategy: Unsupported value: {"type":"Canary"}: supported values: "Recreate", "RollingUpdate"'],
  ],
  [
    'pods neither more nor fewer',
    rolling('0%', 0),
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  ],
  [
    'pods fewer than none',
    rolling('101%', -1),
    [
      'spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0',
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    'pods of no number',
    rolling('some', '-5%'),
    [
      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"some\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"-5%\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Deployment.validate of ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}

test('Deployment.validateUpdate keeps the selector', () => {
  assert.deepEqual(updateFaultsOf(Deployment, deploymentOf({ replicas: 2 }), deploymentOf({})), []);
  assert.deepEqual(
    updateFaultsOf(Deployment, deploymentOf({ selector: { matchLabels: { a: 'b' } } }), deploymentOf({})),
    ['spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable'],
  );
});

type Status = NonNullable<Parameters<typeof faultsOf<typeof Deployment>>[1]['status']>;
const statusFaults = (status: Status, previous: Status) =>
  statusFaultsOf(Deployment, { ...deploymentOf({}), status }, { ...deploymentOf({}), status: previous });

const statusCases: readonly [title: string, status: Status, previous: Status, expected: readonly string[]][] = [
  [
    'counts',
    {
      replicas: 3,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
      unavailableReplicas: 5,
      collisionCount: 1,
    },
    {},
    [],
  ],
  [
    'negative counts',
    {
      replicas: -1,
      updatedReplicas: -1,
      readyReplicas: -1,
      availableReplicas: -1,
      unavailableReplicas: -1,
      terminatingReplicas: -1,
      collisionCount: -1,
      observedGeneration: -1,
    },
    {},
    [
      'status.replicas: Invalid value: -1: must be greater than or equal to 0',
      'status.updatedReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.readyReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.availableReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
      'status.unavailableReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.terminatingReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.collisionCount: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'more of some than of all',
    { replicas: 1, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
    {},
    [
      'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ],
  ],
  [
    'fewer collisions',
    { collisionCount: 1 },
    { collisionCount: 2 },
    ['status.collisionCount: Invalid value: 1: cannot be decremented'],
  ],
  [
    'no collisions any more',
    {},
    { collisionCount: 2 },
    ['status.collisionCount: Invalid value: 0: cannot be decremented'],
  ],
];

for (const [title, status, previous, expected] of statusCases) {
  test(`Deployment.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(statusFaults(status, previous), expected);
  });
}
