import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import type { ServiceAccount } from '../../api/core/service-account.ts';
import { FakeClock } from '../../base/clock.ts';
import { createLogger, type LogRecord } from '../../base/log.ts';
import type { CredentialProvider, TokenAttributes } from './credential-provider-config.ts';
import { CredentialProviders } from './credential-providers.ts';

const API_VERSION = 'credentialprovider.kubelet.k8s.io/v1';
const PROVIDER: CredentialProvider = {
  name: 'login',
  matchImages: ['*.r.io'],
  defaultCacheMs: 60_000,
  apiVersion: API_VERSION,
  args: [],
  env: [],
  tokenAttributes: undefined,
};

/** A provider that answers as the test says and counts how often it is asked. */
class Provider {
  readonly clock = new FakeClock();
  readonly requests: Readonly<Record<string, unknown>>[] = [];
  readonly complaints: LogRecord[] = [];
  readonly providers: CredentialProviders;
  annotations: Readonly<Record<string, string>> = {};
  token = 'token';
  answer: Readonly<Record<string, unknown>> = {};

  constructor(provider: Partial<CredentialProvider> = {}) {
    this.providers = new CredentialProviders(
      {
        clock: this.clock,
        log: createLogger((record) => this.complaints.push(record)),
        run: async (_provider, request) => {
          this.requests.push({ ...request });
          return {
            kind: 'CredentialProviderResponse',
            apiVersion: API_VERSION,
            cacheKeyType: 'Image',
            auth: { '*.r.io': { username: `user${this.requests.length}`, password: 'secret' } },
            ...this.answer,
          };
        },
        serviceAccount: async (namespace, name) =>
          ({ metadata: { namespace, name, uid: 'uid', annotations: this.annotations } }) as unknown as ServiceAccount,
        tokens: { token: async () => this.token, forget: () => {} },
      },
      [{ ...PROVIDER, ...provider }],
    );
  }

  async users(image: string, serviceAccountName = ''): Promise<readonly string[]> {
    const pod = kubeletPod();
    const found = await this.providers.credentials({ ...pod, spec: { ...pod.spec, serviceAccountName } }, image);
    return found.map(({ auth }) => auth.username ?? '');
  }
}

describe('CredentialProviders', () => {
  test('are asked for the images that they are for', async () => {
    const provider = new Provider();
    assert.deepEqual(await provider.users('eu.r.io/app:1'), ['user1']);
    assert.deepEqual(await provider.users('busybox'), []);
    assert.deepEqual(provider.requests, [
      { kind: 'CredentialProviderRequest', apiVersion: API_VERSION, image: 'eu.r.io/app' },
    ]);
  });

  const scopes: readonly (readonly [string, readonly string[]])[] = [
    ['Image', ['user1', 'user1', 'user2', 'user3']],
    ['Registry', ['user1', 'user1', 'user1', 'user2']],
    ['Global', ['user1', 'user1', 'user1', 'user1']],
  ];
  for (const [cacheKeyType, expected] of scopes) {
    test(`what they answer holds for: ${cacheKeyType}`, async () => {
      const provider = new Provider();
      provider.answer = { cacheKeyType };
      const users: string[] = [];
      for (const image of ['eu.r.io/app:1', 'eu.r.io/app:2', 'eu.r.io/other', 'us.r.io/app']) {
        users.push(...(await provider.users(image)));
      }
      assert.deepEqual(users, expected);
    });
  }

  test('what they answer holds as long as they say, else as the configuration says', async () => {
    const provider = new Provider();
    provider.answer = { cacheDuration: '10s' };
    await provider.users('eu.r.io/app');
    await provider.clock.advance(10_000);
    provider.answer = {};
    assert.deepEqual(await provider.users('eu.r.io/app'), ['user2']);
    await provider.clock.advance(59_000);
    assert.deepEqual(await provider.users('eu.r.io/app'), ['user2']);
    await provider.clock.advance(1_000);
    provider.answer = { cacheDuration: '0s' };
    assert.deepEqual(await provider.users('eu.r.io/app'), ['user3']);
    assert.deepEqual(await provider.users('eu.r.io/app'), ['user4']);
  });

  test('those who ask at the same time for the same are told the same', async () => {
    const provider = new Provider();
    const users = await Promise.all(['eu.r.io/app', 'eu.r.io/app:1'].map((image) => provider.users(image)));
    assert.deepEqual(users, [['user1'], ['user1']]);
  });

  test('one that does not answer as it should has nothing', async () => {
    const provider = new Provider();
    for (const answer of [{ kind: 'Other' }, { apiVersion: 'v2' }, { cacheKeyType: 'All' }, { auth: null }]) {
      provider.answer = answer;
      assert.deepEqual(await provider.users('eu.r.io/app'), []);
    }
    assert.equal(provider.complaints.length, 3);
  });

  const tokenAttributes: TokenAttributes = {
    serviceAccountTokenAudience: 'r.io',
    cacheType: 'ServiceAccount',
    requireServiceAccount: true,
    requiredServiceAccountAnnotationKeys: ['r.io/role'],
    optionalServiceAccountAnnotationKeys: ['r.io/zone'],
  };

  test('get a token of the pod’s service account with what it is annotated with, if it is', async () => {
    const provider = new Provider({ tokenAttributes });
    assert.deepEqual(await provider.users('eu.r.io/app', 'robot'), []);
    provider.annotations = { 'r.io/role': 'reader', other: 'x' };
    assert.deepEqual(await provider.users('eu.r.io/app', 'robot'), ['user1']);
    assert.deepEqual(await provider.users('eu.r.io/app', ''), []);
    assert.deepEqual(provider.requests[0]?.['serviceAccountToken'], 'token');
    assert.deepEqual(provider.requests[0]?.['serviceAccountAnnotations'], { 'r.io/role': 'reader' });
    provider.token = 'another';
    assert.deepEqual(await provider.users('eu.r.io/app', 'robot'), ['user1']);
    assert.deepEqual(await provider.users('eu.r.io/app', 'other'), ['user2']);
  });

  test('may have credentials for one token alone, and serve pods without a service account', async () => {
    const attributes = { ...tokenAttributes, requireServiceAccount: false, requiredServiceAccountAnnotationKeys: [] };
    const provider = new Provider({ tokenAttributes: { ...attributes, cacheType: 'Token' } });
    assert.deepEqual(await provider.users('eu.r.io/app', 'robot'), ['user1']);
    provider.token = 'another';
    assert.deepEqual(await provider.users('eu.r.io/app', 'robot'), ['user2']);
    assert.deepEqual(await provider.users('eu.r.io/app', ''), ['user3']);
    assert.equal(provider.requests[2]?.['serviceAccountToken'], undefined);
  });
});
