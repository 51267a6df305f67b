// Match resources.

import { LabelSelector } from '../meta/label-selector.ts';
import { formatLabelSelector } from '../printing.ts';
import { inline, list, message, type Read, string, struct } from '../schema.ts';

export const ScopeType = ['Cluster', 'Namespaced', '*'] as const;
export type ScopeType = (typeof ScopeType)[number];

export const Rule = struct('admissionregistration.k8s.io/v1.Rule', {
  apiGroups: list(1, 'string', { list: 'atomic' }),
  apiVersions: list(2, 'string', { list: 'atomic' }),
  resources: list(3, 'string', { list: 'atomic' }),
  scope: string(4, { optional: true, defaultsTo: '*', enum: ScopeType }),
});
export type Rule = Read<typeof Rule>;

export const ParamKind = struct(
  'admissionregistration.k8s.io/v1.ParamKind',
  {
    apiVersion: string(1),
    kind: string(2),
  },
  { atomic: true },
);
export type ParamKind = Read<typeof ParamKind>;

export const Variable = struct(
  'admissionregistration.k8s.io/v1.Variable',
  {
    name: string(1, { required: true }),
    expression: string(2, { required: true }),
  },
  { atomic: true },
);
export type Variable = Read<typeof Variable>;

export const ParamRef = struct(
  'admissionregistration.k8s.io/v1.ParamRef',
  {
    name: string(1),
    namespace: string(2),
    selector: message(3, LabelSelector, { optional: true }),
    parameterNotFoundAction: string(4, { optional: true }),
  },
  { atomic: true },
);
export type ParamRef = Read<typeof ParamRef>;

export const OperationType = ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
export type OperationType = (typeof OperationType)[number];

export const RuleWithOperations = struct('admissionregistration.k8s.io/v1.RuleWithOperations', {
  operations: list(1, 'string', { enum: OperationType, list: 'atomic' }),
  rule: inline(2, Rule, { omit: 'never' }),
});
export type RuleWithOperations = Read<typeof RuleWithOperations>;

export const NamedRuleWithOperations = struct(
  'admissionregistration.k8s.io/v1.NamedRuleWithOperations',
  {
    resourceNames: list(1, 'string', { list: 'atomic' }),
    ruleWithOperations: inline(2, RuleWithOperations, { omit: 'never' }),
  },
  { atomic: true },
);
export type NamedRuleWithOperations = Read<typeof NamedRuleWithOperations>;

export const MatchPolicyType = ['Exact', 'Equivalent'] as const;
export type MatchPolicyType = (typeof MatchPolicyType)[number];

export const MatchResources = struct(
  'admissionregistration.k8s.io/v1.MatchResources',
  {
    namespaceSelector: message(1, LabelSelector, { optional: true, defaultsTo: {} }),
    objectSelector: message(2, LabelSelector, { optional: true, defaultsTo: {} }),
    resourceRules: list(3, NamedRuleWithOperations, { list: 'atomic' }),
    excludeResourceRules: list(4, NamedRuleWithOperations, { list: 'atomic' }),
    matchPolicy: string(7, { optional: true, defaultsTo: 'Equivalent', enum: MatchPolicyType }),
  },
  { atomic: true },
);
export type MatchResources = Read<typeof MatchResources>;

export const MatchCondition = struct('admissionregistration.k8s.io/v1.MatchCondition', {
  name: string(1, { required: true }),
  expression: string(2, { required: true }),
});
export type MatchCondition = Read<typeof MatchCondition>;

/** What a table shows of a reference: a namespace that is not said may be any. */
export function formatParamRef(reference: ParamRef | undefined): string {
  if (!reference) return '<unset>';
  if (reference.name) return `${reference.namespace || '*'}/${reference.name}`;
  return reference.selector ? formatLabelSelector(reference.selector) : '<unset>';
}
