import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import type { readInput } from '../read-input.ts';
import { CertificateSigningRequest } from './certificate-signing-request.ts';

type Input = Parameters<typeof readInput<typeof CertificateSigningRequest>>[1];
const spec = { request: 'AAAA', signerName: 'example.com/signer', usages: [], username: 'jane' } as const;
const condition = (type: string) => ({ type, status: 'True' });
const row = (status: Input['status'], more: Partial<Input['spec']> = {}) =>
  rowOf(CertificateSigningRequest, { spec: { ...spec, ...more }, ...(status ? { status } : {}) });

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'a request that waits',
    row(undefined, { expirationSeconds: 86400 }),
    'x | 60m | example.com/signer | jane | 24h | Pending',
  ],
  [
    'a request that is granted',
    row({ conditions: [condition('Approved')], certificate: 'AAAA' }),
    'x | 60m | example.com/signer | jane | <none> | Approved,Issued',
  ],
  [
    'a request that is denied',
    row({ conditions: [condition('Denied'), condition('Approved')] }),
    'x | 60m | example.com/signer | jane | <none> | Denied',
  ],
  [
    'a request that cannot be granted',
    row({ conditions: [condition('Approved'), condition('Failed')] }),
    'x | 60m | example.com/signer | jane | <none> | Approved,Failed',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}
