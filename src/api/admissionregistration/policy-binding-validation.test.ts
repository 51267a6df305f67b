import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf } from '../../../test/support/faults.ts';
import type { InputOf } from '../kind.ts';
import { MutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';

type Spec = Readonly<Record<string, unknown>>;

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_KEY =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  [
    'a good binding',
    {
      paramRef: { name: 'a', namespace: 'b', parameterNotFoundAction: 'Allow' },
      matchResources: {},
      validationActions: ['Deny', 'Audit'],
    },
    [],
  ],
  ['no policy', { policyName: '' }, ['spec.policyName: Required value']],
  ['a policy of a name that is none', { policyName: 'A!' }, [`spec.policyName: Invalid value: "A!": ${SUBDOMAIN}`]],
  [
    'parameters that are not named',
    { paramRef: {} },
    [
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
    ],
  ],
  [
    'parameters that are named twice',
    { paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } },
    [
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    ],
  ],
  [
    'parameters of a name that is none',
    { paramRef: { name: 'a/b', parameterNotFoundAction: 'Panic' } },
    [
      'spec.paramRef.name: Invalid value: "a/b": may not contain \'/\'',
      'spec.paramRef.parameterNotFoundAction: Unsupported value: "Panic": supported values: "Deny", "Allow"',
    ],
  ],
  [
    'parameters by a selector that is none',
    { paramRef: { selector: { matchLabels: { 'a/b/c': '' } }, parameterNotFoundAction: 'Deny' } },
    [`spec.paramRef.selector.matchLabels: Invalid value: "a/b/c": ${LABEL_KEY}`],
  ],
  [
    'no such match policy',
    { matchResources: { matchPolicy: 'Fuzzy' } },
    ['spec.matchResources.matchPolicy: Unsupported value: "Fuzzy": supported values: "Equivalent", "Exact"'],
  ],
  [
    'rules about nothing',
    { matchResources: { resourceRules: [{ ...rule, resources: [] }] } },
    ['spec.matchResources.resourceRules[0].resources: Required value'],
  ],
  [
    'no action',
    { validationActions: [] },
    ['spec.validationActions: Required value: at least one validation action is required'],
  ],
  [
    'an action twice',
    { validationActions: ['Audit', 'Audit'] },
    ['spec.validationActions[1]: Duplicate value: "Audit"'],
  ],
  [
    'two actions that say the same',
    { validationActions: ['Deny', 'Warn'] },
    [
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
  [
    'unknown actions',
    { validationActions: ['Sigh', ''] },
    [
      'spec.validationActions[0]: Unsupported value: "Sigh": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions[1]: Unsupported value: "": supported values: "Audit", "Deny", "Warn"',
    ],
  ],
];

for (const [title, changes, expected] of cases) {
  test(`ValidatingAdmissionPolicyBinding.validate of ${title}`, () => {
    const input = { spec: { policyName: 'a', validationActions: ['Deny'], ...changes } };
    type Input = InputOf<typeof ValidatingAdmissionPolicyBinding>;
    assert.deepEqual(allFaultsOf(ValidatingAdmissionPolicyBinding, input as Input), expected);
  });
}

const mutating: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['a good binding', { matchResources: { resourceRules: [rule] } }, []],
  ['no policy', { policyName: '' }, ['spec.policyName: Required value']],
  [
    'parameters that are not named',
    { paramRef: {} },
    [
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
    ],
  ],
  [
    'what is deleted',
    { matchResources: { resourceRules: [{ ...rule, operations: ['DELETE'] }] } },
    [
      'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ],
];

for (const [title, changes, expected] of mutating) {
  test(`MutatingAdmissionPolicyBinding.validate of ${title}`, () => {
    const input = { spec: { policyName: 'a', ...changes } };
    type Input = InputOf<typeof MutatingAdmissionPolicyBinding>;
    assert.deepEqual(allFaultsOf(MutatingAdmissionPolicyBinding, input as Input), expected);
  });
}
