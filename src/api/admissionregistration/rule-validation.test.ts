import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf } from '../../../test/support/faults.ts';
import { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';
import { ValidatingWebhookConfiguration } from './validating-webhook-configuration.ts';

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] } as const;
const webhook = {
  name: 'a.example.com',
  clientConfig: { service: { namespace: 'a', name: 'b' } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
} as const;

type Case = readonly [title: string, rule: Readonly<Record<string, unknown>>, expected: readonly string[]];

const cases: readonly Case[] = [
  ['everything', { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: '*' }, []],
  ['subresources', { resources: ['pods', 'pods/status', '*/scale', 'nodes/*'], scope: 'Namespaced' }, []],
  [
    'nothing',
    { operations: [], apiGroups: [], apiVersions: [], resources: [] },
    [
      'webhooks[0].rules[0].operations: Required value',
      'webhooks[0].rules[0].apiGroups: Required value',
      'webhooks[0].rules[0].apiVersions: Required value',
      'webhooks[0].rules[0].resources: Required value',
    ],
  ],
  [
    'everything and more',
    { operations: ['*', 'CREATE'], apiGroups: ['*', 'a'], apiVersions: ['*', 'v1'], resources: ['*/*', 'pods'] },
    [
      'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
      'webhooks[0].rules[0].apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other API groups',
      'webhooks[0].rules[0].apiVersions: Invalid value: ["*","v1"]: if \'*\' is present, must not specify other API versions',
      'webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources',
    ],
  ],
  [
    'unknown operations',
    { operations: ['PATCH', ''] },
    [
      'webhooks[0].rules[0].operations[0]: Unsupported value: "PATCH": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
      'webhooks[0].rules[0].operations[1]: Unsupported value: "": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ],
  ],
  [
    'an unknown scope',
    { scope: 'World' },
    ['webhooks[0].rules[0].scope: Unsupported value: "World": supported values: "*", "Cluster", "Namespaced"'],
  ],
  [
    'an empty scope',
    { scope: '' },
    ['webhooks[0].rules[0].scope: Unsupported value: "": supported values: "*", "Cluster", "Namespaced"'],
  ],
  [
    'an empty version and an empty resource',
    { apiVersions: [''], resources: [''] },
    ['webhooks[0].rules[0].apiVersions[0]: Required value', 'webhooks[0].rules[0].resources[0]: Required value'],
  ],
  [
    'all resources and one',
    { resources: ['*', 'pods'] },
    [
      'webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
  ],
  ['all resources and a subresource', { resources: ['*', 'pods/status'] }, []],
  ['one resource, then all of them', { resources: ['pods', '*'] }, []],
  [
    'all subresources of a resource and one',
    { resources: ['pods/*', 'pods/status'] },
    [
      'webhooks[0].rules[0].resources[1]: Invalid value: "pods/status": if \'pods/*\' is present, must not specify pods/status',
    ],
  ],
  ['one subresource, then all', { resources: ['pods/status', 'pods/*'] }, []],
  [
    'a subresource of all resources and of one',
    { resources: ['*/status', 'pods/status'] },
    [
      'webhooks[0].rules[0].resources[1]: Invalid value: "pods/status": if \'*/status\' is present, must not specify pods/status',
    ],
  ],
];

for (const [title, changes, expected] of cases) {
  test(`rules of webhooks about ${title}`, () => {
    const webhooks = [{ ...webhook, rules: [{ ...rule, ...changes }] }];
    assert.deepEqual(allFaultsOf(ValidatingWebhookConfiguration, { webhooks }), expected);
  });
}

const named: readonly Case[] = [
  ['names', { resourceNames: ['a', 'B:c'] }, []],
  [
    'names that are none, or twice',
    { resourceNames: ['a/b', 'c', 'c', '.'] },
    [
      'spec.matchResources.resourceRules[0].resourceNames[0]: Invalid value: "a/b": may not contain \'/\'',
      'spec.matchResources.resourceRules[0].resourceNames[2]: Duplicate value: "c"',
      'spec.matchResources.resourceRules[0].resourceNames[3]: Invalid value: ".": may not be \'.\'',
    ],
  ],
];

for (const [title, changes, expected] of named) {
  test(`rules of policies about ${title}`, () => {
    const matchResources = { resourceRules: [{ ...rule, ...changes }] };
    const spec = { policyName: 'a', validationActions: ['Deny'] as const, matchResources };
    assert.deepEqual(allFaultsOf(ValidatingAdmissionPolicyBinding, { spec }), expected);
  });
}
