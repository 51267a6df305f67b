// What one RBAC rule allows, and which rules cover which others. Pure; where rules come from is rbac.ts. Upstream:
// k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go, k8s.io/component-helpers/auth/rbac/validation.

import type { PolicyRule } from '../../api/rbac/policy-rule.ts';
import type { RequestInfo } from '../request-info.ts';

const ALL = '*';

/** Whether the rule allows the request; wildcards are understood, also that of all resources with a subresource. */
export function ruleAllows(rule: PolicyRule, request: RequestInfo): boolean {
  if (!includes(rule.verbs, request.verb)) return false;
  if (!request.isResource) return rule.nonResourceURLs?.some((url) => urlMatches(url, request.path)) ?? false;
  return (
    includes(rule.apiGroups, request.group) &&
    resourceAllowed(rule.resources, request.resource, request.subresource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(request.name))
  );
}

/** `/healthz*` matches everything that starts with `/healthz`; `*` matches all. */
function urlMatches(ruleUrl: string, path: string): boolean {
  if (ruleUrl === ALL || ruleUrl === path) return true;
  return ruleUrl.endsWith(ALL) && path.startsWith(ruleUrl.replace(/\*+$/, ''));
}

/**
 * Those of `wanted`, broken down to single permissions, that no rule of `held` covers; an empty answer means that who
 * holds `held` may grant `wanted`.
 */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !held.some((rule) => ruleCovers(rule, single)));
}

/** Single permissions brought together that differ in their verbs alone. */
export function compactRules(singles: readonly PolicyRule[]): PolicyRule[] {
  const compact = new Map<string, PolicyRule & { verbs: string[] }>();
  for (const { verbs, ...what } of singles) {
    const key = JSON.stringify(what);
    const known = compact.get(key);
    if (known) known.verbs.push(...verbs);
    else compact.set(key, { ...what, verbs: [...verbs] });
  }
  return [...compact.values()];
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function describeRule(rule: PolicyRule): string {
  const parts: string[] = [];
  const add = (name: string, values: readonly string[] | undefined) => {
    if (values?.length) parts.push(`${name}:${quotedList(values)}`);
  };
  add('APIGroups', rule.apiGroups);
  add('Resources', rule.resources);
  add('NonResourceURLs', rule.nonResourceURLs);
  add('ResourceNames', rule.resourceNames);
  add('Verbs', rule.verbs);
  return `{${parts.join(', ')}}`;
}

/** `["a" "b"]`, as Go prints a list of strings with %q. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

function includes(values: readonly string[] | undefined, value: string): boolean {
  return values !== undefined && (values.includes(value) || values.includes(ALL));
}

function resourceAllowed(resources: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (!resources) return false;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  for (const allowed of resources) {
    if (allowed === ALL || allowed === combined) return true;
    if (subresource !== '' && allowed === `*/${subresource}`) return true;
  }
  return false;
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const singles: PolicyRule[] = [];
  for (const apiGroup of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        const single = { verbs: [verb], apiGroups: [apiGroup], resources: [resource] };
        if (!rule.resourceNames?.length) singles.push(single);
        else for (const name of rule.resourceNames) singles.push({ ...single, resourceNames: [name] });
      }
    }
  }
  for (const url of rule.nonResourceURLs ?? []) {
    for (const verb of rule.verbs) singles.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return singles;
}

/** `single` comes from `breakDown`: it has one of each. */
function ruleCovers(rule: PolicyRule, single: PolicyRule): boolean {
  if (!single.verbs.every((verb) => includes(rule.verbs, verb))) return false;
  if (single.nonResourceURLs) {
    return single.nonResourceURLs.every((url) => rule.nonResourceURLs?.some((held) => urlMatches(held, url)) ?? false);
  }
  return (
    (single.apiGroups ?? []).every((group) => includes(rule.apiGroups, group)) &&
    (single.resources ?? []).every((resource) => resourceCovered(rule.resources, resource)) &&
    namesCovered(rule.resourceNames, single.resourceNames)
  );
}

function resourceCovered(held: readonly string[] | undefined, resource: string): boolean {
  if (includes(held, resource)) return true;
  const slash = resource.indexOf('/');
  return slash !== -1 && (held?.includes(`*${resource.slice(slash)}`) ?? false);
}

/** A rule for all names covers every name; a rule for some names never covers all. */
function namesCovered(held: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  if (!held?.length) return true;
  return wanted !== undefined && wanted.length > 0 && wanted.every((name) => held.includes(name));
}
