import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError } from '../field-error.ts';
import { validateScale } from './scale-validation.ts';

const metadata = { name: 'web', namespace: 'default' };
const cases: readonly [title: string, scale: Parameters<typeof validateScale>[0], expected: readonly string[]][] = [
  ['replicas', { metadata, spec: { replicas: 3 } }, []],
  ['no replicas', { metadata }, []],
  [
    'fewer than no replicas',
    { metadata, spec: { replicas: -1 } },
    ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'nothing',
    { metadata: {} },
    ['metadata.name: Required value: name or generateName is required', 'metadata.namespace: Required value'],
  ],
];
for (const [title, scale, expected] of cases) {
  test(`validateScale of ${title}`, () => {
    assert.deepEqual(validateScale(scale, { namespaced: true }).map(formatFieldError), expected);
  });
}
