import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { PriorityClass } from './priority-class.ts';

type Input = Parameters<typeof faultsOf<typeof PriorityClass>>[1];
const named = (name: string, value: number, globalDefault = false): Input => ({
  metadata: { name },
  value,
  globalDefault,
});
const faults = (priorityClass: Input) => faultsOf(PriorityClass, priorityClass);

const cases: readonly [title: string, priorityClass: Input, expected: readonly string[]][] = [
  ['a class', named('high', 1_000_000_000), []],
  ['a class of the system', named('system-node-critical', 2_000_001_000), []],
  [
    'a class above all',
    named('high', 1_000_000_001),
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [
    'an unknown class of the system',
    named('system-high', 1),
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-high is not a known system priority class",
    ],
  ],
  [
    'another value of a class of the system',
    named('system-cluster-critical', 1),
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-cluster-critical PriorityClass must be 2000000000",
    ],
  ],
  [
    'a class of the system for all',
    named('system-cluster-critical', 2_000_000_000, true),
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-cluster-critical PriorityClass must be false",
    ],
  ],
];

const policies: readonly [policy: string, expected: readonly string[]][] = [
  ['Never', []],
  ['', ['preemptionPolicy: Required value']],
  ['Always', ['preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"']],
];

for (const [policy, expected] of policies) {
  test(`PriorityClass.validate of the policy ${JSON.stringify(policy)}`, () => {
    assert.deepEqual(faults({ ...named('high', 1), preemptionPolicy: policy as 'Never' }), expected);
  });
}

for (const [title, priorityClass, expected] of cases) {
  test(`PriorityClass.validate of ${title}`, () => {
    assert.deepEqual(faults(priorityClass), expected);
  });
}

test('PriorityClass.validateUpdate keeps what pods have been given', () => {
  assert.deepEqual(
    updateFaultsOf(PriorityClass, { value: 1, description: 'a', globalDefault: true }, { value: 1 }),
    [],
  );
  assert.deepEqual(updateFaultsOf(PriorityClass, { value: 2, preemptionPolicy: 'Never' }, { value: 1 }), [
    'value: Forbidden: may not be changed in an update.',
    'preemptionPolicy: Invalid value: "Never": field is immutable',
  ]);
});
