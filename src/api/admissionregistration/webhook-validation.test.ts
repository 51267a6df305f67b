import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf } from '../../../test/support/faults.ts';
import type { InputOf } from '../kind.ts';
import { MutatingWebhookConfiguration } from './mutating-webhook-configuration.ts';
import { ValidatingWebhookConfiguration } from './validating-webhook-configuration.ts';

type Webhook = NonNullable<InputOf<typeof MutatingWebhookConfiguration>['webhooks']>[number];

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_KEY =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
const webhook: Webhook = {
  name: 'a.example.com',
  clientConfig: { service: { namespace: 'a', name: 'b' } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
};

const cases: readonly [title: string, webhook: Readonly<Record<string, unknown>>, expected: readonly string[]][] = [
  ['a good webhook', {}, []],
  [
    'a webhook with all there is',
    {
      failurePolicy: 'Ignore',
      matchPolicy: 'Exact',
      reinvocationPolicy: 'IfNeeded',
      sideEffects: 'NoneOnDryRun',
      timeoutSeconds: 30,
      matchConditions: [{ name: 'a.b/c', expression: 'true' }],
      admissionReviewVersions: ['v2', 'v1beta1'],
      clientConfig: { url: 'https://a:8443/b' },
    },
    [],
  ],
  ['no name', { name: '' }, ['webhooks[0].name: Required value']],
  [
    'a name of two parts',
    { name: 'a.b' },
    ['webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
  ],
  ['a name that is none', { name: 'A!' }, [`webhooks[0].name: Invalid value: "A!": ${SUBDOMAIN}`]],
  [
    'side effects that are not told',
    { sideEffects: null },
    ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
  ],
  [
    'side effects',
    { sideEffects: 'Some' },
    ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
  ],
  [
    'policies of no sort',
    { failurePolicy: 'a', matchPolicy: 'b', reinvocationPolicy: 'c' },
    [
      'webhooks[0].failurePolicy: Unsupported value: "a": supported values: "Fail", "Ignore"',
      'webhooks[0].matchPolicy: Unsupported value: "b": supported values: "Equivalent", "Exact"',
      'webhooks[0].reinvocationPolicy: Unsupported value: "c": supported values: "IfNeeded", "Never"',
    ],
  ],
  [
    'policies that are empty',
    { failurePolicy: '', matchPolicy: '', reinvocationPolicy: '' },
    [
      'webhooks[0].failurePolicy: Unsupported value: "": supported values: "Fail", "Ignore"',
      'webhooks[0].matchPolicy: Unsupported value: "": supported values: "Equivalent", "Exact"',
      'webhooks[0].reinvocationPolicy: Unsupported value: "": supported values: "IfNeeded", "Never"',
    ],
  ],
  [
    'no time',
    { timeoutSeconds: 0 },
    ['webhooks[0].timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds'],
  ],
  [
    'too much time',
    { timeoutSeconds: 31 },
    ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
  ],
  [
    'no versions of reviews',
    { admissionReviewVersions: [] },
    ['webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1'],
  ],
  [
    'a version of reviews twice',
    { admissionReviewVersions: ['v1', 'v1'] },
    ['webhooks[0].admissionReviewVersions[1]: Invalid value: "v1": duplicate version'],
  ],
  [
    'unknown versions of reviews',
    { admissionReviewVersions: ['v2', 'V3'] },
    [
      `webhooks[0].admissionReviewVersions[1]: Invalid value: "V3": ${LABEL}`,
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2","V3"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'selectors that are none',
    {
      namespaceSelector: { matchLabels: { 'a/b/c': 'd' } },
      objectSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] },
    },
    [
      `webhooks[0].namespaceSelector.matchLabels: Invalid value: "a/b/c": ${LABEL_KEY}`,
      "webhooks[0].objectSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  ],
  [
    'no way to reach it',
    { clientConfig: {} },
    ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
  ],
  [
    'two ways to reach it',
    { clientConfig: { url: 'https://a', service: { namespace: 'a', name: 'b' } } },
    ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
  ],
  [
    'conditions without names and expressions',
    { matchConditions: [{ name: '', expression: ' ' }] },
    [
      'webhooks[0].matchConditions[0].expression: Required value',
      'webhooks[0].matchConditions[0].name: Required value',
    ],
  ],
  [
    'conditions of equal names',
    {
      matchConditions: [
        { name: 'a', expression: 'true' },
        { name: 'a', expression: 'true' },
      ],
    },
    ['webhooks[0].matchConditions[1].name: Duplicate value: "a"'],
  ],
  [
    'a condition of a name that is none',
    { matchConditions: [{ name: 'a/b/c', expression: 'true' }] },
    [`webhooks[0].matchConditions[0].name: Invalid value: "a/b/c": ${LABEL_KEY}`],
  ],
  [
    'too many conditions',
    { matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `a${i}`, expression: 'true' })) },
    ['webhooks[0].matchConditions: Too many: 65: must have at most 64 items'],
  ],
  [
    'a rule about nothing',
    { rules: [{}] },
    [
      'webhooks[0].rules[0].operations: Required value',
      'webhooks[0].rules[0].apiGroups: Required value',
      'webhooks[0].rules[0].apiVersions: Required value',
      'webhooks[0].rules[0].resources: Required value',
    ],
  ],
];

for (const [title, changes, expected] of cases) {
  test(`MutatingWebhookConfiguration.validateCreate of ${title}`, () => {
    const webhooks = [{ ...webhook, ...changes } as Webhook];
    assert.deepEqual(allFaultsOf(MutatingWebhookConfiguration, { webhooks }), expected);
  });
}

const updates: readonly [
  title: string,
  next: readonly Webhook[],
  previous: readonly Webhook[],
  expected: readonly string[],
][] = [
  ['another webhook', [webhook, { ...webhook, name: 'b.example.com' }], [webhook], []],
  ['the same name again', [webhook, webhook], [webhook], ['webhooks[1].name: Duplicate value: "a.example.com"']],
  ['the same name again as before', [webhook, webhook], [webhook, webhook], []],
  [
    'side effects',
    [{ ...webhook, sideEffects: 'Some' }],
    [webhook],
    ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
  ],
  ['side effects as before', [{ ...webhook, sideEffects: 'Some' }], [{ ...webhook, sideEffects: 'Unknown' }], []],
  [
    'unknown versions of reviews',
    [{ ...webhook, admissionReviewVersions: ['v2'] }],
    [webhook],
    ['webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1'],
  ],
  [
    'unknown versions of reviews as before',
    [{ ...webhook, admissionReviewVersions: ['v2'] }],
    [{ ...webhook, admissionReviewVersions: ['v3'] }],
    [],
  ],
  [
    'a condition',
    [{ ...webhook, matchConditions: [{ name: 'a/b/c', expression: 'true' }] }],
    [webhook],
    [`webhooks[0].matchConditions[0].name: Invalid value: "a/b/c": ${LABEL_KEY}`],
  ],
  [
    'a condition as before',
    [{ ...webhook, matchConditions: [{ name: 'a/b/c', expression: 'true' }] }],
    [{ ...webhook, matchConditions: [{ name: 'a/b/c', expression: 'true' }] }],
    [],
  ],
];

for (const [title, webhooks, previous, expected] of updates) {
  test(`MutatingWebhookConfiguration.validateUpdate to ${title}`, () => {
    assert.deepEqual(allFaultsOf(MutatingWebhookConfiguration, { webhooks }, { webhooks: previous }), expected);
  });
}

test('ValidatingWebhookConfiguration has the same rules', () => {
  const { reinvocationPolicy: _, ...validating } = webhook;
  const faults = (webhooks: readonly Webhook[]) => allFaultsOf(ValidatingWebhookConfiguration, { webhooks });
  assert.deepEqual(faults([validating]), []);
  assert.deepEqual(faults([validating, validating]), ['webhooks[1].name: Duplicate value: "a.example.com"']);
  assert.deepEqual(allFaultsOf(ValidatingWebhookConfiguration, {}), []);
});

test('webhook configurations of names that are kept for files are warned of', () => {
  const warnings = (name: string) =>
    MutatingWebhookConfiguration.warnings?.({ metadata: { name } } as never, undefined);
  assert.deepEqual(warnings('a.static.k8s.io'), [
    'metadata.name: names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API',
  ]);
  assert.deepEqual(warnings('a.k8s.io'), []);
});
