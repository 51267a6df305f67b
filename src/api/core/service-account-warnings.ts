// What writers of service accounts are told of an annotation that is on its way out. Upstream:
// pkg/registry/core/serviceaccount/strategy.go.

import type { ServiceAccount } from './service-account.ts';

const ENFORCE_MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

/** Those who have set it know already. */
export function serviceAccountWarnings(
  account: ServiceAccount,
  previous: ServiceAccount | undefined,
): readonly string[] {
  if (hasAnnotation(previous) || !hasAnnotation(account)) return [];
  return [
    `metadata.annotations[${ENFORCE_MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
  ];
}

function hasAnnotation(account: ServiceAccount | undefined): boolean {
  return account?.metadata.annotations?.[ENFORCE_MOUNTABLE_SECRETS] !== undefined;
}
