import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Lease } from './lease.ts';

type Spec = NonNullable<Parameters<typeof faultsOf<typeof Lease>>[1]['spec']>;
const faults = (spec: Spec) => faultsOf(Lease, { spec });

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['nobody', {}, []],
  ['somebody', { holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 }, []],
  ['candidates', { strategy: 'OldestEmulationVersion', preferredHolder: 'a' }, []],
  ['candidates by a strategy of their own', { strategy: 'example.com/newest' }, []],
  [
    'no time',
    { leaseDurationSeconds: 0, leaseTransitions: -1 },
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'candidates by an unknown strategy',
    { strategy: 'Newest' },
    ['spec.strategy.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"'],
  ],
  [
    'candidates by a strategy that is no name',
    { strategy: 'example.com/!' },
    [
      "spec.strategy.strategy: Invalid value: \"example.com/!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'one of no candidates',
    { preferredHolder: 'a' },
    ['spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Lease.validate of a lease of ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}
