import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { FakeClock } from '../../base/clock.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import { oidcDocuments } from './oidc-discovery.ts';
import { serviceAccountAuthenticator } from './service-account-authenticator.ts';
import { importServiceAccountKey, type ServiceAccountKey } from './service-account-keys.ts';
import { signToken, type TokenSubject, type TokenTerms, tokenClaims } from './service-account-tokens.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const API = [ISSUER];

const pemOf = (type: 'ec' | 'rsa') => {
  const { privateKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
};
const key = await importServiceAccountKey(pemOf('ec'));
const otherKey = await importServiceAccountKey(pemOf('rsa'));

const setUp = (keys: readonly ServiceAccountKey[] = [key]) => {
  const objects = new MapObjectReader();
  const clock = new FakeClock();
  objects.put(ServiceAccount, { metadata: { namespace: 'a', name: 'robot', uid: 'account-uid' } });
  objects.put(Pod, { metadata: { namespace: 'a', name: 'web', uid: 'pod-uid' } });
  objects.put(Secret, { metadata: { namespace: 'a', name: 'token', uid: 'secret-uid' } });
  objects.put(Node, { metadata: { name: 'node1', uid: 'node-uid' } });
  const authenticator = serviceAccountAuthenticator({ objects, clock, keys }, { issuer: ISSUER, audiences: API });
  const subject: TokenSubject = { namespace: 'a', account: { name: 'robot', uid: 'account-uid' } };
  const terms: TokenTerms = { issuer: ISSUER, audiences: API, id: 'id-1', nowMs: clock.now(), expirationSeconds: 3600 };
  return { objects, clock, authenticator, subject, terms };
};

const pod = { name: 'web', uid: 'pod-uid' };
const secret = { name: 'token', uid: 'secret-uid' };
const node = { name: 'node1', uid: 'node-uid' };

describe('tokenClaims', () => {
  test('are those of upstream, in its order', () => {
    const { subject, terms } = setUp();
    const iat = terms.nowMs / 1000;
    assert.deepEqual(tokenClaims({ ...subject, pod, node }, { ...terms, warnAfterSeconds: 3607 }), {
      aud: API,
      exp: iat + 3600,
      iat,
      iss: ISSUER,
      jti: 'id-1',
      'kubernetes.io': {
        namespace: 'a',
        node,
        pod,
        serviceaccount: { name: 'robot', uid: 'account-uid' },
        warnafter: iat + 3607,
      },
      nbf: iat,
      sub: 'system:serviceaccount:a:robot',
    });
  });
});

describe('serviceAccountAuthenticator', () => {
  test('finds the account with its groups and what the token is bound to', async () => {
    const { authenticator, subject, terms } = setUp();
    const token = await signToken(key, tokenClaims({ ...subject, pod, node }, terms));
    assert.deepEqual(await authenticator.authenticateToken(token, API), {
      audiences: API,
      user: {
        name: 'system:serviceaccount:a:robot',
        uid: 'account-uid',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
        extra: {
          'authentication.kubernetes.io/pod-name': ['web'],
          'authentication.kubernetes.io/pod-uid': ['pod-uid'],
          'authentication.kubernetes.io/node-name': ['node1'],
          'authentication.kubernetes.io/node-uid': ['node-uid'],
          'authentication.kubernetes.io/credential-id': ['JTI=id-1'],
        },
      },
    });
  });

  type Context = ReturnType<typeof setUp>;
  const minute = 60_000;
  const rejections: [string, Partial<TokenSubject>, (context: Context) => void | Promise<void>, RegExp][] = [
    ['when it has expired', {}, ({ clock }) => clock.advance(3600_000 + 2 * minute), /has expired/],
    [
      'when the account is gone',
      {},
      ({ objects }) => objects.remove(ServiceAccount, { namespace: 'a', name: 'robot' }),
      /^serviceaccounts "robot" not found$/,
    ],
    [
      'when another account has taken the name',
      {},
      ({ objects }) => void objects.put(ServiceAccount, { metadata: { namespace: 'a', name: 'robot', uid: 'new' } }),
      /^service account UID \(new\) does not match claim \(account-uid\)$/,
    ],
    [
      'when the pod is gone',
      { pod },
      ({ objects }) => objects.remove(Pod, { namespace: 'a', name: 'web' }),
      /^service account token has been invalidated$/,
    ],
    [
      'when another pod has taken the name',
      { pod },
      ({ objects }) => void objects.put(Pod, { metadata: { namespace: 'a', name: 'web', uid: 'new' } }),
      /^pod UID \(new\) does not match service account pod ref claim \(pod-uid\)$/,
    ],
    [
      'when the pod should have been gone for a while',
      { pod },
      async ({ objects, clock }) => {
        const deletionTimestamp = new Date(clock.now()).toISOString();
        objects.put(Pod, { metadata: { namespace: 'a', name: 'web', uid: 'pod-uid', deletionTimestamp } });
        await clock.advance(2 * minute);
      },
      /has been invalidated/,
    ],
    [
      'when the secret is gone',
      { secret },
      ({ objects }) => objects.remove(Secret, { namespace: 'a', name: 'token' }),
      /has been invalidated/,
    ],
    [
      'when the node is gone',
      { node },
      ({ objects }) => objects.remove(Node, { name: 'node1' }),
      /has been invalidated/,
    ],
  ];
  for (const [name, bound, change, message] of rejections) {
    test(`rejects a token ${name}, also one it has seen before`, async () => {
      const context = setUp();
      const { authenticator, subject, terms } = context;
      const token = await signToken(key, tokenClaims({ ...subject, ...bound }, terms));
      assert.ok(await authenticator.authenticateToken(token, API));
      await change(context);
      await assert.rejects(authenticator.authenticateToken(token, API), { message });
    });
  }

  test('accepts a token a little before and after its time, and of a pod that is just being deleted', async () => {
    const { authenticator, subject, terms, clock, objects } = setUp();
    const token = await signToken(key, tokenClaims({ ...subject, pod }, { ...terms, nowMs: terms.nowMs + 30_000 }));
    assert.ok(await authenticator.authenticateToken(token, API));
    const deletionTimestamp = new Date(clock.now() + 3600_000).toISOString();
    objects.put(Pod, { metadata: { namespace: 'a', name: 'web', uid: 'pod-uid', deletionTimestamp } });
    await clock.advance(3600_000 + 50_000);
    assert.ok(await authenticator.authenticateToken(token, API));
  });

  test("does not ask for the node of a pod's token", async () => {
    const { authenticator, subject, terms, objects } = setUp();
    const token = await signToken(key, tokenClaims({ ...subject, pod, node }, terms));
    objects.remove(Node, { name: 'node1' });
    assert.ok(await authenticator.authenticateToken(token, API));
  });

  test('is for the audiences of the token', async () => {
    const { authenticator, subject, terms } = setUp();
    const token = await signToken(key, tokenClaims(subject, { ...terms, audiences: ['vault', 'other'] }));
    await assert.rejects(authenticator.authenticateToken(token, API), {
      message: `token audiences ["vault" "other"] is invalid for the target audiences ["${ISSUER}"]`,
    });
    assert.deepEqual((await authenticator.authenticateToken(token, ['x', 'vault']))?.audiences, ['vault']);
  });

  test('knows nothing of tokens that are none or come from elsewhere', async () => {
    const { authenticator, subject, terms } = setUp();
    const foreign = await signToken(key, tokenClaims(subject, { ...terms, issuer: 'https://elsewhere' }));
    for (const token of ['', 'abc', 'a.b.c', foreign]) {
      assert.equal(await authenticator.authenticateToken(token, API), undefined);
    }
  });

  test('rejects tokens that are altered or signed by somebody else', async () => {
    const { authenticator, subject, terms } = setUp();
    const claims = tokenClaims(subject, terms);
    const token = await signToken(key, claims);
    const [header, , signature] = token.split('.');
    const altered = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1e6 })).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: key.id })).toString('base64url');
    const forged = [
      `${header}.${altered}.${signature}`,
      `${none}.${token.split('.')[1]}.`,
      await signToken(otherKey, claims),
      await signToken({ ...otherKey, id: key.id }, claims),
    ];
    for (const each of forged) {
      await assert.rejects(authenticator.authenticateToken(each, API), { message: 'invalid bearer token' });
    }
  });

  test('accepts what any of its keys has signed, RSA keys too', async () => {
    const { authenticator, subject, terms } = setUp([key, otherKey]);
    for (const each of [key, otherKey]) {
      assert.ok(await authenticator.authenticateToken(await signToken(each, tokenClaims(subject, terms)), API));
    }
  });

  test('gives the same user for the same token', async () => {
    const { authenticator, subject, terms } = setUp();
    const token = await signToken(key, tokenClaims(subject, terms));
    const first = await authenticator.authenticateToken(token, API);
    assert.equal((await authenticator.authenticateToken(token, API))?.user, first?.user);
  });
});

describe('oidcDocuments', () => {
  test('say where the keys are and publish their public halves', () => {
    const [configuration, keys] = oidcDocuments([key, otherKey], { issuer: ISSUER });
    assert.equal(configuration?.path, '/.well-known/openid-configuration');
    assert.deepEqual(JSON.parse(configuration!.body), {
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    });
    assert.equal(keys?.path, '/openid/v1/jwks');
    const published = JSON.parse(keys!.body).keys;
    assert.deepEqual(
      published.map((each: object) => Object.keys(each).toSorted()),
      [
        ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
        ['alg', 'e', 'kid', 'kty', 'n', 'use'],
      ],
    );
  });
});
