import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateRequest, ecKeys, pem } from '../../../test/support/certificate-requests.ts';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import { readInput } from '../../api/read-input.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { AdmissionRequest } from './admission.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificate-signers.ts';

const SIGNER = 'example.com/serving';

function requestFor(more: Partial<AdmissionRequest>, spec: object = {}, status: object = {}): AdmissionRequest {
  const body = (state: object) =>
    readInput(CertificateSigningRequest, {
      metadata: { name: 'csr' },
      spec: { request: '', signerName: SIGNER, usages: ['client auth'], ...spec },
      status: state,
    });
  return {
    operation: 'UPDATE',
    kind: CertificateSigningRequest,
    subresource: '',
    namespace: '',
    name: 'csr',
    object: body(status) as unknown as AnyDraft,
    oldObject: body({}) as unknown as AnyObject,
    user: { name: 'jane', uid: undefined, groups: [], extra: {} },
    dryRun: false,
    warn() {},
    ...more,
  };
}

/** Allows one verb on one name of a signer. */
const allowing = (verb: string, name: string): Authorizer => ({
  authorize: (_, request) =>
    request.verb === verb && request.name === name && request.resource === 'signers'
      ? { verdict: 'allow', reason: '' }
      : { verdict: 'noOpinion', reason: '' },
});

const approval = requestFor({ subresource: 'approval' });
const signed = { certificate: 'Y2VydGlmaWNhdGU=' };
const signing = requestFor({ subresource: 'status' }, {}, signed);
const condition = { type: 'Failed', status: 'True' };
const failing = requestFor({ subresource: 'status' }, {}, { conditions: [condition] });
const refusedTo = (verb: string) =>
  `certificatesigningrequests.certificates.k8s.io "csr" is forbidden: user not permitted to ${verb} requests with signerName "${SIGNER}"`;

const cases: readonly [string, 'approve' | 'sign', AdmissionRequest, Authorizer, string | undefined][] = [
  ['who may approve for the signer', 'approve', approval, allowing('approve', SIGNER), undefined],
  ['who may approve for the domain', 'approve', approval, allowing('approve', 'example.com/*'), undefined],
  ['who may approve for another one', 'approve', approval, allowing('approve', 'example.com/x'), refusedTo('approve')],
  ['who may only sign', 'approve', approval, allowing('sign', SIGNER), refusedTo('approve')],
  ['an update of something else', 'approve', requestFor({}), allowing('', ''), undefined],
  ['who may sign', 'sign', signing, allowing('sign', SIGNER), undefined],
  ['who may not sign', 'sign', signing, allowing('approve', SIGNER), refusedTo('sign')],
  ['who may not sign, and says that it has failed', 'sign', failing, allowing('', ''), refusedTo('sign')],
  ['a status that stays', 'sign', requestFor({ subresource: 'status' }), allowing('', ''), undefined],
];
for (const [title, verb, request, authorizer, message] of cases) {
  test(`${verb === 'sign' ? 'certificateSigning' : 'certificateApproval'}: ${title}`, async () => {
    const plugin = verb === 'sign' ? certificateSigning({ authorizer }) : certificateApproval({ authorizer });
    const admitted = async () => plugin.validate?.(request);
    if (message) await assert.rejects(admitted, { message, code: 403 });
    else await admitted();
  });
}

test('certificateSubjectRestriction: nobody becomes a superuser by a certificate', () => {
  const keys = ecKeys();
  const request = (signerName: string, ...organizations: string[]) => {
    const der = certificateRequest(keys, 'ECDSA with SHA-256', keys.privateKey, { organizations });
    const encoded = Buffer.from(pem('CERTIFICATE REQUEST', der)).toString('base64');
    return requestFor({ operation: 'CREATE' }, { request: encoded, signerName });
  };
  const { validate } = certificateSubjectRestriction();
  const client = 'kubernetes.io/kube-apiserver-client';
  validate?.(request(client, 'developers'));
  validate?.(request(SIGNER, 'system:masters'));
  assert.throws(() => validate?.(request(client, 'developers', 'system:masters')), {
    message:
      'certificatesigningrequests.certificates.k8s.io "csr" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  });
});
