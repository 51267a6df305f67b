// FlowSchema.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, orNone } from '../printing.ts';
import { bool, int32, list, message, type Read, string, struct, time } from '../schema.ts';
import { validateFlowSchema, validateFlowSchemaStatusUpdate } from './flow-schema-validation.ts';
import { defaultFlowSchema } from './flowcontrol-defaults.ts';

export const PriorityLevelConfigurationReference = struct(
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfigurationReference',
  {
    name: string(1, { required: true }),
  },
);
export type PriorityLevelConfigurationReference = Read<typeof PriorityLevelConfigurationReference>;

export const FlowDistinguisherMethod = struct('flowcontrol.apiserver.k8s.io/v1.FlowDistinguisherMethod', {
  type: string(1, { required: true }),
});
export type FlowDistinguisherMethod = Read<typeof FlowDistinguisherMethod>;

export const UserSubject = struct('flowcontrol.apiserver.k8s.io/v1.UserSubject', {
  name: string(1, { required: true }),
});
export type UserSubject = Read<typeof UserSubject>;

export const GroupSubject = struct('flowcontrol.apiserver.k8s.io/v1.GroupSubject', {
  name: string(1, { required: true }),
});
export type GroupSubject = Read<typeof GroupSubject>;

export const ServiceAccountSubject = struct('flowcontrol.apiserver.k8s.io/v1.ServiceAccountSubject', {
  namespace: string(1, { required: true }),
  name: string(2, { required: true }),
});
export type ServiceAccountSubject = Read<typeof ServiceAccountSubject>;

export const Subject = struct(
  'flowcontrol.apiserver.k8s.io/v1.Subject',
  {
    kind: string(1, { required: true }),
    user: message(2, UserSubject, { optional: true }),
    group: message(3, GroupSubject, { optional: true }),
    serviceAccount: message(4, ServiceAccountSubject, { optional: true }),
  },
  { unions: [{ discriminator: 'kind', members: { group: 'Group', serviceAccount: 'ServiceAccount', user: 'User' } }] },
);
export type Subject = Read<typeof Subject>;

export const ResourcePolicyRule = struct('flowcontrol.apiserver.k8s.io/v1.ResourcePolicyRule', {
  verbs: list(1, 'string', { required: true, list: 'set' }),
  apiGroups: list(2, 'string', { required: true, list: 'set' }),
  resources: list(3, 'string', { required: true, list: 'set' }),
  clusterScope: bool(4),
  namespaces: list(5, 'string', { omit: 'never', list: 'set' }),
});
export type ResourcePolicyRule = Read<typeof ResourcePolicyRule>;

export const NonResourcePolicyRule = struct('flowcontrol.apiserver.k8s.io/v1.NonResourcePolicyRule', {
  verbs: list(1, 'string', { required: true, list: 'set' }),
  nonResourceURLs: list(6, 'string', { required: true, list: 'set' }),
});
export type NonResourcePolicyRule = Read<typeof NonResourcePolicyRule>;

export const PolicyRulesWithSubjects = struct('flowcontrol.apiserver.k8s.io/v1.PolicyRulesWithSubjects', {
  subjects: list(1, Subject, { required: true, list: 'atomic' }),
  resourceRules: list(2, ResourcePolicyRule, { list: 'atomic' }),
  nonResourceRules: list(3, NonResourcePolicyRule, { list: 'atomic' }),
});
export type PolicyRulesWithSubjects = Read<typeof PolicyRulesWithSubjects>;

export const FlowSchemaSpec = struct('flowcontrol.apiserver.k8s.io/v1.FlowSchemaSpec', {
  priorityLevelConfiguration: message(1, PriorityLevelConfigurationReference, { required: true }),
  matchingPrecedence: int32(2, { omit: 'never' }),
  distinguisherMethod: message(3, FlowDistinguisherMethod, { optional: true }),
  rules: list(4, PolicyRulesWithSubjects, { list: 'atomic' }),
});
export type FlowSchemaSpec = Read<typeof FlowSchemaSpec>;

export const FlowSchemaCondition = struct('flowcontrol.apiserver.k8s.io/v1.FlowSchemaCondition', {
  type: string(1),
  status: string(2),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
});
export type FlowSchemaCondition = Read<typeof FlowSchemaCondition>;

export const FlowSchemaStatus = struct('flowcontrol.apiserver.k8s.io/v1.FlowSchemaStatus', {
  conditions: list(1, FlowSchemaCondition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type FlowSchemaStatus = Read<typeof FlowSchemaStatus>;

const schema = struct('flowcontrol.apiserver.k8s.io/v1.FlowSchema', {
  metadata: message(1, ObjectMeta),
  spec: message(2, FlowSchemaSpec),
  status: message(3, FlowSchemaStatus),
});
export type FlowSchema = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const FlowSchema = kind({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  schema,
  subresources: {
    status: { type: 'status', resets: [['metadata']] },
  },
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'PriorityLevel',
      type: 'string',
      description: 'The priority level of the flow.',
      value: ({ spec }) => spec.priorityLevelConfiguration.name,
    },
    {
      name: 'MatchingPrecedence',
      type: 'string',
      description: 'Which of several schemas counts: the least.',
      value: ({ spec }) => spec.matchingPrecedence,
    },
    {
      name: 'DistinguisherMethod',
      type: 'string',
      description: 'What tells the flows of a schema apart.',
      value: ({ spec }) => orNone(spec.distinguisherMethod?.type),
    },
    ageColumn,
    {
      name: 'MissingPL',
      type: 'string',
      description: 'Whether the priority level is missing.',
      value: ({ status }) => status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    },
  ],
  defaults: defaultFlowSchema,
  validate: validateFlowSchema,
  validateStatusUpdate: validateFlowSchemaStatusUpdate,
});
