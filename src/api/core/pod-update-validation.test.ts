import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateFaultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Spec = NonNullable<Parameters<typeof updateFaultsOf<typeof Pod>>[1]['spec']>;

const main = { name: 'main', image: 'nginx:1' };
const podOf = (spec: Partial<Spec>) => ({ spec: { containers: [main], ...spec } });
const faults = (spec: Partial<Spec>, previous: Partial<Spec>) => updateFaultsOf(Pod, podOf(spec), podOf(previous));

const gate = { schedulingGates: [{ name: 'wait' }] };
type Requirement = { key: string; operator: 'Exists' };
const onNodes = (...terms: readonly (readonly Requirement[])[]): Partial<Spec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((matchExpressions) => ({ matchExpressions })),
      },
    },
  },
});
const a: Requirement = { key: 'a', operator: 'Exists' };
const b: Requirement = { key: 'b', operator: 'Exists' };

const cases: readonly [title: string, spec: Partial<Spec>, previous: Partial<Spec>, expected: readonly string[]][] = [
  ['nothing', {}, {}, []],
  [
    'images',
    { containers: [{ ...main, image: 'nginx:2' }], initContainers: [{ name: 'init', image: 'b' }] },
    { initContainers: [{ name: 'init', image: 'a' }] },
    [],
  ],
  [
    'a container more',
    { containers: [main, { ...main, name: 'other' }] },
    {},
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  ],
  [
    'an init container less',
    {},
    { initContainers: [{ name: 'init', image: 'a' }] },
    ['spec.initContainers: Forbidden: pod updates may not add or remove containers'],
  ],
  ['a deadline', { activeDeadlineSeconds: 10 }, {}, []],
  ['a deadline brought forward', { activeDeadlineSeconds: 5 }, { activeDeadlineSeconds: 10 }, []],
  [
    'a deadline put off',
    { activeDeadlineSeconds: 11 },
    { activeDeadlineSeconds: 10 },
    ['spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value'],
  ],
  [
    'a deadline that is none',
    { activeDeadlineSeconds: -1 },
    {},
    ['spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
  ],
  [
    'no deadline any more',
    {},
    { activeDeadlineSeconds: 10 },
    ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
  ],
  [
    'a toleration more, and more time for another',
    {
      tolerations: [
        { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 },
        { operator: 'Exists' },
      ],
    },
    { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }] },
    [],
  ],
  [
    'a toleration less',
    {},
    { tolerations: [{ operator: 'Exists' }] },
    ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  ],
  ['a gate less', {}, gate, []],
  [
    'a gate more',
    { schedulingGates: [{ name: 'other' }] },
    {},
    ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'other'"],
  ],
  [
    'one second where the time was negative',
    { terminationGracePeriodSeconds: 1 },
    { terminationGracePeriodSeconds: -1 },
    [],
  ],
  [
    'another time to end',
    { terminationGracePeriodSeconds: 1 },
    { terminationGracePeriodSeconds: 2 },
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\nspec.terminationGracePeriodSeconds: 2 -> 1',
    ],
  ],
  [
    'a variable',
    { containers: [{ ...main, env: [{ name: 'A', value: 'b' }] }] },
    {},
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\nspec.containers[0].env: null -> [{"name":"A","value":"b"}]',
    ],
  ],
  [
    'a node selector',
    { nodeSelector: { a: 'b' } },
    {},
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\nspec.nodeSelector: null -> {"a":"b"}',
    ],
  ],
  [
    'a node selector while it waits',
    { ...gate, nodeSelector: { a: 'b', c: 'd' } },
    { ...gate, nodeSelector: { a: 'b' } },
    [],
  ],
  [
    'another node selector while it waits',
    { ...gate, nodeSelector: { a: 'c' } },
    { ...gate, nodeSelector: { a: 'b' } },
    [
      'spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  ],
  ['an affinity while it waits', { ...gate, ...onNodes([a]) }, gate, []],
  ['an affinity to more while it waits', { ...gate, ...onNodes([a, b]) }, { ...gate, ...onNodes([a]) }, []],
  [
    'an affinity to something else while it waits',
    { ...gate, ...onNodes([b]) },
    { ...gate, ...onNodes([a]) },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)',
    ],
  ],
  [
    'an affinity to nothing while it waits',
    { ...gate, ...onNodes([a]) },
    { ...gate, ...onNodes([]) },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"matchExpressions":[{"key":"a","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)',
    ],
  ],
  [
    'one affinity more while it waits',
    { ...gate, ...onNodes([a], [b]) },
    { ...gate, ...onNodes([a]) },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Invalid value: [{"matchExpressions":[{"key":"a","operator":"Exists"}]},{"matchExpressions":[{"key":"b","operator":"Exists"}]}]: no additions/deletions to non-empty NodeSelectorTerms list are allowed',
    ],
  ],
  [
    'no affinity any more while it waits',
    gate,
    { ...gate, ...onNodes([a]) },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Invalid value: []: no additions/deletions to non-empty NodeSelectorTerms list are allowed',
    ],
  ],
  [
    'an affinity to pods while it waits',
    { ...gate, affinity: { podAffinity: {} } },
    gate,
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\nspec.affinity: null -> {"podAffinity":{}}',
    ],
  ],
];

for (const [title, spec, previous, expected] of cases) {
  test(`Pod.validateUpdate of ${title}`, () => {
    assert.deepEqual(faults(spec, previous), expected);
  });
}
