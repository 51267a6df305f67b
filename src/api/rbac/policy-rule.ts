// Policy rule.

import { list, type Read, string, struct } from '../schema.ts';

export const PolicyRule = struct('rbac.authorization.k8s.io/v1.PolicyRule', {
  verbs: list(1, 'string', { required: true, list: 'atomic' }),
  apiGroups: list(2, 'string', { list: 'atomic' }),
  resources: list(3, 'string', { list: 'atomic' }),
  resourceNames: list(4, 'string', { list: 'atomic' }),
  nonResourceURLs: list(5, 'string', { list: 'atomic' }),
});
export type PolicyRule = Read<typeof PolicyRule>;

export const Subject = struct(
  'rbac.authorization.k8s.io/v1.Subject',
  {
    kind: string(1, { required: true }),
    apiGroup: string(2),
    name: string(3, { required: true }),
    namespace: string(4),
  },
  { atomic: true },
);
export type Subject = Read<typeof Subject>;

export const RoleRef = struct(
  'rbac.authorization.k8s.io/v1.RoleRef',
  {
    apiGroup: string(1, { omit: 'never' }),
    kind: string(2, { required: true }),
    name: string(3, { required: true }),
  },
  { atomic: true },
);
export type RoleRef = Read<typeof RoleRef>;
