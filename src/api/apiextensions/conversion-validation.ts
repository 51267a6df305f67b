// The rules of conversion between the versions of a resource: by nothing, or by a webhook. Upstream:
// validateCustomResourceConversion in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { checkCaBundle, checkReviewVersions, checkWebhookClient } from '../webhook-client-validation.ts';
import type { CustomResourceConversion } from './custom-resource-definition.ts';

export function checkConversion(
  { strategy, webhook }: CustomResourceConversion,
  at: Path,
  errors: FieldError[],
  options: { readonly allowsAnyCaBundle: boolean },
): void {
  if (strategy === '') errors.push(fieldError.required(at.child('strategy')));
  else checkOneOf(strategy, ['None', 'Webhook'], at.child('strategy'), errors);
  const client = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  const clientAt = at.child('webhookClientConfig');
  const versionsAt = at.child('conversionReviewVersions');
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook';
    if (client) errors.push(fieldError.forbidden(clientAt, why));
    if (versions.length > 0) errors.push(fieldError.forbidden(versionsAt, why));
    return;
  }
  if (client) checkWebhookClient(client, clientAt, errors);
  else errors.push(fieldError.required(clientAt, 'required when strategy is set to Webhook'));
  if (client?.caBundle && !options.allowsAnyCaBundle)
    checkCaBundle(client.caBundle, clientAt.child('caBundle'), errors);
  checkReviewVersions(versions, versionsAt, errors, { whyRequired: '', allowsUnknown: false });
}
