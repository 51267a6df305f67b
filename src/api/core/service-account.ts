// ServiceAccount.

import { TokenRequest } from '../authentication/token-request.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, list, message, struct } from '../schema.ts';
import { LocalObjectReference, ObjectReference } from './references.ts';

export const ServiceAccount = kind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'Namespaced',
  returnsDeleted: true,
  shortNames: ['sa'],
  schema: struct('core/v1.ServiceAccount', {
    metadata: message(1, ObjectMeta),
    secrets: list(2, ObjectReference, { list: { keys: ['name'] }, merge: 'name' }),
    imagePullSecrets: list(3, LocalObjectReference, { list: 'atomic' }),
    automountServiceAccountToken: bool(4, { optional: true }),
  }),
  subresources: {
    token: {
      type: 'action',
      schema: TokenRequest,
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
    },
  },
});
export type ServiceAccount = ObjectOf<typeof ServiceAccount>;
