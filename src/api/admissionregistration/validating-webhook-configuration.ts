// ValidatingWebhookConfiguration.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { int32, list, message, type Read, string, struct } from '../schema.ts';
import { MatchCondition, MatchPolicyType, RuleWithOperations } from './match-resources.ts';
import { staticNameWarnings } from './static-name-warnings.ts';
import { FailurePolicyType } from './validating-admission-policy.ts';
import { WebhookClientConfig } from './webhook-client-config.ts';
import { validateWebhooksCreate, validateWebhooksUpdate } from './webhook-validation.ts';

export const SideEffectClass = ['Unknown', 'None', 'Some', 'NoneOnDryRun'] as const;
export type SideEffectClass = (typeof SideEffectClass)[number];

export const ValidatingWebhook = struct('admissionregistration.k8s.io/v1.ValidatingWebhook', {
  name: string(1, { required: true }),
  clientConfig: message(2, WebhookClientConfig, { required: true }),
  rules: list(3, RuleWithOperations, { list: 'atomic' }),
  failurePolicy: string(4, { optional: true, defaultsTo: 'Fail', enum: FailurePolicyType }),
  matchPolicy: string(9, { optional: true, defaultsTo: 'Equivalent', enum: MatchPolicyType }),
  namespaceSelector: message(5, LabelSelector, { optional: true, defaultsTo: {} }),
  objectSelector: message(10, LabelSelector, { optional: true, defaultsTo: {} }),
  sideEffects: string(6, { required: true, optional: true, enum: SideEffectClass }),
  timeoutSeconds: int32(7, { optional: true, defaultsTo: 10 }),
  admissionReviewVersions: list(8, 'string', { required: true, list: 'atomic' }),
  matchConditions: list(11, MatchCondition, { list: { keys: ['name'] }, merge: 'name' }),
});
export type ValidatingWebhook = Read<typeof ValidatingWebhook>;

const schema = struct('admissionregistration.k8s.io/v1.ValidatingWebhookConfiguration', {
  metadata: message(1, ObjectMeta),
  webhooks: list(2, ValidatingWebhook, { list: { keys: ['name'] }, merge: 'name' }),
});
export type ValidatingWebhookConfiguration = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const ValidatingWebhookConfiguration = kind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  scope: 'Cluster',
  updateNeedsVersion: true,
  categories: ['api-extensions'],
  schema,
  generation: [['webhooks']],
  columns: [
    nameColumn,
    {
      name: 'Webhooks',
      type: 'integer',
      description: 'Number of webhooks.',
      value: ({ webhooks }) => webhooks?.length ?? 0,
    },
    ageColumn,
  ],
  validateCreate: validateWebhooksCreate,
  validateUpdate: validateWebhooksUpdate,
  warnings: staticNameWarnings,
});
