import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCredentialProviders } from './credential-provider-config.ts';

const PROVIDER = {
  name: 'login',
  matchImages: ['*.r.io'],
  defaultCacheDuration: '1m30s',
  apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
};
const config = (...providers: readonly object[]) =>
  JSON.stringify({ apiVersion: 'kubelet.config.k8s.io/v1', kind: 'CredentialProviderConfig', providers });

describe('readCredentialProviders', () => {
  test('reads YAML', () => {
    const text = `
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: login
    matchImages: ["*.r.io"]
    defaultCacheDuration: 12h
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    args: [get]
    env: [{ name: PROFILE, value: dev }]
    tokenAttributes:
      serviceAccountTokenAudience: r.io
      cacheType: ServiceAccount
      requireServiceAccount: true
      requiredServiceAccountAnnotationKeys: [r.io/role]
`;
    assert.deepEqual(readCredentialProviders(text), [
      {
        ...{ name: 'login', matchImages: ['*.r.io'], apiVersion: PROVIDER.apiVersion, defaultCacheMs: 43_200_000 },
        ...{ args: ['get'], env: [{ name: 'PROFILE', value: 'dev' }] },
        tokenAttributes: {
          serviceAccountTokenAudience: 'r.io',
          cacheType: 'ServiceAccount',
          requireServiceAccount: true,
          requiredServiceAccountAnnotationKeys: ['r.io/role'],
          optionalServiceAccountAnnotationKeys: [],
        },
      },
    ]);
  });

  const token = { serviceAccountTokenAudience: 'r.io', cacheType: 'Token', requireServiceAccount: true };
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['another kind', '{"kind":"Config"}', /unsupported credential provider configuration/],
    ['no provider', config(), /providers: Required value/],
    ['a name that is a path', config({ ...PROVIDER, name: '../x' }), /providers\[0\]\.name: Invalid value/],
    ['a name twice', config(PROVIDER, PROVIDER), /providers\[1\]\.name: Duplicate value: "login"/],
    ['no images', config({ ...PROVIDER, matchImages: [] }), /matchImages: Required value/],
    ['no duration', config({ ...PROVIDER, defaultCacheDuration: undefined }), /defaultCacheDuration: Required value/],
    ['another protocol', config({ ...PROVIDER, apiVersion: 'v1' }), /apiVersion: Unsupported value: "v1"/],
    [
      'tokens over an old protocol',
      config({ ...PROVIDER, apiVersion: `${PROVIDER.apiVersion}beta1`, tokenAttributes: token }),
      /tokenAttributes is only supported/,
    ],
    [
      'tokens that nobody knows how to keep',
      config({ ...PROVIDER, tokenAttributes: { ...token, cacheType: undefined } }),
      /tokenAttributes\.cacheType: Unsupported value/,
    ],
  ];
  for (const [name, text, message] of wrong) {
    test(`refuses ${name}`, () => assert.throws(() => readCredentialProviders(text), message));
  }
});
