// What is posted to admission webhooks; it is served nowhere.

import { UserInfo } from '../../../src/api/authentication/user-info.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { GroupVersionKind, GroupVersionResource } from '../../../src/api/meta/group-version.ts';
import { Status } from '../../../src/api/meta/status.ts';
import { bool, bytes, list, map, message, rawExtension, string, struct } from '../../../src/api/schema.ts';

const AdmissionRequest = struct('admission.k8s.io/v1.AdmissionRequest', {
  uid: string(1, { omit: 'never' }),
  kind: message(2, GroupVersionKind),
  resource: message(3, GroupVersionResource),
  subResource: string(4),
  requestKind: message(13, GroupVersionKind, { optional: true }),
  requestResource: message(14, GroupVersionResource, { optional: true }),
  requestSubResource: string(15),
  name: string(5),
  namespace: string(6),
  operation: string(7, { omit: 'never' }),
  userInfo: message(8, UserInfo),
  object: rawExtension(9),
  oldObject: rawExtension(10),
  dryRun: bool(11, { optional: true }),
  options: rawExtension(12),
});

const AdmissionResponse = struct('admission.k8s.io/v1.AdmissionResponse', {
  uid: string(1, { omit: 'never' }),
  allowed: bool(2, { omit: 'never' }),
  status: message(3, Status, { optional: true }),
  patch: bytes(4),
  patchType: string(5, { optional: true }),
  auditAnnotations: map(6, 'string'),
  warnings: list(7, 'string'),
});

const AdmissionReview = struct('admission.k8s.io/v1.AdmissionReview', {
  request: message(1, AdmissionRequest, { optional: true }),
  response: message(2, AdmissionResponse, { optional: true }),
});

export const ADMISSION_TYPES: readonly ObjectType[] = [
  { group: 'admission.k8s.io', version: 'v1', kind: 'AdmissionReview', schema: AdmissionReview },
  { group: 'admission.k8s.io', version: 'v1beta1', kind: 'AdmissionReview', schema: AdmissionReview },
];
