import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenReview } from '../../../src/api/authentication/token-review.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const ACCOUNT = { namespace: 'default', name: 'robot' };
const TOKEN = { namespace: 'default', name: 'robot-token' };
const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString();

async function open() {
  const cluster = await controlledCluster();
  const { admin, until } = cluster;
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  const makeSecret = (account: string) => {
    const annotations = { 'kubernetes.io/service-account.name': account };
    return admin.create(Secret, { metadata: { ...TOKEN, annotations }, type: 'kubernetes.io/service-account-token' });
  };
  const isGone = () =>
    admin.get(Secret, TOKEN).then(
      () => false,
      (error) => isStatusError(error, 'NotFound'),
    );
  const review = async (token: string) => {
    const { status } = await admin.create(TokenReview, { spec: { token } });
    return status.authenticated ? status.user?.username : status.error;
  };
  return { ...cluster, cluster, makeSecret, isGone, review };
}

test('a secret for a token is filled, and goes with its account', async () => {
  const { cluster, admin, until, makeSecret, isGone, review, clock } = await open();
  await using _ = cluster;
  const account = await admin.create(ServiceAccount, { metadata: ACCOUNT });
  await makeSecret('robot');
  await until('the token', async () => (await admin.get(Secret, TOKEN)).data?.['token'] !== undefined);
  const { data = {}, metadata } = await admin.get(Secret, TOKEN);
  assert.deepEqual([text(data['ca.crt']), text(data['namespace'])], ['CA', 'default']);
  assert.equal(metadata.annotations?.['kubernetes.io/service-account.uid'], account.metadata.uid);
  const token = text(data['token']);
  assert.equal(await review(token), 'system:serviceaccount:default:robot');
  const { labels = {} } = (await admin.get(Secret, TOKEN)).metadata;
  assert.equal(labels['kubernetes.io/legacy-token-last-used'], new Date(clock.now()).toISOString().slice(0, 10));
  await admin.delete(ServiceAccount, ACCOUNT);
  await until('the secret to go', isGone);
  assert.equal(await review(token), 'Token has been invalidated');
  assert.deepEqual(cluster.complaints, []);
});

test('a secret for the token of an account that is not there goes', async () => {
  const { cluster, until, makeSecret, isGone } = await open();
  await using _ = cluster;
  await makeSecret('nobody');
  await until('the secret to go', isGone);
});

test('an account lets go of a token whose secret was deleted', async () => {
  const { cluster, admin, until, makeSecret } = await open();
  await using _ = cluster;
  await admin.create(ServiceAccount, { metadata: ACCOUNT, secrets: [{ name: 'other' }, { name: TOKEN.name }] });
  await makeSecret('robot');
  await until('the token', async () => (await admin.get(Secret, TOKEN)).data?.['token'] !== undefined);
  await admin.delete(Secret, TOKEN);
  await until('the reference to go', async () => {
    return (await admin.get(ServiceAccount, ACCOUNT)).secrets?.map(({ name }) => name).join() === 'other';
  });
  assert.deepEqual(cluster.complaints, []);
});

test('since when the use of tokens is noted is put down once, and put right if it is damaged', async () => {
  const { cluster, admin, until } = await open();
  await using _ = cluster;
  const ref = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };
  const since = async () => (await admin.get(ConfigMap, ref)).data?.['since'] ?? '';
  await until('the day', async () => (await since()) !== '');
  await admin.patch(ConfigMap, ref, { type: 'merge', body: { data: { since: '2020-02-03' } } });
  await cluster.pass(1_000);
  assert.equal(await since(), '2020-02-03');
  await admin.patch(ConfigMap, ref, { type: 'merge', body: { data: { since: 'yesterday' } } });
  await until('the day again', async () => (await since()).startsWith('2026-'));
  assert.deepEqual(cluster.complaints, []);
});
