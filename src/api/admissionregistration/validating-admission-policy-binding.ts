// ValidatingAdmissionPolicyBinding.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { list, message, type Read, string, struct } from '../schema.ts';
import { formatParamRef, MatchResources, ParamRef } from './match-resources.ts';
import { validateValidatingBinding } from './policy-binding-validation.ts';
import { staticNameWarnings } from './static-name-warnings.ts';

export const ValidationAction = ['Deny', 'Warn', 'Audit'] as const;
export type ValidationAction = (typeof ValidationAction)[number];

export const ValidatingAdmissionPolicyBindingSpec = struct(
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyBindingSpec',
  {
    policyName: string(1, { required: true, omit: 'empty' }),
    paramRef: message(2, ParamRef, { optional: true }),
    matchResources: message(3, MatchResources, { optional: true }),
    validationActions: list(4, 'string', { required: true, omit: 'empty', enum: ValidationAction, list: 'set' }),
  },
);
export type ValidatingAdmissionPolicyBindingSpec = Read<typeof ValidatingAdmissionPolicyBindingSpec>;

const schema = struct('admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyBinding', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ValidatingAdmissionPolicyBindingSpec, { required: true, omit: 'empty' }),
});
export type ValidatingAdmissionPolicyBinding = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const ValidatingAdmissionPolicyBinding = kind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  scope: 'Cluster',
  updateNeedsVersion: true,
  categories: ['api-extensions'],
  schema,
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'PolicyName',
      type: 'string',
      description: 'The policy that is bound.',
      value: ({ spec }) => spec.policyName,
    },
    {
      name: 'ParamRef',
      type: 'string',
      description: 'The object with the settings.',
      value: ({ spec }) => formatParamRef(spec.paramRef),
    },
    ageColumn,
  ],
  validate: validateValidatingBinding,
  warnings: staticNameWarnings,
});
