import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { formatFieldError } from '../field-error.ts';
import type { AnyObject } from '../kind.ts';
import { readInput } from '../read-input.ts';
import { Namespace } from './namespace.ts';
import { validateFinalize } from './namespace-validation.ts';

const withFinalizers = (...finalizers: string[]) => ({ spec: { finalizers } });
const faults = (finalizers: readonly string[]) => faultsOf(Namespace, withFinalizers(...finalizers));

const cases: readonly [title: string, finalizers: readonly string[], expected: readonly string[]][] = [
  ['finalizers', ['kubernetes', 'example.com/a'], []],
  [
    'a finalizer without a domain',
    ['a'],
    ['spec.finalizers: Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified'],
  ],
  [
    'a finalizer that is none',
    ['example.com/!'],
    [
      "spec.finalizers: Invalid value: \"example.com/!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
];

for (const [title, finalizers, expected] of cases) {
  test(`Namespace.validateCreate of ${title}`, () => {
    assert.deepEqual(faults(finalizers), expected);
  });
}

test('validateFinalize says which finalizer is none', () => {
  const namespace = readInput(Namespace, withFinalizers('kubernetes', 'a')) as unknown as AnyObject;
  assert.deepEqual(validateFinalize(namespace).map(formatFieldError), [
    'spec.finalizers[1]: Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified',
  ]);
});

type Phase = 'Active' | 'Terminating';
const statusFaults = (phase: Phase, deletionTimestamp: string | undefined) => {
  const metadata = deletionTimestamp === undefined ? {} : { deletionTimestamp };
  return statusFaultsOf(Namespace, { metadata, status: { phase } }, { metadata });
};

const statusCases: readonly [
  title: string,
  phase: Phase,
  deletionTimestamp: string | undefined,
  expected: readonly string[],
][] = [
  ['an active one', 'Active', undefined, []],
  ['a deleted one', 'Terminating', '2026-01-01T00:00:00Z', []],
  [
    'one that ends without being deleted',
    'Terminating',
    undefined,
    ['status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty'],
  ],
  [
    'a deleted one that is active',
    'Active',
    '2026-01-01T00:00:00Z',
    ['status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty'],
  ],
];

for (const [title, phase, deletionTimestamp, expected] of statusCases) {
  test(`Namespace.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(statusFaults(phase, deletionTimestamp), expected);
  });
}
