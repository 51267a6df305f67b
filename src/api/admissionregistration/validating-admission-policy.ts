// ValidatingAdmissionPolicy.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { Condition } from '../meta/condition.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { restoreMetadata } from '../metadata-restore.ts';
import { ageColumn, nameColumn, orUnset } from '../printing.ts';
import { int64, list, message, type Read, string, struct } from '../schema.ts';
import { MatchCondition, MatchResources, ParamKind, Variable } from './match-resources.ts';
import {
  validateValidatingPolicyCreate,
  validateValidatingPolicyStatusUpdate,
  validateValidatingPolicyUpdate,
} from './policy-validation.ts';
import { staticNameWarnings } from './static-name-warnings.ts';

export const ExpressionWarning = struct('admissionregistration.k8s.io/v1.ExpressionWarning', {
  fieldRef: string(2, { required: true }),
  warning: string(3, { required: true }),
});
export type ExpressionWarning = Read<typeof ExpressionWarning>;

export const TypeChecking = struct('admissionregistration.k8s.io/v1.TypeChecking', {
  expressionWarnings: list(1, ExpressionWarning, { list: 'atomic' }),
});
export type TypeChecking = Read<typeof TypeChecking>;

export const ValidatingAdmissionPolicyStatus = struct(
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyStatus',
  {
    observedGeneration: int64(1),
    typeChecking: message(2, TypeChecking, { optional: true }),
    conditions: list(3, Condition, { list: { keys: ['type'] } }),
  },
);
export type ValidatingAdmissionPolicyStatus = Read<typeof ValidatingAdmissionPolicyStatus>;

export const Validation = struct('admissionregistration.k8s.io/v1.Validation', {
  expression: string(1, { required: true }),
  message: string(2),
  reason: string(3, { optional: true }),
  messageExpression: string(4),
});
export type Validation = Read<typeof Validation>;

export const AuditAnnotation = struct('admissionregistration.k8s.io/v1.AuditAnnotation', {
  key: string(1, { required: true }),
  valueExpression: string(2, { required: true }),
});
export type AuditAnnotation = Read<typeof AuditAnnotation>;

export const FailurePolicyType = ['Ignore', 'Fail'] as const;
export type FailurePolicyType = (typeof FailurePolicyType)[number];

export const ValidatingAdmissionPolicySpec = struct('admissionregistration.k8s.io/v1.ValidatingAdmissionPolicySpec', {
  paramKind: message(1, ParamKind, { optional: true }),
  matchConstraints: message(2, MatchResources, { optional: true }),
  validations: list(3, Validation, { list: 'atomic' }),
  failurePolicy: string(4, { optional: true, defaultsTo: 'Fail', enum: FailurePolicyType }),
  auditAnnotations: list(5, AuditAnnotation, { list: 'atomic' }),
  matchConditions: list(6, MatchCondition, { list: { keys: ['name'] }, merge: 'name' }),
  variables: list(7, Variable, { list: { keys: ['name'] }, merge: 'name' }),
});
export type ValidatingAdmissionPolicySpec = Read<typeof ValidatingAdmissionPolicySpec>;

const schema = struct('admissionregistration.k8s.io/v1.ValidatingAdmissionPolicy', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ValidatingAdmissionPolicySpec),
  status: message(3, ValidatingAdmissionPolicyStatus),
});
export type ValidatingAdmissionPolicy = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const ValidatingAdmissionPolicy = kind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  scope: 'Cluster',
  updateNeedsVersion: true,
  categories: ['api-extensions'],
  schema,
  subresources: {
    status: { type: 'status', resets: [['metadata']] },
  },
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Validations',
      type: 'integer',
      description: 'Number of validations.',
      value: ({ spec }) => spec.validations?.length ?? 0,
    },
    {
      name: 'ParamKind',
      type: 'string',
      description: 'Kind of the objects with settings of the policy.',
      value: ({ spec: { paramKind } }) => orUnset(paramKind && `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`),
    },
    ageColumn,
  ],
  prepareForStatusUpdate({ metadata }, previous) {
    restoreMetadata(metadata, previous.metadata);
  },
  validateCreate: validateValidatingPolicyCreate,
  validateUpdate: validateValidatingPolicyUpdate,
  validateStatusUpdate: validateValidatingPolicyStatusUpdate,
  warnings: staticNameWarnings,
});
