// ServiceAccount.

import { TokenRequest } from '../authentication/token-request.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import type { Draft } from '../schema.ts';
import { bool, list, message, struct } from '../schema.ts';
import { LocalObjectReference, ObjectReference } from './references.ts';
import { serviceAccountWarnings } from './service-account-warnings.ts';

const schema = struct('core/v1.ServiceAccount', {
  metadata: message(1, ObjectMeta),
  secrets: list(2, ObjectReference, { list: { keys: ['name'] }, merge: 'name' }),
  imagePullSecrets: list(3, LocalObjectReference, { list: 'atomic' }),
  automountServiceAccountToken: bool(4, { optional: true }),
});
export type ServiceAccount = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ServiceAccount = kind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'Namespaced',
  returnsDeleted: true,
  shortNames: ['sa'],
  schema,
  subresources: {
    token: {
      type: 'action',
      schema: TokenRequest,
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'string',
      description: 'Number of secrets that pods with this account may mount.',
      value: ({ secrets }) => secrets?.length ?? 0,
    },
    ageColumn,
  ],
  prepareForCreate: keepNamesOfSecrets,
  prepareForUpdate: keepNamesOfSecrets,
  warnings: serviceAccountWarnings,
});

/** Secrets are of the account's own namespace: all else that a reference can say is dropped. */
function keepNamesOfSecrets(account: Draft<ServiceAccount>): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name ? { name } : {}));
}
