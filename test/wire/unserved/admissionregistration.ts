// Types of admissionregistration that v1.36 knows and serves nothing as unless it is told to.

import { MutatingWebhook } from '../../../src/api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingWebhook } from '../../../src/api/admissionregistration/validating-webhook-configuration.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { list, message, string, struct } from '../../../src/api/schema.ts';

/** What a webhook did not have to say before v1. */
const UNSAID = { sideEffects: string(6, { optional: true }), admissionReviewVersions: list(8, 'string') };

const MutatingWebhookConfiguration = struct('admissionregistration.k8s.io/v1beta1.MutatingWebhookConfiguration', {
  metadata: message(1, ObjectMeta),
  webhooks: list(
    2,
    struct('admissionregistration.k8s.io/v1beta1.MutatingWebhook', { ...MutatingWebhook.fields, ...UNSAID }),
  ),
});

const ValidatingWebhookConfiguration = struct('admissionregistration.k8s.io/v1beta1.ValidatingWebhookConfiguration', {
  metadata: message(1, ObjectMeta),
  webhooks: list(
    2,
    struct('admissionregistration.k8s.io/v1beta1.ValidatingWebhook', { ...ValidatingWebhook.fields, ...UNSAID }),
  ),
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
