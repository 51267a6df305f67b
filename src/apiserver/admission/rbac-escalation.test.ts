import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import type { User } from '../../client/user.ts';
import { RbacAuthorizer } from '../authorization/rbac.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import { rbacEscalation } from './rbac-escalation.ts';

const GROUP = 'rbac.authorization.k8s.io';
const person = (name: string, ...groups: string[]): User => ({ name, uid: undefined, groups, extra: {} });

const setUp = () => {
  const objects = new MapObjectReader();
  const give = (name: string, rules: object[], subject: string) => {
    objects.put(ClusterRole, { metadata: { name }, rules });
    objects.put(ClusterRoleBinding, {
      metadata: { name },
      subjects: [{ kind: 'User', name: subject }],
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
    });
  };
  give('reader', [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }], 'jane');
  give(
    'all',
    [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
    'root',
  );
  give(
    'escalator',
    [{ verbs: ['escalate', 'bind'], apiGroups: [GROUP], resources: ['roles', 'clusterroles'] }],
    'erin',
  );
  give('binder', [{ verbs: ['bind'], apiGroups: [GROUP], resources: ['clusterroles'], resourceNames: ['all'] }], 'bob');
  const rbac = new RbacAuthorizer({ objects });
  const plugin = rbacEscalation({ authorizer: rbac, rbac });
  return (user: User, kind: Kind, object: object, oldObject?: object) =>
    plugin.validate?.({
      operation: oldObject ? 'UPDATE' : 'CREATE',
      kind,
      subresource: '',
      namespace: kind.namespaced ? 'a' : '',
      name: 'x',
      object: { metadata: { name: 'x' }, ...object } as unknown as AnyDraft,
      oldObject: oldObject && ({ metadata: { name: 'x' }, ...oldObject } as unknown as AnyObject),
      user,
      dryRun: false,
      warn() {},
    });
};

const rule = (...verbs: string[]) => ({ verbs, apiGroups: [''], resources: ['pods'] });
const bindTo = (name: string, kind = 'ClusterRole') => ({ roleRef: { apiGroup: GROUP, kind, name }, subjects: [] });
const aggregated = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }, rules: [] };

describe('rbacEscalation', () => {
  const allowed: [string, User, Kind, object, object?][] = [
    ['a role with what one holds', person('jane'), Role, { rules: [rule('get')] }],
    ['a role by a superuser', person('su', 'system:masters'), ClusterRole, { rules: [rule('*')] }],
    ['a role by one who may do everything', person('root'), ClusterRole, { rules: [rule('delete')] }],
    ['a role by one who may escalate', person('erin'), ClusterRole, { rules: [rule('delete')] }],
    ['a role that aggregates by one who may do everything', person('root'), ClusterRole, aggregated],
    ['a binding to what one holds', person('jane'), RoleBinding, bindTo('reader')],
    ['a binding by one who may bind this role', person('bob'), ClusterRoleBinding, bindTo('all')],
    [
      'an update that only takes finalizers off',
      person('gc'),
      Role,
      { metadata: { name: 'x', finalizers: [] }, rules: [rule('delete')] },
      { metadata: { name: 'x', finalizers: ['f'] }, rules: [rule('delete')] },
    ],
  ];
  for (const [name, user, kind, object, oldObject] of allowed) {
    test(`allows ${name}`, () => assert.doesNotThrow(() => setUp()(user, kind, object, oldObject)));
  }

  const refused: [string, User, Kind, object, string][] = [
    [
      'a role with more than one holds',
      person('jane', 'dev', 'system:authenticated'),
      Role,
      { rules: [rule('get', 'delete', 'create'), { verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] },
      `roles.${GROUP} "x" is forbidden: user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n` +
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "create"]}\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    ],
    [
      'a binding to more than one holds',
      person('jane'),
      ClusterRoleBinding,
      bindTo('escalator'),
      `clusterrolebindings.${GROUP} "x" is forbidden: user "jane" (groups=[]) is attempting to grant RBAC permissions not currently held:\n` +
        `{APIGroups:["${GROUP}"], Resources:["clusterroles"], Verbs:["escalate" "bind"]}\n` +
        `{APIGroups:["${GROUP}"], Resources:["roles"], Verbs:["escalate" "bind"]}`,
    ],
    [
      'a role that aggregates',
      person('jane'),
      ClusterRole,
      aggregated,
      `clusterroles.${GROUP} "x" is forbidden: must have cluster-admin privileges to use aggregationRule`,
    ],
    [
      'a binding to a role that does not exist',
      person('jane'),
      RoleBinding,
      bindTo('nothing', 'Role'),
      `role.${GROUP} "nothing" not found`,
    ],
  ];
  for (const [name, user, kind, object, message] of refused) {
    test(`refuses ${name}`, () => assert.throws(() => setUp()(user, kind, object), { message }));
  }
});
