import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { RuntimeClass } from './runtime-class.ts';

type Input = Parameters<typeof faultsOf<typeof RuntimeClass>>[1];
const faults = (runtimeClass: Input) => faultsOf(RuntimeClass, runtimeClass);

const cases: readonly [title: string, runtimeClass: Input, expected: readonly string[]][] = [
  [
    'all there is',
    {
      handler: 'runc',
      overhead: { podFixed: { cpu: '1' } },
      scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }] },
    },
    [],
  ],
  ['a handler that is none', { handler: 'a.b' }, ['handler: Invalid value: "a.b": must not contain dots']],
  [
    'an overhead that is none',
    { handler: 'a', overhead: { podFixed: { cpu: '-1', pods: '1' } } },
    [
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'overhead.limits[pods]: Invalid value: "pods": must be a standard resource for containers',
    ],
  ],
  [
    'nodes that are none',
    { handler: 'a', scheduling: { nodeSelector: { a: '!' }, tolerations: [{}] } },
    [
      "scheduling.nodeSelector: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'scheduling.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
];

for (const [title, runtimeClass, expected] of cases) {
  test(`RuntimeClass.validate of ${title}`, () => {
    assert.deepEqual(faults(runtimeClass), expected);
  });
}

test('RuntimeClass.validateUpdate keeps the handler', () => {
  assert.deepEqual(updateFaultsOf(RuntimeClass, { handler: 'a', overhead: {} }, { handler: 'a' }), []);
  assert.deepEqual(updateFaultsOf(RuntimeClass, { handler: 'b' }, { handler: 'a' }), [
    'handler: Invalid value: "b": field is immutable',
  ]);
});

test('RuntimeClass.warnings of old labels', () => {
  const nodeSelector = { zone: 'a', 'beta.kubernetes.io/os': 'linux' };
  assert.deepEqual(warningsOf(RuntimeClass, { handler: 'a', scheduling: { nodeSelector } }), [
    'scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
  assert.deepEqual(warningsOf(RuntimeClass, { handler: 'a' }), []);
});
