import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { StatefulSet } from './stateful-set.ts';

type Input = Parameters<typeof faultsOf<typeof StatefulSet>>[1];
type Spec = NonNullable<Input['spec']>;

const MIN_0 = 'must be greater than or equal to 0';
const NOT_PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const FORBIDDEN =
  "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

const selector = { matchLabels: { app: 'db' } };
const main = { name: 'main', image: 'postgres' };
const template = { metadata: { labels: { app: 'db' } }, spec: { containers: [main] } };
const mounting = (name: string) => ({
  ...template,
  spec: { containers: [{ ...main, volumeMounts: [{ name, mountPath: '/data' }] }] },
});
const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
} as const;
const setOf = (spec: Partial<Spec>): Input => ({ spec: { selector, template, serviceName: 'db', ...spec } });
const rolling = (rollingUpdate: object): Partial<Spec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
});

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['pods', {}, []],
  [
    'pods all at once, which are deleted by hand',
    { podManagementPolicy: 'Parallel', updateStrategy: { type: 'OnDelete' } },
    [],
  ],
  ['pods in steps', rolling({ partition: 2, maxUnavailable: '50%' }), []],
  ['pods that are counted from five', { ordinals: { start: 5 }, minReadySeconds: 3, replicas: 0 }, []],
  ['no service', { serviceName: '' }, []],
  [
    'another order',
    { podManagementPolicy: 'Random' as 'Parallel' },
    ["spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'"],
  ],
  ['no order', { podManagementPolicy: '' as 'Parallel' }, []],
  [
    'another way of updates',
    { updateStrategy: { type: 'Canary' as 'OnDelete' } },
    ['spec.updateStrategy: Invalid value: {"type":"Canary"}: must be \'RollingUpdate\' or \'OnDelete\''],
  ],
  [
    'steps by hand',
    { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
    [
      'spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
  ],
  [
    'a step below none',
    rolling({ partition: -1 }),
    [`spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: ${MIN_0}`],
  ],
  [
    'no pod at a time',
    rolling({ maxUnavailable: 0 }),
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0'],
  ],
  [
    'fewer than no pods at a time',
    rolling({ maxUnavailable: -1 }),
    [`spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: -1: ${MIN_0}`],
  ],
  [
    'more than all pods at a time',
    rolling({ maxUnavailable: '101%' }),
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    'some pods at a time',
    rolling({ maxUnavailable: 'some' }),
    [
      `spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "some": ${NOT_PERCENT}`,
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "some": cannot be 0',
    ],
  ],
  [
    'claims that are deleted',
    { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } },
    [],
  ],
  [
    'claims that are recycled',
    { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Recycle', whenScaled: 'Keep' } },
    [
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Recycle": supported values: "Retain", "Delete"',
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"',
    ],
  ],
  [
    'negative counts',
    { replicas: -1, minReadySeconds: -2, ordinals: { start: -3 } },
    [
      `spec.replicas: Invalid value: -1: ${MIN_0}`,
      `spec.minReadySeconds: Invalid value: -2: ${MIN_0}`,
      `spec.ordinals.start: Invalid value: -3: ${MIN_0}`,
    ],
  ],
  ['all pods', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset']],
  [
    'other pods than it makes',
    { selector: { matchLabels: { app: 'web' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not match template `labels`'],
  ],
  [
    'pods that end',
    { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 5 } } },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
    ],
  ],
  ['a service of no name', { serviceName: 'my_db' }, [`spec.serviceName: Invalid value: "my_db": ${LABEL}`]],
  ['claims', { template: mounting('data'), volumeClaimTemplates: [claim] }, []],
  [
    'a claim in the place of a volume',
    {
      template: { ...mounting('data'), spec: { ...mounting('data').spec, volumes: [{ name: 'data', emptyDir: {} }] } },
      volumeClaimTemplates: [claim],
    },
    [],
  ],
  [
    'a volume that is not there',
    { template: mounting('logs'), volumeClaimTemplates: [claim] },
    ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "logs"'],
  ],
  [
    'a claim for nothing',
    { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] },
    [
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
    ],
  ],
  [
    'pods of nothing',
    { template: { ...template, spec: { containers: [] } } },
    ['spec.template.spec.containers: Required value'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`StatefulSet.validate of ${title}`, () => assert.deepEqual(faultsOf(StatefulSet, setOf(spec)), expected));
}

const steps: readonly [title: string, spec: Partial<Spec>, previous: Partial<Spec>, expected: readonly string[]][] = [
  ['nothing', {}, {}, []],
  [
    'all that may change',
    {
      replicas: 3,
      ordinals: { start: 1 },
      template: { ...template, spec: { containers: [{ name: 'main', image: 'other' }] } },
      updateStrategy: { type: 'OnDelete' },
      revisionHistoryLimit: 1,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
      minReadySeconds: 1,
    },
    {},
    [],
  ],
  ['the service', { serviceName: 'other' }, {}, [FORBIDDEN]],
  ['the selector', { selector: { matchLabels: { a: 'b' } } }, {}, [FORBIDDEN]],
  ['the order', { podManagementPolicy: 'Parallel' }, {}, [FORBIDDEN]],
  ['the claims', { volumeClaimTemplates: [claim] }, {}, [FORBIDDEN]],
  [
    'a template that was sound',
    { template: { ...template, spec: { containers: [] } } },
    {},
    ['spec.template.spec.containers: Required value'],
  ],
  [
    'something beside a template that was not',
    { replicas: 2, template: mounting('logs') },
    { template: mounting('logs') },
    [],
  ],
  ['something beside a service of no name', { serviceName: 'my_db', replicas: 2 }, { serviceName: 'my_db' }, []],
];

for (const [title, spec, previous, expected] of steps) {
  test(`StatefulSet.validateUpdate of ${title}`, () => {
    assert.deepEqual(updateFaultsOf(StatefulSet, setOf(spec), setOf(previous)), expected);
  });
}

type Status = NonNullable<Input['status']>;
const none: Status = { replicas: 0 };
const statusCases: readonly [title: string, status: Status, previous: Status, expected: readonly string[]][] = [
  [
    'counts',
    { replicas: 3, readyReplicas: 2, currentReplicas: 1, updatedReplicas: 2, availableReplicas: 2, collisionCount: 1 },
    none,
    [],
  ],
  [
    'negative counts',
    {
      replicas: -1,
      readyReplicas: -1,
      currentReplicas: -1,
      updatedReplicas: -1,
      availableReplicas: -1,
      observedGeneration: -1,
      collisionCount: -1,
    },
    none,
    [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ].map((field) => `status.${field}: Invalid value: -1: ${MIN_0}`),
  ],
  [
    'more of some than of all',
    { replicas: 1, readyReplicas: 2, currentReplicas: 2, updatedReplicas: 2, availableReplicas: 3 },
    none,
    [
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.readyReplicas',
    ],
  ],
  [
    'fewer collisions',
    { replicas: 0, collisionCount: 1 },
    { replicas: 0, collisionCount: 2 },
    ['status.collisionCount: Invalid value: 1: cannot be decremented'],
  ],
  [
    'no collisions any more',
    none,
    { replicas: 0, collisionCount: 2 },
    ['status.collisionCount: Invalid value: 0: cannot be decremented'],
  ],
];

for (const [title, status, previous, expected] of statusCases) {
  test(`StatefulSet.validateStatusUpdate of ${title}`, () => {
    const faults = statusFaultsOf(StatefulSet, { ...setOf({}), status }, { ...setOf({}), status: previous });
    assert.deepEqual(faults, expected);
  });
}

test('StatefulSet warns of claims for a part of a byte, whenever it is written', () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '500m' } } } as const;
  const set = setOf({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }] });
  const fault = 'fractional byte value "500m" is invalid, must be an integer';
  const expected = [`spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: ${fault}`];
  assert.deepEqual(warningsOf(StatefulSet, set), expected);
  assert.deepEqual(warningsOf(StatefulSet, set, set), expected);
});

test('StatefulSet warns of a history without an end', () => {
  assert.deepEqual(warningsOf(StatefulSet, setOf({ revisionHistoryLimit: 0 })), []);
  assert.deepEqual(warningsOf(StatefulSet, setOf({ revisionHistoryLimit: -1 }), setOf({})), [
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ]);
});
