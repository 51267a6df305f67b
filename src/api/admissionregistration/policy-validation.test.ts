import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import type { InputOf } from '../kind.ts';
import { ValidatingAdmissionPolicy } from './validating-admission-policy.ts';

type Spec = Readonly<Record<string, unknown>>;
type Validating = InputOf<typeof ValidatingAdmissionPolicy>;

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const matchConstraints = { resourceRules: [rule] };
const validating = (spec: Spec) =>
  ({ spec: { matchConstraints, validations: [{ expression: 'true' }], ...spec } }) as Validating;

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_KEY =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
const NAME =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['a good policy', {}, []],
  [
    'a policy with all there is',
    {
      failurePolicy: 'Ignore',
      paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' },
      matchConditions: [{ name: 'a', expression: 'true' }],
      variables: [{ name: '_a1', expression: '1' }],
      validations: [{ expression: 'true', message: 'a', messageExpression: '"a"', reason: 'Forbidden' }],
      auditAnnotations: [{ key: 'a', valueExpression: '"a"' }],
    },
    [],
  ],
  [
    'no such failure policy',
    { failurePolicy: 'Retry' },
    ['spec.failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"'],
  ],
  [
    'parameters of no kind',
    { paramKind: {} },
    ['spec.paramKind.apiVersion: Required value', 'spec.paramKind.kind: Required value'],
  ],
  [
    'parameters of a version that is none',
    { paramKind: { apiVersion: 'a/b/c', kind: 'A_b' } },
    [
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `spec.paramKind.kind: Invalid value: "A_b": may have mixed case, but should otherwise match: ${LABEL}`,
    ],
  ],
  [
    'parameters of a group that is none',
    { paramKind: { apiVersion: 'A!/1', kind: 'A' } },
    [
      `spec.paramKind.apiVersion: Invalid value: "A!": ${SUBDOMAIN}`,
      `spec.paramKind.apiVersion: Invalid value: "1": ${LABEL}`,
    ],
  ],
  [
    'parameters without a version',
    { paramKind: { apiVersion: 'a/', kind: 'A' } },
    ['spec.paramKind.apiVersion: Invalid value: "a/": version must be specified'],
  ],
  ['nothing to match', { matchConstraints: undefined }, ['spec.matchConstraints: Required value']],
  ['no resources to match', { matchConstraints: {} }, ['spec.matchConstraints.resourceRules: Required value']],
  [
    'rules about nothing, and nothing excluded',
    { matchConstraints: { resourceRules: [{}], excludeResourceRules: [{ ...rule, resources: [] }] } },
    [
      'spec.matchConstraints.resourceRules[0].operations: Required value',
      'spec.matchConstraints.resourceRules[0].apiGroups: Required value',
      'spec.matchConstraints.resourceRules[0].apiVersions: Required value',
      'spec.matchConstraints.resourceRules[0].resources: Required value',
      'spec.matchConstraints.excludeResourceRules[0].resources: Required value',
    ],
  ],
  [
    'no such match policy, and selectors that are none',
    {
      matchConstraints: {
        ...matchConstraints,
        matchPolicy: 'Fuzzy',
        namespaceSelector: { matchLabels: { 'a/b/c': '' } },
      },
    },
    [
      `spec.matchConstraints.namespaceSelector.matchLabels: Invalid value: "a/b/c": ${LABEL_KEY}`,
      'spec.matchConstraints.matchPolicy: Unsupported value: "Fuzzy": supported values: "Equivalent", "Exact"',
    ],
  ],
  [
    'conditions that are none',
    { matchConditions: [{ name: '', expression: '' }] },
    ['spec.matchConditions[0].expression: Required value', 'spec.matchConditions[0].name: Required value'],
  ],
  [
    'variables that are none',
    {
      variables: [
        { name: '', expression: '' },
        { name: 'a-b', expression: '1' },
        { name: 'in', expression: ' ' },
      ],
    },
    [
      'spec.variables[0].name: Required value: name is not specified',
      'spec.variables[0].expression: Required value: expression is not specified',
      'spec.variables[1].name: Invalid value: "a-b": must be a valid CEL identifier',
      'spec.variables[2].name: Invalid value: "in": must be a valid CEL identifier',
      'spec.variables[2].expression: Required value: expression is not specified',
    ],
  ],
  [
    'nothing to check',
    { validations: [] },
    [
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
      'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ],
  ],
  ['annotations only', { validations: [], auditAnnotations: [{ key: 'a', valueExpression: '"a"' }] }, []],
  [
    'a validation of blanks',
    { validations: [{ expression: ' ', message: ' ', messageExpression: ' ', reason: 'Because' }] },
    [
      'spec.validations[0].expression: Required value: expression is not specified',
      'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].message: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].reason: Unsupported value: "Because": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
  ],
  [
    'a message of two lines',
    { validations: [{ expression: 'true', message: 'a\nb' }] },
    ['spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks'],
  ],
  [
    'annotations that are none',
    { auditAnnotations: [{ key: '', valueExpression: '' }] },
    [
      'spec.auditAnnotations[0].key: Invalid value: "test/": name part must be non-empty',
      `spec.auditAnnotations[0].key: Invalid value: "test/": name part ${NAME}`,
      'spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
    ],
  ],
  [
    'annotations of one key',
    {
      auditAnnotations: [
        { key: 'a', valueExpression: '"a"' },
        { key: 'a', valueExpression: '"b"' },
      ],
    },
    ['spec.auditAnnotations[1].key: Duplicate value: "a"'],
  ],
  [
    'an annotation that is too long',
    { auditAnnotations: [{ key: 'a', valueExpression: `"${'a'.repeat(5119)}"` }] },
    ['spec.auditAnnotations[0].valueExpression: Required value: must not exceed 5120 bytes in length'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`ValidatingAdmissionPolicy.validateCreate of ${title}`, () => {
    assert.deepEqual(allFaultsOf(ValidatingAdmissionPolicy, validating(spec)), expected);
  });
}

test('ValidatingAdmissionPolicy.validateCreate of too many annotations', () => {
  const auditAnnotations = Array.from({ length: 21 }, (_, index) => ({ key: `a${index}`, valueExpression: '"a"' }));
  const [fault, ...others] = allFaultsOf(ValidatingAdmissionPolicy, validating({ auditAnnotations }));
  assert.deepEqual(others, []);
  assert.match(fault ?? '', /^spec\.auditAnnotations: Invalid value: \[\{"Key":"a0","ValueExpression":"\\"a\\""\},/);
  assert.match(fault ?? '', /: must not have more than 20 auditAnnotations$/);
});

const updates: readonly [title: string, next: Spec, previous: Spec, expected: readonly string[]][] = [
  [
    'a condition',
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    {},
    [`spec.matchConditions[0].name: Invalid value: "a/b/c": ${LABEL_KEY}`],
  ],
  [
    'a condition as before',
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    [],
  ],
  [
    'a condition as before, with parameters',
    { paramKind: { apiVersion: 'v1', kind: 'A' }, matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    [`spec.matchConditions[0].name: Invalid value: "a/b/c": ${LABEL_KEY}`],
  ],
  [
    'nothing to check',
    { validations: [] },
    {},
    [
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
      'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ],
  ],
];

for (const [title, next, previous, expected] of updates) {
  test(`ValidatingAdmissionPolicy.validateUpdate to ${title}`, () => {
    assert.deepEqual(allFaultsOf(ValidatingAdmissionPolicy, validating(next), validating(previous)), expected);
  });
}

const condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Fine',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const statuses: readonly [title: string, status: Readonly<Record<string, unknown>>, expected: readonly string[]][] = [
  [
    'what has been found',
    {
      observedGeneration: 1,
      typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning: 'a' }] },
      conditions: [condition],
    },
    [],
  ],
  [
    'warnings without words',
    { typeChecking: { expressionWarnings: [{ fieldRef: ' ', warning: '' }] } },
    [
      'status.typeChecking.expressionWarnings[0].warning: Required value',
      'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
    ],
  ],
  [
    'a condition twice',
    { conditions: [condition, condition] },
    ['status.conditions[1].type: Duplicate value: "Ready"'],
  ],
  [
    'a condition that is none',
    {
      conditions: [
        { type: '', status: 'Perhaps', reason: '', message: '', lastTransitionTime: null, observedGeneration: -1 },
      ],
    },
    [
      'status.conditions[0].type: Invalid value: "": name part must be non-empty',
      `status.conditions[0].type: Invalid value: "": name part ${NAME}`,
      'status.conditions[0].status: Unsupported value: "Perhaps": supported values: "False", "True", "Unknown"',
      'status.conditions[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero',
      'status.conditions[0].lastTransitionTime: Required value',
      'status.conditions[0].reason: Required value',
    ],
  ],
  [
    'a reason that is none',
    { conditions: [{ ...condition, reason: '1' }] },
    [
      "status.conditions[0].reason: Invalid value: \"1\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
    ],
  ],
  [
    'too many words',
    { conditions: [{ ...condition, reason: 'a'.repeat(1025), message: 'a'.repeat(32769) }] },
    [
      'status.conditions[0].reason: Too long: may not be more than 1024 bytes',
      'status.conditions[0].message: Too long: may not be more than 32768 bytes',
    ],
  ],
];

for (const [title, status, expected] of statuses) {
  test(`ValidatingAdmissionPolicy.validateStatusUpdate with ${title}`, () => {
    const next = { ...validating({}), status } as Validating;
    assert.deepEqual(statusFaultsOf(ValidatingAdmissionPolicy, next, validating({})), expected);
  });
}
