import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf } from '../../../test/support/faults.ts';
import type { InputOf } from '../kind.ts';
import { MutatingAdmissionPolicy } from './mutating-admission-policy.ts';

type Spec = Readonly<Record<string, unknown>>;

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const mutating = (spec: Spec) =>
  ({
    spec: {
      matchConstraints: { resourceRules: [rule] },
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
      ...spec,
    },
  }) as InputOf<typeof MutatingAdmissionPolicy>;

const LABEL_KEY =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
const mutatingCases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['a good policy', {}, []],
  [
    'a configuration to apply',
    { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }] },
    [],
  ],
  [
    'what is deleted',
    { matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE', 'UPDATE'] }] } },
    [
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ],
  ['nothing to match', { matchConstraints: undefined }, ['spec.matchConstraints: Required value']],
  [
    'conditions and variables that are none',
    { matchConditions: [{ name: '', expression: '' }], variables: [{ name: '', expression: '' }] },
    [
      'spec.matchConditions[0].expression: Required value',
      'spec.matchConditions[0].name: Required value',
      'spec.variables[0].name: Required value: name is not specified',
      'spec.variables[0].expression: Required value: expression is not specified',
    ],
  ],
  [
    'nothing to change',
    { mutations: [] },
    ['spec.mutations: Required value: mutations must contain at least one item'],
  ],
  [
    'changes of no sort',
    { mutations: [{ patchType: '' }, { patchType: 'Diff' }] },
    [
      'spec.mutations[0].patchType: Required value',
      'spec.mutations[1].patchType: Unsupported value: "Diff": supported values: "ApplyConfiguration", "JSONPatch"',
    ],
  ],
  [
    'changes that are not there',
    { mutations: [{ patchType: 'JSONPatch' }, { patchType: 'ApplyConfiguration' }] },
    [
      'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[1].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
    ],
  ],
  [
    'blank changes',
    {
      mutations: [
        { patchType: 'JSONPatch', jsonPatch: { expression: ' ' } },
        { patchType: 'ApplyConfiguration', applyConfiguration: {} },
      ],
    },
    [
      'spec.mutations[0].jsonPatch.expression: Required value',
      'spec.mutations[1].applyConfiguration.expression: Required value',
    ],
  ],
  [
    'changes of both sorts',
    {
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/a"}]' },
          applyConfiguration: { expression: 'Object{}' },
        },
        {
          patchType: 'ApplyConfiguration',
          jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/a"}]' },
          applyConfiguration: { expression: 'Object{}' },
        },
      ],
    },
    [
      'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
      'spec.mutations[1].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
    ],
  ],
  ['no word of a second time', { reinvocationPolicy: '' }, ['spec.reinvocationPolicy: Required value']],
  [
    'no such word of a second time',
    { reinvocationPolicy: 'Always' },
    ['spec.reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"'],
  ],
  [
    'no such failure policy',
    { failurePolicy: 'Retry' },
    ['spec.failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"'],
  ],
];

for (const [title, spec, expected] of mutatingCases) {
  test(`MutatingAdmissionPolicy.validateCreate of ${title}`, () => {
    assert.deepEqual(allFaultsOf(MutatingAdmissionPolicy, mutating(spec)), expected);
  });
}

const mutatingUpdates: readonly [title: string, next: Spec, previous: Spec, expected: readonly string[]][] = [
  [
    'a condition as before',
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    [],
  ],
  [
    'a condition',
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    {},
    [`spec.matchConditions[0].name: Invalid value: "a/b/c": ${LABEL_KEY}`],
  ],
];

for (const [title, next, previous, expected] of mutatingUpdates) {
  test(`MutatingAdmissionPolicy.validateUpdate to ${title}`, () => {
    assert.deepEqual(allFaultsOf(MutatingAdmissionPolicy, mutating(next), mutating(previous)), expected);
  });
}
