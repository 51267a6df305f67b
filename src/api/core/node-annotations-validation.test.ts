import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { Node } from './node.ts';

const TAINTS = 'scheduler.alpha.kubernetes.io/taints';
const AVOID_PODS = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const AT = 'metadata.annotations';
const NAME =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const cases: readonly [title: string, annotations: Readonly<Record<string, string>>, expected: readonly string[]][] = [
  ['taints', { [TAINTS]: '[{"key": "a", "effect": "NoSchedule"}]' }, []],
  ['empty ones', { [TAINTS]: '', [AVOID_PODS]: '' }, []],
  ['null', { [TAINTS]: 'null', [AVOID_PODS]: 'null' }, []],
  ['taints that are none', { [TAINTS]: '[{"key": "a"}]' }, [`${AT}.${TAINTS}[0].effect: Required value`]],
  ['taints that are no JSON', { [TAINTS]: '[' }, [`${AT}: Invalid value: "${TAINTS}": unexpected end of JSON input`]],
  [
    'taints that are no list',
    { [TAINTS]: '{}' },
    [`${AT}: Invalid value: "${TAINTS}": json: cannot unmarshal object into Go value of type []core.Taint`],
  ],
  [
    'taints of other things',
    { [TAINTS]: '[{"key": 1}]' },
    [
      `${AT}: Invalid value: "${TAINTS}": json: cannot unmarshal number into Go struct field Taint.taints.key of type string`,
    ],
  ],
  [
    'a taint that is null, and pods that are a number',
    { [TAINTS]: '[null]', [AVOID_PODS]: '1' },
    [
      `${AT}.${TAINTS}[0].key: Invalid value: "": name part must be non-empty`,
      `${AT}.${TAINTS}[0].key: Invalid value: "": name part ${NAME}`,
      `${AT}.${TAINTS}[0].effect: Required value`,
      `${AT}.AvoidPods: Invalid value: "${AVOID_PODS}": json: cannot unmarshal number into Go value of type v1.AvoidPods`,
    ],
  ],
  [
    'pods of a controller',
    { [AVOID_PODS]: '{"preferAvoidPods": [{"podSignature": {"podController": {"controller": true}}}]}' },
    [],
  ],
  [
    'pods of nobody',
    { [AVOID_PODS]: '{"preferAvoidPods": [{}, {"podSignature": {"podController": {"controller": false}}}]}' },
    [
      `${AT}.${AVOID_PODS}[0].PodSignature: Required value`,
      `${AT}.${AVOID_PODS}[1].PodSignature.PodController.Controller: Invalid value: false: must point to a controller`,
    ],
  ],
  [
    'pods that are a list',
    { [AVOID_PODS]: '[]' },
    [
      `${AT}.AvoidPods: Invalid value: "${AVOID_PODS}": json: cannot unmarshal array into Go value of type v1.AvoidPods`,
    ],
  ],
];

for (const [title, annotations, expected] of cases) {
  test(`Node.validate of annotations with ${title}`, () => {
    assert.deepEqual(faultsOf(Node, { metadata: { annotations } }), expected);
  });
}

test('Node.validateStatusUpdate looks at annotations, too', () => {
  const node = { metadata: { annotations: { [TAINTS]: '[' } } };
  assert.deepEqual(statusFaultsOf(Node, node, node), [
    `${AT}: Invalid value: "${TAINTS}": unexpected end of JSON input`,
  ]);
});
