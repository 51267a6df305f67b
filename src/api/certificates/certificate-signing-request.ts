// CertificateSigningRequest.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, humanDuration, nameColumn, orNone } from '../printing.ts';
import { bytes, int32, list, map, message, type Read, string, struct, time } from '../schema.ts';
import {
  keepRequest,
  prepareApproval,
  prepareRequestForStatusUpdate,
  stampRequest,
} from './certificate-signing-request-strategy.ts';
import {
  validateApproval,
  validateRequest,
  validateRequestStatusUpdate,
  verifyRequest,
} from './certificate-signing-request-validation.ts';

export const KeyUsage = [
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
] as const;
export type KeyUsage = (typeof KeyUsage)[number];

export const CertificateSigningRequestSpec = struct('certificates.k8s.io/v1.CertificateSigningRequestSpec', {
  request: bytes(1, { required: true }),
  signerName: string(7, { required: true }),
  expirationSeconds: int32(8, { optional: true }),
  usages: list(5, 'string', { enum: KeyUsage, list: 'atomic' }),
  username: string(2),
  uid: string(3),
  groups: list(4, 'string', { list: 'atomic' }),
  extra: map(6, 'stringList'),
});
export type CertificateSigningRequestSpec = Read<typeof CertificateSigningRequestSpec>;

export const CertificateSigningRequestCondition = struct('certificates.k8s.io/v1.CertificateSigningRequestCondition', {
  type: string(1, { required: true }),
  status: string(6, { required: true }),
  reason: string(2),
  message: string(3),
  lastUpdateTime: time(4),
  lastTransitionTime: time(5),
});
export type CertificateSigningRequestCondition = Read<typeof CertificateSigningRequestCondition>;

export const CertificateSigningRequestStatus = struct('certificates.k8s.io/v1.CertificateSigningRequestStatus', {
  conditions: list(1, CertificateSigningRequestCondition, { list: { keys: ['type'] } }),
  certificate: bytes(2),
});
export type CertificateSigningRequestStatus = Read<typeof CertificateSigningRequestStatus>;

const schema = struct('certificates.k8s.io/v1.CertificateSigningRequest', {
  metadata: message(1, ObjectMeta),
  spec: message(2, CertificateSigningRequestSpec, { required: true }),
  status: message(3, CertificateSigningRequestStatus),
});
export type CertificateSigningRequest = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const CertificateSigningRequest = kind({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
  shortNames: ['csr'],
  schema,
  subresources: {
    approval: {
      type: 'view',
      verbs: ['get', 'patch', 'update'],
      prepare: prepareApproval,
      validate: validateApproval,
      resets: [['spec'], ['status', 'certificate']],
    },
    status: { type: 'status', resets: [['status', 'conditions']] },
  },
  resets: [['spec']],
  nameRule: 'pathSegment',
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
  columns: [
    nameColumn,
    ageColumn,
    {
      name: 'SignerName',
      type: 'string',
      description: 'Who is asked to sign.',
      value: ({ spec }) => orNone(spec.signerName),
    },
    {
      name: 'Requestor',
      type: 'string',
      description: 'Who asks.',
      value: ({ spec }) => spec.username ?? '',
    },
    {
      name: 'RequestedDuration',
      type: 'string',
      description: 'How long the certificate should be valid.',
      value: ({ spec }) =>
        spec.expirationSeconds === undefined ? orNone('') : humanDuration(spec.expirationSeconds * 1000),
    },
    {
      name: 'Condition',
      type: 'string',
      description: 'What has become of the request.',
      value: ({ status }) => formatStatus(status),
    },
  ],
  prepareForUpdate: keepRequest,
  prepareForStatusUpdate: prepareRequestForStatusUpdate,
  stamp: stampRequest,
  validate: validateRequest,
  verify: verifyRequest,
  validateStatusUpdate: validateRequestStatusUpdate,
});

function formatStatus({ conditions = [], certificate }: CertificateSigningRequestStatus): string {
  const has = (type: string) => conditions.some((condition) => condition.type === type);
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) words.push('Failed');
  if (certificate) words.push('Issued');
  return words.join(',');
}
