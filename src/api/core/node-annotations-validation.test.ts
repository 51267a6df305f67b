import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { Node } from './node.ts';

const TAINTS = 'scheduler.alpha.kubernetes.io/taints';
const AVOID_PODS = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const AT = 'metadata.annotations';

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
