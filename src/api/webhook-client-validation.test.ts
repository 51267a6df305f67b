import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64 } from '../base/base64.ts';
import { type FieldError, formatFieldError, Path } from './field-error.ts';
import {
  checkCaBundle,
  checkWebhookClient,
  type WebhookClient,
  type WebhookService,
} from './webhook-client-validation.ts';

const FORM = '; desired format: https://host[/path]';
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const service = (changes: Partial<WebhookService>): WebhookClient => ({
  service: { namespace: 'a', name: 'b', port: 443, ...changes },
});

const cases: readonly [title: string, client: WebhookClient, expected: readonly string[]][] = [
  ['a URL', { url: 'https://a:8443/b' }, []],
  ['a service', service({ path: '/a/b.c/' }), []],
  ['nothing', {}, ['at: Required value: exactly one of url or service is required']],
  ['both', { url: 'https://a', ...service({}) }, ['at: Required value: exactly one of url or service is required']],
  [
    'a URL that is none',
    { url: 'https://a b' },
    [`at.url: Required value: url must be a valid URL: parse "https://a b": invalid character " " in host name${FORM}`],
  ],
  [
    'a URL of nowhere',
    { url: 'a' },
    [
      `at.url: Invalid value: "": 'https' is the only allowed URL scheme${FORM}`,
      `at.url: Invalid value: "": host must be specified${FORM}`,
    ],
  ],
  [
    'a URL with all there may be',
    { url: 'http://u@a/?b#c' },
    [
      `at.url: Invalid value: "http": 'https' is the only allowed URL scheme${FORM}`,
      'at.url: Invalid value: "u": user information is not permitted in the URL',
      'at.url: Invalid value: "c": fragments are not permitted in the URL',
      'at.url: Invalid value: "b": query parameters are not permitted in the URL',
    ],
  ],
  ['a service without a name', service({ name: '' }), ['at.service.namespace: Required value']],
  ['a service without a namespace', service({ namespace: '' }), ['at.service.name: Required value']],
  [
    'a service without a port',
    service({ port: 0 }),
    ['at.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive'],
  ],
  ['an empty path', service({ path: '' }), []],
  ['two slashes', service({ path: '//' }), ['at.service.path: Invalid value: "//": segment[0] may not be empty']],
  [
    'a path that is none',
    service({ path: '/a//B' }),
    [
      'at.service.path: Invalid value: "/a//B": segment[1] may not be empty',
      `at.service.path: Invalid value: "/a//B": segment[2]: ${SUBDOMAIN}`,
    ],
  ],
  [
    'a path without a beginning',
    service({ path: 'ab' }),
    ['at.service.path: Invalid value: "ab": must start with a \'/\''],
  ],
];

for (const [title, client, expected] of cases) {
  test(`checkWebhookClient: ${title}`, () => {
    const errors: FieldError[] = [];
    checkWebhookClient(client, Path.of('at'), errors);
    assert.deepEqual(errors.map(formatFieldError), expected);
  });
}

function bundleFaults(text: string): readonly string[] {
  const errors: FieldError[] = [];
  checkCaBundle(encodeBase64(new TextEncoder().encode(text)), Path.of('at'), errors);
  return errors.map(({ detail }) => detail);
}

const certificate = (der: string) => `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`;

test('checkCaBundle takes certificates only', () => {
  const why = 'unable to load root certificates: ';
  assert.deepEqual(bundleFaults(certificate('MAA=')), []);
  assert.deepEqual(bundleFaults(certificate(encodeBase64(Uint8Array.of(0x30, 0x82, 0, 1, 0)))), []);
  assert.deepEqual(bundleFaults('a'), [`${why}unable to parse bytes as PEM block`]);
  const malformed = `${why}failed to parse certificate: x509: malformed certificate`;
  assert.deepEqual(bundleFaults(certificate('MAE=')), [malformed]);
  assert.deepEqual(bundleFaults(certificate('AAAA')), [malformed]);
});
