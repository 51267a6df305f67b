// MutatingAdmissionPolicy.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, orUnset } from '../printing.ts';
import { list, message, type Read, string, struct } from '../schema.ts';
import { MatchCondition, MatchResources, ParamKind, Variable } from './match-resources.ts';
import { ReinvocationPolicyType } from './mutating-webhook-configuration.ts';
import { validateMutatingPolicyCreate, validateMutatingPolicyUpdate } from './policy-validation.ts';
import { staticNameWarnings } from './static-name-warnings.ts';
import { FailurePolicyType } from './validating-admission-policy.ts';

export const ApplyConfiguration = struct('admissionregistration.k8s.io/v1.ApplyConfiguration', {
  expression: string(1),
});
export type ApplyConfiguration = Read<typeof ApplyConfiguration>;

export const JSONPatch = struct('admissionregistration.k8s.io/v1.JSONPatch', {
  expression: string(1),
});
export type JSONPatch = Read<typeof JSONPatch>;

export const PatchType = ['ApplyConfiguration', 'JSONPatch'] as const;
export type PatchType = (typeof PatchType)[number];

export const Mutation = struct('admissionregistration.k8s.io/v1.Mutation', {
  patchType: string(2, { required: true, enum: PatchType }),
  applyConfiguration: message(3, ApplyConfiguration, { optional: true }),
  jsonPatch: message(4, JSONPatch, { optional: true }),
});
export type Mutation = Read<typeof Mutation>;

export const MutatingAdmissionPolicySpec = struct('admissionregistration.k8s.io/v1.MutatingAdmissionPolicySpec', {
  paramKind: message(1, ParamKind, { optional: true }),
  matchConstraints: message(2, MatchResources, { optional: true }),
  variables: list(3, Variable, { list: 'atomic' }),
  mutations: list(4, Mutation, { list: 'atomic' }),
  failurePolicy: string(5, { optional: true, defaultsTo: 'Fail', enum: FailurePolicyType }),
  matchConditions: list(6, MatchCondition, { list: { keys: ['name'] }, merge: 'name' }),
  reinvocationPolicy: string(7, { enum: ReinvocationPolicyType }),
});
export type MutatingAdmissionPolicySpec = Read<typeof MutatingAdmissionPolicySpec>;

const schema = struct('admissionregistration.k8s.io/v1.MutatingAdmissionPolicy', {
  metadata: message(1, ObjectMeta),
  spec: message(2, MutatingAdmissionPolicySpec),
});
export type MutatingAdmissionPolicy = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const MutatingAdmissionPolicy = kind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  scope: 'Cluster',
  updateNeedsVersion: true,
  categories: ['api-extensions'],
  schema,
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Mutations',
      type: 'integer',
      description: 'Number of mutations.',
      value: ({ spec }) => spec.mutations?.length ?? 0,
    },
    {
      name: 'ParamKind',
      type: 'string',
      description: 'Kind of the objects with settings of the policy.',
      value: ({ spec: { paramKind } }) => orUnset(paramKind && `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`),
    },
    ageColumn,
  ],
  validateCreate: validateMutatingPolicyCreate,
  validateUpdate: validateMutatingPolicyUpdate,
  warnings: staticNameWarnings,
});
