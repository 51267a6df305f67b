import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { StorageClass } from './storage-class.ts';

type Input = Parameters<typeof faultsOf<typeof StorageClass>>[1];
const provisioner = 'Disks.example.com/fast';
const faults = (storageClass: Partial<Input>) => faultsOf(StorageClass, { provisioner, ...storageClass });
const term = (key: string, ...values: string[]) => ({ matchLabelExpressions: [{ key, values }] });

const cases: readonly [title: string, storageClass: Partial<Input>, expected: readonly string[]][] = [
  [
    'all there is',
    {
      parameters: { a: 'b' },
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowedTopologies: [term('zone', 'a', 'b')],
    },
    [],
  ],
  [
    'a provisioner that is none',
    { provisioner: '!' },
    [
      "provisioner: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a parameter without a name',
    { parameters: { '': 'a' } },
    ['parameters: Invalid value: "": field can not be empty.'],
  ],
  [
    'too many parameters',
    { parameters: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`a${i}`, ''])) },
    ['parameters: Too long: may not be more than 512 bytes'],
  ],
  [
    'parameters of too many bytes',
    { parameters: { a: 'a'.repeat(256 * 1024) } },
    ['parameters: Too long: may not be more than 262144 bytes'],
  ],
  [
    'a policy of old',
    { reclaimPolicy: 'Recycle' },
    ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  ],
  [
    'an unknown mode',
    { volumeBindingMode: '' as 'Immediate' },
    ['volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"'],
  ],
  ['an empty policy', { reclaimPolicy: '' as 'Retain' }, []],
  [
    'a topology without values',
    { allowedTopologies: [term('!')] },
    [
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
      "allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a value twice',
    { allowedTopologies: [term('zone', 'a', 'a')] },
    ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"'],
  ],
  [
    'a key twice',
    {
      allowedTopologies: [
        {
          matchLabelExpressions: [
            { key: 'zone', values: ['a'] },
            { key: 'zone', values: ['b'] },
          ],
        },
      ],
    },
    ['allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"'],
  ],
  [
    'a topology twice',
    { allowedTopologies: [term('zone', 'a', 'b'), term('zone', 'b', 'a')] },
    ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ],
];

for (const [title, storageClass, expected] of cases) {
  test(`StorageClass.validate of ${title}`, () => {
    assert.deepEqual(faults(storageClass), expected);
  });
}

test('StorageClass.validateUpdate keeps what volumes have been made by', () => {
  const before = { provisioner, parameters: { a: 'b' } };
  assert.deepEqual(updateFaultsOf(StorageClass, { ...before, allowVolumeExpansion: true }, before), []);
  const after = { provisioner: 'b', reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' } as const;
  assert.deepEqual(updateFaultsOf(StorageClass, after, before), [
    'parameters: Forbidden: updates to parameters are forbidden.',
    'provisioner: Forbidden: updates to provisioner are forbidden.',
    'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ]);
});

test('StorageClass.warnings of old labels', () => {
  const allowedTopologies = [term('zone', 'a'), term('failure-domain.beta.kubernetes.io/zone', 'a')];
  assert.deepEqual(warningsOf(StorageClass, { provisioner, allowedTopologies }), [
    'allowedTopologies[1].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ]);
  assert.deepEqual(warningsOf(StorageClass, { provisioner }), []);
});
