// Short forms to write the default policy down in. Values are sorted, as upstream's are when they come out of the API.

import type { PolicyRule } from '../../../api/rbac/policy-rule.ts';

export const READ = 'get list watch';
export const WRITE = 'create update patch delete deletecollection';
export const READ_WRITE = `${READ} ${WRITE}`;
export const READ_UPDATE = `${READ} update patch`;

/** Lists are words separated by spaces; `''` is the core group. */
export function rule(
  verbs: string,
  groups: string | readonly string[],
  resources: string,
  resourceNames: readonly string[] = [],
): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: typeof groups === 'string' ? [groups] : groups.toSorted(),
    resources: words(resources),
    ...(resourceNames.length > 0 ? { resourceNames: resourceNames.toSorted() } : {}),
  };
}

export function urlRule(verbs: string, urls: string): PolicyRule {
  return { verbs: words(verbs), nonResourceURLs: words(urls) };
}

/** What everything that records events needs. */
export const EVENTS: PolicyRule = rule('create update patch', ['', 'events.k8s.io'], 'events');

function words(text: string): string[] {
  return text.split(/\s+/).toSorted();
}
