import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { Secret } from './secret.ts';

const pem = (...types: readonly string[]) =>
  types.map((type) => `-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`).join('');
const certificate = pem('CERTIFICATE');
const key = pem('RSA PRIVATE KEY');

const cases: readonly [title: string, certificate: string, key: string, expected: readonly string[]][] = [
  ['a pair', certificate, key, []],
  ['a chain and parameters', pem('CERTIFICATE', 'CERTIFICATE'), pem('EC PARAMETERS', 'EC PRIVATE KEY'), []],
  ['no certificate', '', key, ['tls: failed to find any PEM data in certificate input']],
  ['no key', certificate, 'a', ['tls: failed to find any PEM data in key input']],
  [
    'a pair the other way round',
    key,
    certificate,
    [
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
  ],
  [
    'a certificate for a key',
    certificate,
    certificate,
    ['tls: found a certificate rather than a key in the PEM for the private key'],
  ],
  [
    'other things for a certificate',
    pem('A', 'B'),
    key,
    [
      'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [A B]',
    ],
  ],
  [
    'other things for a key',
    certificate,
    pem('A'),
    [
      'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [A]',
    ],
  ],
];

for (const [title, crt, key, expected] of cases) {
  test(`a TLS secret with ${title}`, () => {
    const input = { type: 'kubernetes.io/tls', stringData: { 'tls.crt': crt, 'tls.key': key } };
    assert.deepEqual(Secret.warnings?.(readInput(Secret, input) as unknown as Secret, undefined), expected);
  });
}

test('other secrets are not warned of', () => {
  assert.deepEqual(Secret.warnings?.(readInput(Secret, {}) as unknown as Secret, undefined), []);
});
