// The rules of admission webhooks, of both sorts. What has become a rule later does not bind configurations that have
// broken it before. Upstream: validateMutatingWebhook and validateValidatingWebhook in
// pkg/apis/admissionregistration/validation.

import { deepEqual } from '../deep-equal.ts';
import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { dns1123Subdomain } from '../names.ts';
import {
  checkReviewVersions,
  checkWebhookClient,
  hasKnownReviewVersion,
  REVIEW_VERSIONS,
} from '../webhook-client-validation.ts';
import { checkMatchConditions } from './match-validation.ts';
import { checkRules } from './rule-validation.ts';
import type { ValidatingWebhook as Webhook } from './validating-webhook-configuration.ts';

interface Configuration {
  readonly webhooks?: readonly Webhook[];
}

/** What an update need not respect, because the version before did not. */
interface Leniency {
  readonly sideEffects: boolean;
  readonly unknownReviewVersions: boolean;
  readonly equalNames: boolean;
  /** They are as they were. */
  readonly matchConditions: boolean;
}

const STRICT: Leniency = {
  sideEffects: false,
  unknownReviewVersions: false,
  equalNames: false,
  matchConditions: false,
};
const WEBHOOKS = Path.of('webhooks');
const NO_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const REVIEWS_REQUIRED = `must specify one of ${REVIEW_VERSIONS.join(', ')}`;
const MAX_TIMEOUT_SECONDS = 30;

export function validateWebhooksCreate({ webhooks = [] }: Configuration): readonly FieldError[] {
  return webhookErrors(webhooks, STRICT);
}

export function validateWebhooksUpdate(next: Configuration, previous: Configuration): readonly FieldError[] {
  const { webhooks = [] } = next;
  const { webhooks: before = [] } = previous;
  return webhookErrors(webhooks, {
    sideEffects: before.some(({ sideEffects }) => !NO_SIDE_EFFECTS.includes(sideEffects)),
    unknownReviewVersions: before.some(({ admissionReviewVersions: versions }) => {
      return versions?.length > 0 && !hasKnownReviewVersion(versions);
    }),
    equalNames: new Set(before.map(({ name }) => name)).size < before.length,
    matchConditions:
      webhooks.length === before.length &&
      webhooks.every(({ matchConditions }, index) => deepEqual(matchConditions, before[index]?.matchConditions)),
  });
}

function webhookErrors(webhooks: readonly Webhook[], leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, webhook] of webhooks.entries()) {
    const at = WEBHOOKS.index(index);
    checkWebhook(webhook, leniency, at, errors);
    const { name, admissionReviewVersions } = webhook;
    checkReviewVersions(admissionReviewVersions ?? [], at.child('admissionReviewVersions'), errors, {
      whyRequired: REVIEWS_REQUIRED,
      allowsUnknown: leniency.unknownReviewVersions,
    });
    if (names.has(name) && !leniency.equalNames) errors.push(fieldError.duplicate(at.child('name'), name));
    if (name !== '') names.add(name);
  }
  return errors;
}

/** Label selectors and what is enumerated are checked as they are for all kinds. */
function checkWebhook(webhook: Webhook, leniency: Leniency, at: Path, errors: FieldError[]): void {
  checkName(webhook.name, at.child('name'), errors);
  checkRules(webhook.rules ?? [], at.child('rules'), errors);
  checkSideEffects(webhook, leniency, at.child('sideEffects'), errors);
  const { timeoutSeconds, clientConfig } = webhook;
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS)) {
    const why = `the timeout value must be between 1 and ${MAX_TIMEOUT_SECONDS} seconds`;
    errors.push(fieldError.invalid(at.child('timeoutSeconds'), timeoutSeconds, why));
  }
  checkWebhookClient(clientConfig, at.child('clientConfig'), errors);
  if (!leniency.matchConditions) {
    checkMatchConditions(webhook.matchConditions ?? [], at.child('matchConditions'), errors);
  }
}

/** A domain name of three parts at least, so that it is its author's own. */
function checkName(name: string, at: Path, errors: FieldError[]): void {
  const faults = dns1123Subdomain(name);
  if (name === '') errors.push(fieldError.required(at));
  else if (faults.length > 0) errors.push(fieldError.invalid(at, name, faults.join(',')));
  else if (name.split('.').length < 3) {
    errors.push(fieldError.invalid(at, name, 'should be a domain with at least three segments separated by dots'));
  }
}

function checkSideEffects({ sideEffects }: Webhook, leniency: Leniency, at: Path, errors: FieldError[]): void {
  const allowed = leniency.sideEffects ? SIDE_EFFECTS : NO_SIDE_EFFECTS;
  // Null where a client has left it out.
  if (sideEffects !== null && sideEffects !== undefined) checkOneOf(sideEffects, allowed, at, errors);
  else errors.push(fieldError.required(at, `must specify one of ${allowed.join(', ')}`));
}
