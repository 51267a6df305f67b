// Types of certificates that v1.36 knows and serves nothing as unless it is told to.

import { CertificateSigningRequestStatus } from '../../../src/api/certificates/certificate-signing-request.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { Condition } from '../../../src/api/meta/condition.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { bytes, int32, list, map, message, string, struct, time } from '../../../src/api/schema.ts';

const ClusterTrustBundleSpec = struct('certificates.k8s.io/v1alpha1.ClusterTrustBundleSpec', {
  signerName: string(1),
  trustBundle: string(2, { required: true }),
});

const ClusterTrustBundle = struct('certificates.k8s.io/v1alpha1.ClusterTrustBundle', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ClusterTrustBundleSpec),
});

const CertificateSigningRequestSpec = struct('certificates.k8s.io/v1beta1.CertificateSigningRequestSpec', {
  request: bytes(1, { required: true }),
  signerName: string(7, { optional: true }),
  expirationSeconds: int32(8, { optional: true }),
  usages: list(5, 'string'),
  username: string(2),
  uid: string(3),
  groups: list(4, 'string'),
  extra: map(6, 'stringList'),
});

const CertificateSigningRequest = struct('certificates.k8s.io/v1beta1.CertificateSigningRequest', {
  metadata: message(1, ObjectMeta),
  spec: message(2, CertificateSigningRequestSpec),
  status: message(3, CertificateSigningRequestStatus),
});

const PodCertificateRequestSpec = struct('certificates.k8s.io/v1beta1.PodCertificateRequestSpec', {
  signerName: string(1, { required: true }),
  podName: string(2, { required: true }),
  podUID: string(3, { required: true }),
  serviceAccountName: string(4, { required: true }),
  serviceAccountUID: string(5, { required: true }),
  nodeName: string(6, { required: true }),
  nodeUID: string(7, { required: true }),
  maxExpirationSeconds: int32(8, { optional: true }),
  pkixPublicKey: bytes(9, { omit: 'never' }),
  proofOfPossession: bytes(10, { omit: 'never' }),
  stubPKCS10Request: bytes(12, { required: true }),
  unverifiedUserAnnotations: map(11, 'string'),
});

const PodCertificateRequestStatus = struct('certificates.k8s.io/v1beta1.PodCertificateRequestStatus', {
  conditions: list(1, Condition),
  certificateChain: string(2),
  notBefore: time(4, { optional: true }),
  beginRefreshAt: time(5, { optional: true }),
  notAfter: time(6, { optional: true }),
});

const PodCertificateRequest = struct('certificates.k8s.io/v1beta1.PodCertificateRequest', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PodCertificateRequestSpec),
  status: message(3, PodCertificateRequestStatus),
});

export const CERTIFICATES_TYPES: readonly ObjectType[] = [
  { group: 'certificates.k8s.io', version: 'v1alpha1', kind: 'ClusterTrustBundle', schema: ClusterTrustBundle },
  {
    group: 'certificates.k8s.io',
    version: 'v1beta1',
    kind: 'CertificateSigningRequest',
    schema: CertificateSigningRequest,
  },
  { group: 'certificates.k8s.io', version: 'v1beta1', kind: 'ClusterTrustBundle', schema: ClusterTrustBundle },
  { group: 'certificates.k8s.io', version: 'v1beta1', kind: 'PodCertificateRequest', schema: PodCertificateRequest },
];
