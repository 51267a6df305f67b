// MutatingAdmissionPolicyBinding.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { message, type Read, string, struct } from '../schema.ts';
import { formatParamRef, MatchResources, ParamRef } from './match-resources.ts';
import { validateMutatingBinding } from './policy-binding-validation.ts';
import { staticNameWarnings } from './static-name-warnings.ts';

export const MutatingAdmissionPolicyBindingSpec = struct(
  'admissionregistration.k8s.io/v1.MutatingAdmissionPolicyBindingSpec',
  {
    policyName: string(1),
    paramRef: message(2, ParamRef, { optional: true }),
    matchResources: message(3, MatchResources, { optional: true }),
  },
);
export type MutatingAdmissionPolicyBindingSpec = Read<typeof MutatingAdmissionPolicyBindingSpec>;

const schema = struct('admissionregistration.k8s.io/v1.MutatingAdmissionPolicyBinding', {
  metadata: message(1, ObjectMeta),
  spec: message(2, MutatingAdmissionPolicyBindingSpec),
});
export type MutatingAdmissionPolicyBinding = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const MutatingAdmissionPolicyBinding = kind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
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
      value: ({ spec }) => spec.policyName ?? '',
    },
    {
      name: 'ParamRef',
      type: 'string',
      description: 'The object with the settings.',
      value: ({ spec }) => formatParamRef(spec.paramRef),
    },
    ageColumn,
  ],
  validate: validateMutatingBinding,
  warnings: staticNameWarnings,
});
