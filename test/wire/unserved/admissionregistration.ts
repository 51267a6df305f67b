// Types of admissionregistration that v1.36 knows and serves nothing as unless it is told to.

import { MatchCondition, RuleWithOperations } from '../../../src/api/admissionregistration/match-resources.ts';
import { WebhookClientConfig } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { LabelSelector } from '../../../src/api/meta/label-selector.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { int32, list, message, string, struct } from '../../../src/api/schema.ts';

const MutatingWebhook = struct('admissionregistration.k8s.io/v1beta1.MutatingWebhook', {
  name: string(1, { required: true }),
  clientConfig: message(2, WebhookClientConfig),
  rules: list(3, RuleWithOperations),
  failurePolicy: string(4, { optional: true }),
  matchPolicy: string(9, { optional: true }),
  namespaceSelector: message(5, LabelSelector, { optional: true }),
  objectSelector: message(11, LabelSelector, { optional: true }),
  sideEffects: string(6, { optional: true }),
  timeoutSeconds: int32(7, { optional: true }),
  admissionReviewVersions: list(8, 'string'),
  reinvocationPolicy: string(10, { optional: true }),
  matchConditions: list(12, MatchCondition),
});

const MutatingWebhookConfiguration = struct('admissionregistration.k8s.io/v1beta1.MutatingWebhookConfiguration', {
  metadata: message(1, ObjectMeta),
  webhooks: list(2, MutatingWebhook),
});

const ValidatingWebhook = struct('admissionregistration.k8s.io/v1beta1.ValidatingWebhook', {
  name: string(1, { required: true }),
  clientConfig: message(2, WebhookClientConfig),
  rules: list(3, RuleWithOperations),
  failurePolicy: string(4, { optional: true }),
  matchPolicy: string(9, { optional: true }),
  namespaceSelector: message(5, LabelSelector, { optional: true }),
  objectSelector: message(10, LabelSelector, { optional: true }),
  sideEffects: string(6, { optional: true }),
  timeoutSeconds: int32(7, { optional: true }),
  admissionReviewVersions: list(8, 'string'),
  matchConditions: list(11, MatchCondition),
});

const ValidatingWebhookConfiguration = struct('admissionregistration.k8s.io/v1beta1.ValidatingWebhookConfiguration', {
  metadata: message(1, ObjectMeta),
  webhooks: list(2, ValidatingWebhook),
});

export const ADMISSIONREGISTRATION_TYPES: readonly ObjectType[] = [
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1beta1',
    kind: 'MutatingWebhookConfiguration',
    schema: MutatingWebhookConfiguration,
  },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1beta1',
    kind: 'ValidatingWebhookConfiguration',
    schema: ValidatingWebhookConfiguration,
  },
];
