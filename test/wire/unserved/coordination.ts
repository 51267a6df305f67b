// Types of coordination that v1.36 knows and serves nothing as unless it is told to.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { message, microTime, string, struct } from '../../../src/api/schema.ts';

const LeaseCandidateSpec = struct('coordination.k8s.io/v1alpha2.LeaseCandidateSpec', {
  leaseName: string(1, { required: true }),
  pingTime: microTime(2, { optional: true }),
  renewTime: microTime(3, { optional: true }),
  binaryVersion: string(4, { required: true }),
  emulationVersion: string(5),
  strategy: string(6),
});

const LeaseCandidate = struct('coordination.k8s.io/v1alpha2.LeaseCandidate', {
  metadata: message(1, ObjectMeta),
  spec: message(2, LeaseCandidateSpec),
});

export const COORDINATION_TYPES: readonly ObjectType[] = [
  { group: 'coordination.k8s.io', version: 'v1alpha2', kind: 'LeaseCandidate', schema: LeaseCandidate },
  { group: 'coordination.k8s.io', version: 'v1beta1', kind: 'LeaseCandidate', schema: LeaseCandidate },
];
