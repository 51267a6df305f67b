import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { ResourceQuota } from './resource-quota.ts';

type Input = Parameters<typeof faultsOf<typeof ResourceQuota>>[1];
type Spec = NonNullable<Input['spec']>;

const MIN_0 = 'must be greater than or equal to 0';
const NOT_QUOTA = 'must be a standard resource for quota';
const NOT_STANDARD = 'must be a standard resource type or fully qualified';
const MUST_EXIST =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
const AT = 'spec.scopeSelector.matchExpressions';

const selecting = (...matchExpressions: object[]): Spec => ({ scopeSelector: { matchExpressions } as never });

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['nothing', {}, []],
  [
    'all there is',
    {
      hard: {
        cpu: '1500m',
        'requests.memory': '1Gi',
        'limits.ephemeral-storage': '1Gi',
        pods: '5',
        'services.nodeports': '0',
        'requests.storage': '10Gi',
        'hugepages-2Mi': '4Mi',
        'requests.hugepages-1Gi': '1Gi',
        'count/deployments.apps': '3',
        'requests.example.com/gpu': '2',
        'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
      },
    },
    [],
  ],
  ['storage', { hard: { storage: '1Gi' } }, [`spec.hard[storage]: Invalid value: "storage": ${NOT_QUOTA}`]],
  [
    'apples',
    { hard: { apples: '1' } },
    [
      `spec.hard[apples]: Invalid value: "apples": ${NOT_STANDARD}`,
      `spec.hard[apples]: Invalid value: "apples": ${NOT_QUOTA}`,
    ],
  ],
  ['less than nothing', { hard: { cpu: '-1' } }, [`spec.hard[cpu]: Invalid value: "-1": ${MIN_0}`]],
  [
    'half a pod',
    { hard: { pods: '500m', 'count/secrets': '1500m' } },
    [
      'spec.hard[count/secrets]: Invalid value: "1500m": must be an integer',
      'spec.hard[pods]: Invalid value: "500m": must be an integer',
    ],
  ],
  ['pods of a kind', { hard: { pods: '5', cpu: '1' }, scopes: ['NotBestEffort', 'Terminating'] }, []],
  [
    'claims of a class',
    { hard: { persistentvolumeclaims: '5', 'requests.storage': '1Gi' }, scopes: ['VolumeAttributesClass'] },
    [],
  ],
  [
    'something of a domain with pods of a kind',
    { hard: { pods: '5', 'count/secrets': '1' }, scopes: ['BestEffort'] },
    [],
  ],
  ['another kind', { scopes: ['Small' as 'BestEffort'] }, ['spec.scopes: Invalid value: ["Small"]: unsupported scope']],
  [
    'what pods of the kind have none of',
    { hard: { cpu: '1', services: '1' }, scopes: ['BestEffort'] },
    [
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
    ],
  ],
  [
    'all pods and no others',
    { scopes: ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating'] },
    [
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Terminating","NotTerminating"]: conflicting scopes',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Terminating","NotTerminating"]: conflicting scopes',
    ],
  ],
  [
    'pods of a priority',
    {
      hard: { pods: '1' },
      ...selecting(
        { scopeName: 'PriorityClass', operator: 'In', values: ['high'] },
        { scopeName: 'Terminating', operator: 'Exists' },
      ),
    },
    [],
  ],
  ['pods of no priority', selecting({ scopeName: 'PriorityClass', operator: 'DoesNotExist' }), []],
  [
    'another selection',
    selecting({ scopeName: 'Small', operator: 'Exists' }),
    [`${AT}.scopeName: Invalid value: "Small": unsupported scope`],
  ],
  [
    'what selected pods have none of',
    { hard: { services: '1' }, ...selecting({ scopeName: 'Terminating', operator: 'Exists' }) },
    [
      `${AT}: Invalid value: {"matchExpressions":[{"scopeName":"Terminating","operator":"Exists"}]}: unsupported scope applied to resource`,
    ],
  ],
  [
    'a value of what has none',
    selecting({ scopeName: 'BestEffort', operator: 'In', values: ['a'] }),
    [`${AT}.operator: Invalid value: "In": ${MUST_EXIST}`],
  ],
  [
    'no value of what has one',
    selecting({ scopeName: 'PriorityClass', operator: 'NotIn' }),
    [
      `${AT}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
    ],
  ],
  [
    'a value that exists',
    selecting({ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }),
    [
      `${AT}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
    ],
  ],
  [
    'values that are near',
    selecting({ scopeName: 'PriorityClass', operator: 'Near', values: ['a'] }),
    [`${AT}.operator: Invalid value: "Near": not a valid selector operator`],
  ],
  [
    'a selection of all and of none',
    selecting({ scopeName: 'BestEffort', operator: 'Exists' }, { scopeName: 'NotBestEffort', operator: 'Exists' }),
    [`${AT}: Invalid value: null: conflicting scopes`],
  ],
];
for (const [title, spec, expected] of cases) {
  test(`ResourceQuota.validate of ${title}`, () => assert.deepEqual(faultsOf(ResourceQuota, { spec }), expected));
}

test('ResourceQuota.validateUpdate keeps the scopes', () => {
  const of = (spec: Spec): Input => ({ spec });
  assert.deepEqual(updateFaultsOf(ResourceQuota, of({ hard: { pods: '2' } }), of({ hard: { pods: '1' } })), []);
  assert.deepEqual(
    updateFaultsOf(
      ResourceQuota,
      of({ scopes: ['Terminating', 'BestEffort'] }),
      of({ scopes: ['BestEffort', 'Terminating'] }),
    ),
    [],
  );
  assert.deepEqual(updateFaultsOf(ResourceQuota, of({ scopes: ['BestEffort'] }), of({})), [
    'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
  ]);
});

test('ResourceQuota.validateStatusUpdate of what is used', () => {
  const of = (status: NonNullable<Input['status']>): Input => ({ status });
  assert.deepEqual(statusFaultsOf(ResourceQuota, of({ hard: { pods: '2' }, used: { pods: '1' } }), of({})), []);
  assert.deepEqual(statusFaultsOf(ResourceQuota, of({ hard: { apples: '2' }, used: { pods: '-1' } }), of({})), [
    `status.hard[apples]: Invalid value: "apples": ${NOT_STANDARD}`,
    `status.hard[apples]: Invalid value: "apples": ${NOT_QUOTA}`,
    `status.used[pods]: Invalid value: "-1": ${MIN_0}`,
  ]);
});
