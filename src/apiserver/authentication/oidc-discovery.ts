// What others need to verify service account tokens by themselves: the discovery document and the public keys. Upstream:
// k8s.io/kubernetes/pkg/serviceaccount/openidmetadata.go. Who may read them is for RBAC
// (system:service-account-issuer-discovery).

import type { ServiceAccountKey } from './service-account-keys.ts';

/** A document that the server answers a GET of the path with, as it is. */
export interface OidcDocument {
  readonly path: string;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly body: string;
}

/** `jwksUri`: where verifiers outside find the keys; absent, below the issuer. */
export function oidcDocuments(
  keys: readonly ServiceAccountKey[],
  { issuer, jwksUri = `${issuer}/openid/v1/jwks` }: { readonly issuer: string; readonly jwksUri?: string },
): readonly OidcDocument[] {
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))].toSorted();
  const configuration = {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: algorithms,
  };
  const cacheControl = 'public, max-age=3600';
  return [
    {
      path: '/.well-known/openid-configuration',
      contentType: 'application/json',
      cacheControl,
      body: JSON.stringify(configuration),
    },
    {
      path: '/openid/v1/jwks',
      contentType: 'application/jwk-set+json',
      cacheControl,
      body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }),
    },
  ];
}
