// Which FlowSchema a request belongs to, and which of its flows: decided by the schemas alone. They are compiled when they
// change, so that looking through all of them costs a request about a microsecond. Upstream:
// k8s.io/apiserver/pkg/util/flowcontrol/rule.go.

import type {
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/flowcontrol/flow-schema.ts';
import type { User } from '../../client/user.ts';
import type { RequestInfo } from '../request-info.ts';
import type { SchemaObject } from './bootstrap-flow-control.ts';

export type FlowMatcher = (user: User, info: RequestInfo) => boolean;

const ANY = '*';
const ACCOUNT_PREFIX = 'system:serviceaccount:';

/** Whether requests belong to the schema. */
export function flowMatcher({ spec }: Pick<SchemaObject, 'spec'>): FlowMatcher {
  const rules = (spec.rules ?? []).map(ruleMatcher);
  return (user, info) => rules.some((matches) => matches(user, info));
}

/** What tells the schema's flows apart: `''` where all its requests are one flow. */
export function distinguisherOf({ spec }: Pick<SchemaObject, 'spec'>, user: User, info: RequestInfo): string {
  switch (spec.distinguisherMethod?.type) {
    case 'ByUser':
      return user.name;
    case 'ByNamespace':
      return info.namespace;
    default:
      return '';
  }
}

/** The order in which schemas are asked: of two that match, the first counts. */
export function byMatchingPrecedence(a: SchemaObject, b: SchemaObject): number {
  return a.spec.matchingPrecedence - b.spec.matchingPrecedence || (a.metadata.name < b.metadata.name ? -1 : 1);
}

function ruleMatcher({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects): FlowMatcher {
  const isSubject = subjectMatcher(subjects ?? []);
  const resources = (resourceRules ?? []).map(resourceMatcher);
  const paths = (nonResourceRules ?? []).map(pathMatcher);
  return (user, info) => isSubject(user) && (info.isResource ? resources : paths).some((matches) => matches(info));
}

function subjectMatcher(subjects: readonly Subject[]): (user: User) => boolean {
  const users = new Set<string>();
  const groups = new Set<string>();
  const prefixes: string[] = [];
  for (const { kind, user, group, serviceAccount } of subjects) {
    if (kind === 'User' && user) users.add(user.name);
    if (kind === 'Group' && group) groups.add(group.name);
    if (kind !== 'ServiceAccount' || !serviceAccount) continue;
    const accounts = `${ACCOUNT_PREFIX}${serviceAccount.namespace}:`;
    if (serviceAccount.name === ANY) prefixes.push(accounts);
    else users.add(accounts + serviceAccount.name);
  }
  if (users.has(ANY) || groups.has(ANY)) return () => true;
  return (user) =>
    users.has(user.name) ||
    (groups.size > 0 && user.groups.some((group) => groups.has(group))) ||
    prefixes.some((prefix) => user.name.startsWith(prefix));
}

function resourceMatcher(rule: ResourcePolicyRule): (info: RequestInfo) => boolean {
  const isVerb = wordMatcher(rule.verbs);
  const isGroup = wordMatcher(rule.apiGroups);
  const isResource = wordMatcher(rule.resources);
  const isNamespace = wordMatcher(rule.namespaces);
  return ({ verb, group, resource, subresource, namespace }) =>
    isVerb(verb) &&
    isResource(subresource === '' ? resource : `${resource}/${subresource}`) &&
    isGroup(group) &&
    (namespace === '' ? rule.clusterScope === true : isNamespace(namespace));
}

function pathMatcher({ verbs, nonResourceURLs }: NonResourcePolicyRule): (info: RequestInfo) => boolean {
  const isVerb = wordMatcher(verbs);
  const paths = (nonResourceURLs ?? []).map((url) => {
    const prefix = url.endsWith('*') ? url.slice(0, -1) : url;
    return { url, below: prefix.endsWith('/') ? prefix : `${prefix}/` };
  });
  return ({ verb, path }) =>
    isVerb(verb) && paths.some(({ url, below }) => url === ANY || url === path || path.startsWith(below));
}

/** The wildcard counts where it stands alone. */
function wordMatcher(words: readonly string[] | null | undefined): (word: string) => boolean {
  if (words?.length === 1 && words[0] === ANY) return () => true;
  const known = new Set(words);
  return (word) => known.has(word);
}
