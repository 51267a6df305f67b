// The rules of role bindings. Upstream: ValidateRoleBinding and ValidateClusterRoleBinding in pkg/apis/rbac/validation.

import { deepEqual } from '../deep-equal.ts';
import { checkFaults, checkOneOf, checkRequired, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { pathSegment } from '../names.ts';
import type { RoleRef, Subject } from './policy-rule.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

interface BindingLike {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

export function validateRoleBinding(binding: BindingLike): readonly FieldError[] {
  return bindingErrors(binding, { namespaced: true });
}

export function validateClusterRoleBinding(binding: BindingLike): readonly FieldError[] {
  return bindingErrors(binding, { namespaced: false });
}

/** Who may change whom a role is bound to may not thereby bind another role. */
export function validateBindingUpdate(binding: BindingLike, previous: BindingLike): readonly FieldError[] {
  if (deepEqual(binding.roleRef, previous.roleRef)) return [];
  return [fieldError.invalid(Path.of('roleRef'), binding.roleRef, 'cannot change roleRef')];
}

function bindingErrors(
  { roleRef, subjects = [] }: BindingLike,
  { namespaced }: { readonly namespaced: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  const at = Path.of('roleRef');
  checkOneOf(roleRef.apiGroup, [RBAC_GROUP], at.child('apiGroup'), errors);
  checkOneOf(roleRef.kind, namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'], at.child('kind'), errors);
  checkRequired(roleRef.name, at.child('name'), errors);
  if (roleRef.name !== '') checkFaults(pathSegment(roleRef.name), roleRef.name, at.child('name'), errors);
  for (const [index, subject] of subjects.entries()) {
    checkSubject(subject, namespaced, Path.of('subjects').index(index), errors);
  }
  return errors;
}

function checkSubject(subject: Subject, namespaced: boolean, at: Path, errors: FieldError[]): void {
  const { kind, name, namespace, apiGroup = '' } = subject;
  checkRequired(name, at.child('name'), errors);
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') checkSubdomain(name, at.child('name'), errors);
      checkOneOf(apiGroup, [''], at.child('apiGroup'), errors);
      if (!namespaced) checkRequired(namespace, at.child('namespace'), errors);
      break;
    case 'User':
    case 'Group':
      checkOneOf(apiGroup, [RBAC_GROUP], at.child('apiGroup'), errors);
      break;
    default:
      errors.push(fieldError.notSupported(at.child('kind'), kind, ['ServiceAccount', 'User', 'Group']));
  }
}
