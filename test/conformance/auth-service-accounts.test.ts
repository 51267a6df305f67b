// The conformance suite's tests of service accounts that need no containers (test/e2e/auth/service_accounts.go), under
// their names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenRequest } from '../../src/api/authentication/token-request.ts';
import { TokenReview } from '../../src/api/authentication/token-review.ts';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';

const NAMESPACE = 'svcaccounts';
const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

async function open() {
  const cluster = await controlledCluster();
  const { admin, until } = cluster;
  await admin.create(Namespace, { metadata: { name: NAMESPACE } });
  const accounts = async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items;
  await until('the account', async () => (await accounts()).length > 0);
  return { ...cluster, cluster };
}

test('[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount', async () => {
  const { cluster, admin, until } = await open();
  await using _ = cluster;
  const ref = { namespace: NAMESPACE, name: 'testserviceaccount' };
  const labels = { 'test-serviceaccount-static': 'true' };
  const labelSelector = 'test-serviceaccount-static=true';
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const batch of admin.watch(ServiceAccount, { labelSelector, signal: stop.signal })) {
      for (const { type, object } of batch) {
        seen.push(`${type} ${(object as ServiceAccount).automountServiceAccountToken}`);
      }
    }
  })().catch(() => {}); // It ends by being stopped.
  await admin.create(ServiceAccount, { metadata: { ...ref, labels } });
  await until('the event', async () => seen.length === 1);
  await admin.patch(ServiceAccount, ref, { type: 'strategic', body: { automountServiceAccountToken: false } });
  await until('the event', async () => seen.length === 2);
  const { items } = await admin.list(ServiceAccount, { labelSelector });
  assert.deepEqual(
    items.map(({ metadata, automountServiceAccountToken }) => [metadata.name, automountServiceAccountToken]),
    [[ref.name, false]],
  );
  await admin.deleteCollection(ServiceAccount, { namespace: NAMESPACE, labelSelector });
  await until('the event', async () => seen.length === 3);
  assert.deepEqual(seen, ['ADDED undefined', 'MODIFIED false', 'DELETED false']);
  stop.abort();
  await watching;
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-auth] ServiceAccounts should update a ServiceAccount', async () => {
  const { cluster, admin } = await open();
  await using _ = cluster;
  const metadata = { namespace: NAMESPACE, name: 'e2e-sa' };
  const made = await admin.create(ServiceAccount, { metadata, automountServiceAccountToken: false });
  assert.equal(made.automountServiceAccountToken, false);
  const updated = await admin.update(ServiceAccount, { ...made, automountServiceAccountToken: true });
  assert.equal(updated.automountServiceAccountToken, true);
});

test('[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace', async () => {
  const { cluster, admin, until } = await open();
  await using _ = cluster;
  const ref = { namespace: NAMESPACE, name: 'kube-root-ca.crt' };
  const holds = (text: string) => async () => {
    const found = await admin.list(ConfigMap, { namespace: NAMESPACE, fieldSelector: `metadata.name=${ref.name}` });
    return found.items[0]?.data?.['ca.crt'] === text;
  };
  await until('the certificate', holds('CA'));
  await admin.delete(ConfigMap, ref);
  await until('the certificate again', holds('CA'));
  await admin.update(ConfigMap, { metadata: ref, data: { 'ca.crt': '' } });
  await until('the certificate put right', holds('CA'));
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview', async () => {
  const { cluster, admin } = await open();
  await using _ = cluster;
  const ref = { namespace: NAMESPACE, name: 'e2e-sa' };
  const { metadata } = await admin.create(ServiceAccount, { metadata: ref });
  const asked = await admin.act(ServiceAccount, ref, 'token', { spec: { expirationSeconds: 3600, audiences: [] } });
  const { token } = (asked as TokenRequest).status;
  const { status } = await admin.create(TokenReview, { spec: { token } });
  assert.equal(status.error ?? '', '');
  assert.deepEqual(
    [status.authenticated, status.user?.username, status.user?.uid, status.user?.groups],
    [
      true,
      `system:serviceaccount:${NAMESPACE}:e2e-sa`,
      metadata.uid,
      ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
    ],
  );
});

test('[sig-auth] ServiceAccounts should allow opting out of API token automount', async () => {
  const { cluster, admin } = await open();
  await using _ = cluster;
  const says = (automount: boolean | undefined) =>
    automount === undefined ? {} : { automountServiceAccountToken: automount };
  const cases: readonly (readonly [account: boolean | undefined, pod: boolean | undefined, isMounted: boolean])[] = [
    [undefined, undefined, true],
    [true, undefined, true],
    [false, undefined, false],
    [undefined, true, true],
    [true, true, true],
    [false, true, true],
    [undefined, false, false],
    [true, false, false],
    [false, false, false],
  ];
  for (const [index, [account, pod, isMounted]] of cases.entries()) {
    const metadata = { namespace: NAMESPACE, name: `robot-${index}` };
    await admin.create(ServiceAccount, { metadata, ...says(account) });
    const { spec } = await admin.create(Pod, {
      metadata,
      spec: { serviceAccountName: metadata.name, containers: [{ name: 'token-test', image: 'i' }], ...says(pod) },
    });
    const mounts = spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }) => mountPath));
    assert.equal(mounts.includes(MOUNT), isMounted, `account ${account}, pod ${pod}`);
  }
});
