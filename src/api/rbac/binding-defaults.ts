// The API group that names of users, groups and roles belong to. Upstream: SetDefaults_* in pkg/apis/rbac/v1.

import type { Draft } from '../schema.ts';
import type { RoleRef, Subject } from './policy-rule.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function defaultBinding({ roleRef, subjects }: { roleRef: Draft<RoleRef>; subjects?: Draft<Subject>[] }): void {
  roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
  }
}
