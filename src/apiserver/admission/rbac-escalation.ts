// Nobody gives away what they do not have: a role may only be written with rules, and only be bound, by who holds the
// rules, unless the verbs `escalate` or `bind` are allowed. Upstream checks this in the storage of the four kinds
// (k8s.io/kubernetes/pkg/registry/rbac); here it is a plugin, the last to judge.

import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { PolicyRule } from '../../api/rbac/policy-rule.ts';
import { Role } from '../../api/rbac/role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import type { Draft } from '../../api/schema.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { SUPERUSER_GROUP } from '../authorization/authorizer-union.ts';
import type { RbacAuthorizer } from '../authorization/rbac.ts';
import { compactRules, describeRule, missingRules, quotedList } from '../authorization/rbac-rules.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export interface RbacEscalationDeps {
  readonly authorizer: Authorizer;
  readonly rbac: Pick<RbacAuthorizer, 'rulesFor' | 'rulesOfRole'>;
}

export function rbacEscalation(deps: RbacEscalationDeps): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate(request) {
      const { kind, operation, user } = request;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      const isRole = kind === Role || kind === ClusterRole;
      const isBinding = kind === RoleBinding || kind === ClusterRoleBinding;
      if ((!isRole && !isBinding) || user.groups.includes(SUPERUSER_GROUP)) return;
      if (changesMetadataOnlyForDeletion(request)) return;
      if (isRole) checkRole(deps, request);
      else checkBinding(deps, request);
    },
  };
}

function checkRole({ authorizer, rbac }: RbacEscalationDeps, request: AdmissionRequest): void {
  const { user, kind, namespace, object, oldObject, operation, name } = request;
  const verb = {
    path: '',
    verb: 'escalate',
    isResource: true,
    group: kind.group,
    version: '*',
    resource: kind.plural,
    subresource: '',
    namespace,
    name: operation === 'CREATE' ? '' : name,
    suffix: '',
  };
  if (authorizer.authorize(user, verb).verdict === 'allow') return;
  const role = object as unknown as Draft<ClusterRole>;
  const previous = oldObject as unknown as ClusterRole | undefined;
  if (role.aggregationRule || previous?.aggregationRule) {
    // Such a role can gather any rule that somebody else writes.
    if (missingRules(rbac.rulesFor(user, '').rules, EVERYTHING).length === 0) return;
    throw refusal(request, 'must have cluster-admin privileges to use aggregationRule');
  }
  confirmHeld(rbac, request, (role.rules ?? []) as PolicyRule[]);
}

function checkBinding({ authorizer, rbac }: RbacEscalationDeps, request: AdmissionRequest): void {
  const { user, namespace, object } = request;
  const { roleRef } = object as unknown as Draft<RoleBinding>;
  const verb = {
    path: '',
    verb: 'bind',
    isResource: true,
    group: roleRef.apiGroup,
    version: '*',
    resource: roleRef.kind === 'Role' ? 'roles' : 'clusterroles',
    subresource: '',
    namespace,
    name: roleRef.name,
    suffix: '',
  };
  if (authorizer.authorize(user, verb).verdict === 'allow') return;
  confirmHeld(rbac, request, rbac.rulesOfRole(roleRef, namespace));
}

function confirmHeld(rbac: RbacEscalationDeps['rbac'], request: AdmissionRequest, rules: readonly PolicyRule[]): void {
  const { user, namespace } = request;
  const held = rbac.rulesFor(user, namespace);
  const missing = compactRules(missingRules(held.rules, rules));
  if (missing.length === 0) return;
  const who = `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)})`;
  const what = [...new Set(missing.map(describeRule))].toSorted().join('\n');
  const errors = held.errors.length > 0 ? `; resolution errors: [${held.errors.join(' ')}]` : '';
  throw refusal(request, `${who} is attempting to grant RBAC permissions not currently held:\n${what}${errors}`);
}

/** The garbage collector takes finalizers and owners off objects of which it holds no rule. */
function changesMetadataOnlyForDeletion({ object, oldObject }: AdmissionRequest): boolean {
  if (!object || !oldObject) return false;
  const bare = ({ metadata, ...rest }: { metadata: object }) => ({
    ...rest,
    metadata: {
      ...metadata,
      ownerReferences: undefined,
      finalizers: undefined,
      managedFields: undefined,
      resourceVersion: undefined,
    },
  });
  return !deepEqual(object, oldObject) && deepEqual(bare(object), bare(oldObject));
}
