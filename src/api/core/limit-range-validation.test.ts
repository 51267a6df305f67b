import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { readInput } from '../read-input.ts';
import { LimitRange } from './limit-range.ts';

type Input = Parameters<typeof faultsOf<typeof LimitRange>>[1];
type Item = NonNullable<NonNullable<Input['spec']>['limits']>[number];

const AT = 'spec.limits[0]';
const NOT_POD = "may not be specified when `type` is 'Pod'";
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const cases: readonly [title: string, limits: readonly Item[], expected: readonly string[]][] = [
  ['nothing', [], []],
  [
    'what pods, containers and claims get',
    [
      { type: 'Pod', min: { cpu: '100m' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '20' } },
      {
        type: 'Container',
        min: { cpu: '100m' },
        default: { cpu: '500m' },
        defaultRequest: { cpu: '200m' },
        max: { cpu: '1' },
      },
      { type: 'PersistentVolumeClaim', max: { storage: '10Gi' } },
      { type: 'example.com/Room', max: { storage: '1' } },
    ],
    [],
  ],
  [
    'rooms',
    [{ type: 'Room' }],
    [`${AT}.type: Invalid value: "Room": must be a standard limit type or fully qualified`],
  ],
  [
    'no type',
    [{ type: '' }],
    [`${AT}.type: Invalid value: "": name part must be non-empty`, `${AT}.type: Invalid value: "": ${QUALIFIED}`],
  ],
  ['pods twice', [{ type: 'Pod' }, { type: 'Pod' }], ['spec.limits[1].type: Duplicate value: "Pod"']],
  [
    'defaults of pods',
    [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }],
    [`${AT}.default: Forbidden: ${NOT_POD}`, `${AT}.defaultRequest: Forbidden: ${NOT_POD}`],
  ],
  [
    'storage of containers',
    [{ type: 'Container', max: { storage: '1' } }],
    ['max', 'default', 'defaultRequest'].map(
      (part) => `${AT}.${part}[storage]: Invalid value: "storage": must be a standard resource for containers`,
    ),
  ],
  [
    'apples of claims',
    [
      {
        type: 'PersistentVolumeClaim',
        min: { storage: '1' },
        max: { apples: '1' },
        maxLimitRequestRatio: { pears: '1' },
      },
    ],
    [
      `${AT}.max[apples]: Invalid value: "apples": must be a standard resource type or fully qualified`,
      `${AT}.maxLimitRequestRatio[pears]: Invalid value: "pears": must be a standard resource type or fully qualified`,
    ],
  ],
  [
    'claims without bounds',
    [{ type: 'PersistentVolumeClaim', max: { cpu: '1' } }],
    [`${AT}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`],
  ],
  [
    'a minimum above the maximum',
    [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }],
    [`${AT}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`],
  ],
  [
    'defaults below the minimum',
    [{ type: 'Container', min: { cpu: '2' }, default: { cpu: '1' }, defaultRequest: { cpu: '1' } }],
    [
      `${AT}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1`,
      `${AT}.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1`,
    ],
  ],
  [
    'defaults above the maximum',
    [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '2' } }],
    [
      `${AT}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1`,
      `${AT}.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1`,
    ],
  ],
  [
    'a request above the limit',
    [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '1500m' } }],
    [
      `${AT}.defaultRequest[cpu]: Invalid value: "1500m": default request value 1500m is greater than default limit value 1`,
    ],
  ],
  [
    'a ratio below one',
    [{ type: 'Container', maxLimitRequestRatio: { cpu: '800m' } }],
    [`${AT}.maxLimitRequestRatio[cpu]: Invalid value: "800m": ratio 800m is less than 1`],
  ],
  [
    'a ratio that the bounds leave no room for',
    [{ type: 'Pod', min: { cpu: '1' }, max: { cpu: '1500m' }, maxLimitRequestRatio: { cpu: '2' } }],
    [`${AT}.maxLimitRequestRatio[cpu]: Invalid value: "2": ratio 2 is greater than max/min = 1.500000`],
  ],
  [
    'a ratio to nothing',
    [{ type: 'Pod', min: { cpu: '0' }, max: { cpu: '0' }, maxLimitRequestRatio: { cpu: '2' } }],
    [],
  ],
  [
    'requests of what cannot be shared',
    [{ type: 'Container', default: { 'example.com/gpu': '2' }, defaultRequest: { 'example.com/gpu': '1' } }],
    [
      `${AT}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
    ],
  ],
];
for (const [title, limits, expected] of cases) {
  test(`LimitRange.validate of ${title}`, () => assert.deepEqual(faultsOf(LimitRange, { spec: { limits } }), expected));
}

test('LimitRange gets a name where nobody has given it one', () => {
  const unnamed = readInput(LimitRange, { metadata: { uid: 'u' }, spec: { limits: [] } });
  LimitRange.prepareForCreate?.(unnamed as never);
  assert.equal(unnamed.metadata.name, 'u');
  const named = readInput(LimitRange, { metadata: { uid: 'u', name: 'n' }, spec: { limits: [] } });
  LimitRange.prepareForCreate?.(named as never);
  assert.equal(named.metadata.name, 'n');
});
