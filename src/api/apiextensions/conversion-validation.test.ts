import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definition } from '../../../test/support/definition-objects.ts';
import { faultsOf } from '../../../test/support/faults.ts';
import { CustomResourceDefinition } from './custom-resource-definition.ts';

const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

const cases: readonly [title: string, conversion: Readonly<Record<string, unknown>>, expected: readonly string[]][] = [
  ['nothing', { strategy: 'None' }, []],
  ['no strategy', { strategy: '' }, ['spec.conversion.strategy: Required value']],
  [
    'an unknown strategy',
    { strategy: 'Guess' },
    ['spec.conversion.strategy: Unsupported value: "Guess": supported values: "None", "Webhook"'],
  ],
  [
    'nothing, by a webhook',
    { strategy: 'None', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] } },
    [
      'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
  ],
  [
    'no webhook',
    { strategy: 'Webhook' },
    [
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
      'spec.conversion.conversionReviewVersions: Required value',
    ],
  ],
  [
    'a webhook of no address',
    { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } },
    ['spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required'],
  ],
  [
    'a webhook of two addresses',
    {
      strategy: 'Webhook',
      webhook: {
        clientConfig: { url: 'https://a', service: { namespace: 'a', name: 'b' } },
        conversionReviewVersions: ['v1'],
      },
    },
    ['spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required'],
  ],
  [
    'a webhook of a service',
    {
      strategy: 'Webhook',
      webhook: {
        clientConfig: { service: { namespace: 'a', name: 'b', path: '/c/d/', port: 8443 } },
        conversionReviewVersions: ['v1beta1', 'v2'],
      },
    },
    [],
  ],
  [
    'no versions of reviews',
    { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: [] } },
    ['spec.conversion.conversionReviewVersions: Required value'],
  ],
  [
    'versions of reviews that are none, or twice, or unknown',
    {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v2', 'v2', 'V3'] },
    },
    [
      'spec.conversion.conversionReviewVersions[1]: Invalid value: "v2": duplicate version',
      `spec.conversion.conversionReviewVersions[2]: Invalid value: "V3": ${LABEL}`,
      'spec.conversion.conversionReviewVersions: Invalid value: ["v2","v2","V3"]: must include at least one of v1, v1beta1',
    ],
  ],
];

for (const [title, conversion, expected] of cases) {
  test(`conversion by ${title}`, () => {
    assert.deepEqual(faultsOf(CustomResourceDefinition, definition({ conversion })), expected);
  });
}
