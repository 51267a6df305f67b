// Who may approve requests for certificates, and sign them, for which signer; and that nobody is made a superuser that
// way. Upstream: k8s.io/kubernetes/plugin/pkg/admission/certificates.

import { parseCertificateRequest } from '../../api/certificates/certificate-request.ts';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { requestedNames } from '../../api/certificates/requested-names.ts';
import { deepEqual } from '../../api/deep-equal.ts';
import { decodeBase64 } from '../../base/base64.ts';
import type { User } from '../../client/user.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { SUPERUSER_GROUP } from '../authorization/authorizer-union.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

export function certificateApproval({ authorizer }: { readonly authorizer: Authorizer }): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate(request) {
      if (isRequestUpdate(request, 'approval')) confirmMay(authorizer, request, 'approve');
    },
  };
}

export function certificateSigning({ authorizer }: { readonly authorizer: Authorizer }): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    validate(request) {
      if (!isRequestUpdate(request, 'status')) return;
      const { status } = request.object as unknown as CertificateSigningRequest;
      const { status: before } = request.oldObject as unknown as CertificateSigningRequest;
      if (status.certificate === before.certificate && deepEqual(status.conditions, before.conditions)) return;
      confirmMay(authorizer, request, 'sign');
    },
  };
}

export function certificateSubjectRestriction(): AdmissionPlugin {
  return {
    name: 'CertificateSubjectRestriction',
    validate(request) {
      const { kind, operation, subresource, object } = request;
      if (kind !== CertificateSigningRequest || operation !== 'CREATE' || subresource !== '') return;
      const { spec } = object as unknown as CertificateSigningRequest;
      if (spec.signerName !== CLIENT_SIGNER) return;
      const { organizations } = requestedNames(parseCertificateRequest(decodeBase64(spec.request)));
      if (!organizations.includes(SUPERUSER_GROUP)) return;
      throw refusal(request, `use of ${CLIENT_SIGNER} signer with ${SUPERUSER_GROUP} group is not allowed`);
    },
  };
}

function isRequestUpdate({ kind, operation, subresource }: AdmissionRequest, on: string): boolean {
  return kind === CertificateSigningRequest && operation === 'UPDATE' && subresource === on;
}

/** By the name of the signer, or of all signers of its domain. */
function confirmMay(authorizer: Authorizer, request: AdmissionRequest, verb: 'approve' | 'sign'): void {
  const { spec } = request.object as unknown as CertificateSigningRequest;
  const [domain] = spec.signerName.split('/');
  if ([spec.signerName, `${domain}/*`].some((name) => may(authorizer, request.user, verb, name))) return;
  throw refusal(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(spec.signerName)}`);
}

function may(authorizer: Authorizer, user: User, verb: string, signer: string): boolean {
  const question = {
    path: '',
    verb,
    isResource: true,
    group: CertificateSigningRequest.group,
    version: '*',
    resource: 'signers',
    subresource: '',
    namespace: '',
    name: signer,
    suffix: '',
  };
  return authorizer.authorize(user, question).verdict === 'allow';
}
