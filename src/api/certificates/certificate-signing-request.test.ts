import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
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

test('CertificateSigningRequest: approval writes conditions alone, an update neither them nor the request', () => {
  const previous = readInput(CertificateSigningRequest, {
    spec,
    status: { certificate: 'AAAA', conditions: [condition('Approved')] },
  });
  const next = () =>
    readInput(CertificateSigningRequest, {
      spec: { ...spec, signerName: 'other' },
      status: { certificate: 'BBBB', conditions: [condition('Denied')] },
    });
  const { approval } = CertificateSigningRequest.subresources;
  assert.ok(approval?.type === 'view');
  const approved = next();
  approval.prepare?.(approved as never, previous as never);
  assert.equal(approved.spec.signerName, spec.signerName);
  assert.equal(approved.status.certificate, 'AAAA');
  assert.deepEqual(
    approved.status.conditions?.map(({ type }) => type),
    ['Denied'],
  );
  const updated = next();
  CertificateSigningRequest.prepareForUpdate?.(updated, previous as CertificateSigningRequest);
  assert.deepEqual(updated.spec, previous.spec);
});
