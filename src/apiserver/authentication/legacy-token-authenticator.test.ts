import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { FakeClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { mapClient } from '../registry/map-client.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import { legacyTokenAuthenticator } from './legacy-token-authenticator.ts';
import { importServiceAccountKey } from './service-account-keys.ts';
import { signLegacyToken } from './service-account-tokens.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = await importServiceAccountKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
const API = ['api'];
const LAST_USED = 'kubernetes.io/legacy-token-last-used';

async function setUp() {
  const objects = new MapObjectReader();
  const patches: unknown[] = [];
  const client = {
    ...mapClient(objects),
    patch: async (_kind: unknown, _ref: unknown, { body }: { body: unknown }) => void patches.push(body),
  } as unknown as ReturnType<typeof mapClient>;
  const token = await signLegacyToken(key, { namespace: 'a', account: { name: 'robot', uid: 'u' }, secret: 'token' });
  const put = ({ uid = 'u', text = token, labels = {}, secret = {}, account = {} } = {}) => {
    objects.put(ServiceAccount, { metadata: { namespace: 'a', name: 'robot', uid, ...account } });
    const data = { token: Buffer.from(text).toString('base64') };
    objects.put(Secret, { metadata: { namespace: 'a', name: 'token', uid: 's', labels, ...secret }, data });
  };
  const deps = { objects, client, clock: new FakeClock(), log: silentLogger, keys: [key] };
  return { authenticator: legacyTokenAuthenticator(deps, { audiences: API }), token, put, patches };
}

test('legacyTokenAuthenticator finds the account of a token that its secret holds, and notes its use', async () => {
  const { authenticator, token, put, patches } = await setUp();
  put();
  const found = await authenticator.authenticateToken(token, API);
  assert.deepEqual([found?.user.name, found?.user.uid, found?.audiences], ['system:serviceaccount:a:robot', 'u', API]);
  assert.deepEqual(patches, [{ metadata: { uid: 's', labels: { [LAST_USED]: '2026-01-01' } } }]);
});

test('legacyTokenAuthenticator notes the use once a day, and leaves tokens of others alone', async () => {
  const { authenticator, token, put, patches } = await setUp();
  for (const day of ['2026-01-01', '2026-01-02']) {
    put({ labels: { [LAST_USED]: day } });
    await authenticator.authenticateToken(token, API);
  }
  assert.deepEqual(patches, []);
  assert.equal(await authenticator.authenticateToken('no.jwt', API), undefined);
});

const DELETED = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const refusals: readonly (readonly [string, Parameters<Awaited<ReturnType<typeof setUp>>['put']>[0], RegExp])[] = [
  ['a secret that is going', { secret: DELETED }, /^Error: Token has been invalidated$/],
  ['a secret with another token', { text: 'another' }, /^Error: Token does not match server's copy$/],
  ['an account that is going', { account: DELETED }, /^Error: ServiceAccount a\/robot has been deleted$/],
  ['another account of the name', { uid: 'v' }, /^Error: ServiceAccount UID \(v\) does not match claim \(u\)$/],
  [
    'a token that was marked invalid',
    { labels: { 'kubernetes.io/legacy-token-invalid-since': '2025-12-01' } },
    /^Error: the token in secret a\/token for service account a\/robot has been marked invalid\. Use tokens from/,
  ],
];
for (const [what, objects, wanted] of refusals) {
  test(`legacyTokenAuthenticator refuses ${what}`, async () => {
    const { authenticator, token, put } = await setUp();
    put(objects);
    await assert.rejects(authenticator.authenticateToken(token, API), wanted);
  });
}

test('legacyTokenAuthenticator refuses a token whose secret or account is not there, and other audiences', async () => {
  const { authenticator, token, put } = await setUp();
  await assert.rejects(authenticator.authenticateToken(token, API), /^Error: Token has been invalidated$/);
  put();
  await assert.rejects(
    authenticator.authenticateToken(token, ['else']),
    /^Error: token audiences \["api"\] is invalid for the target audiences \["else"\]$/,
  );
  const forged = `${token.slice(0, -4)}AAAA`;
  await assert.rejects(authenticator.authenticateToken(forged, API), /^Error: invalid bearer token$/);
});
