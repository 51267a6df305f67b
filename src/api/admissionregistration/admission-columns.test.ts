import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { MutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.ts';
import { MutatingWebhookConfiguration } from './mutating-webhook-configuration.ts';
import { ValidatingAdmissionPolicy } from './validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';
import { ValidatingWebhookConfiguration } from './validating-webhook-configuration.ts';

const webhook = {
  name: 'a.example.com',
  clientConfig: { service: { namespace: 'a', name: 'b' } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
} as const;
const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };

const cases: readonly [title: string, row: string, expected: string][] = [
  ['MutatingWebhookConfiguration', rowOf(MutatingWebhookConfiguration, { webhooks: [webhook] }), 'x | 1 | 60m'],
  ['ValidatingWebhookConfiguration', rowOf(ValidatingWebhookConfiguration, {}), 'x | 0 | 60m'],
  [
    'ValidatingAdmissionPolicy',
    rowOf(ValidatingAdmissionPolicy, { spec: { paramKind, validations: [{ expression: 'true' }] } }),
    'x | 1 | v1/ConfigMap | 60m',
  ],
  [
    'ValidatingAdmissionPolicyBinding',
    rowOf(ValidatingAdmissionPolicyBinding, {
      spec: { policyName: 'p', paramRef: { name: 'c', namespace: 'n' }, validationActions: ['Deny'] },
    }),
    'x | p | n/c | 60m',
  ],
  [
    'a ValidatingAdmissionPolicyBinding without parameters',
    rowOf(ValidatingAdmissionPolicyBinding, { spec: { policyName: 'p', validationActions: ['Deny'] } }),
    'x | p | <unset> | 60m',
  ],
  ['MutatingAdmissionPolicy', rowOf(MutatingAdmissionPolicy, { spec: { mutations: [] } }), 'x | 0 | <unset> | 60m'],
  [
    'MutatingAdmissionPolicyBinding',
    rowOf(MutatingAdmissionPolicyBinding, { spec: { policyName: 'p', paramRef: { selector: {} } } }),
    'x | p | <none> | 60m',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('webhooks get what minimal ones leave open', () => {
  const defaults = {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  };
  const rules = [{ ...webhook.rules[0], scope: '*' }];
  const clientConfig = { service: { namespace: 'a', name: 'b', port: 443 } };
  const mutating = readInput(MutatingWebhookConfiguration, { webhooks: [webhook] }).webhooks?.[0];
  assert.deepEqual(mutating, { ...webhook, ...defaults, rules, clientConfig, reinvocationPolicy: 'Never' });
  const validating = readInput(ValidatingWebhookConfiguration, { webhooks: [webhook] }).webhooks?.[0];
  assert.deepEqual(validating, { ...webhook, ...defaults, rules, clientConfig });
});

test('admission policies get what minimal ones leave open', () => {
  const { spec } = readInput(ValidatingAdmissionPolicy, { spec: { matchConstraints: {} } });
  assert.deepEqual(spec, {
    failurePolicy: 'Fail',
    matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} },
  });
});
