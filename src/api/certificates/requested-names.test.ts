import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestNames, writtenRequest } from '../../../test/support/certificate-requests.ts';
import { parseCertificateRequest } from './certificate-request.ts';
import { requestedNames } from './requested-names.ts';

const NOBODY = { commonName: '', organizations: [], dnsNames: [], addresses: [], emails: [], uris: [] };

const cases: readonly (readonly [string, RequestNames])[] = [
  ['nobody', {}],
  ['a user', { commonName: 'jane' }],
  ['a user of groups', { commonName: 'jane', organizations: ['a', 'b'] }],
  ['a server', { commonName: 'web', dnsNames: ['web', 'web.example.com'], addresses: ['192.0.2.1'] }],
];
for (const [what, names] of cases) {
  test(`requestedNames: ${what}`, () => {
    const request = parseCertificateRequest(Buffer.from(writtenRequest(names), 'base64'));
    assert.deepEqual(requestedNames(request), { ...NOBODY, ...names });
  });
}
