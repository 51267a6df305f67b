import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { CertificateSigningRequest, type KeyUsage } from '../../../src/api/certificates/certificate-signing-request.ts';
import { pathOf } from '../../../src/client/client.ts';
import { type RequestNames, writtenRequest } from '../../support/certificate-requests.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const HOUR_MS = 3_600_000;
const CLIENT: readonly KeyUsage[] = ['digital signature', 'client auth'];
const SERVING: readonly KeyUsage[] = ['digital signature', 'server auth'];

async function open() {
  const cluster = await controlledCluster();
  const { admin } = cluster;
  const ask = (name: string, signer: string, names: RequestNames, usages: readonly KeyUsage[], more = {}) =>
    admin.create(CertificateSigningRequest, {
      metadata: { name },
      spec: { request: writtenRequest(names), signerName: `kubernetes.io/${signer}`, usages: [...usages], ...more },
    });
  const get = (name: string) => admin.get(CertificateSigningRequest, { name });
  const decide = async (name: string, type: 'Approved' | 'Denied') => {
    const request = await get(name);
    const conditions = [...(request.status.conditions ?? []), { type, status: 'True', reason: 'Test' }];
    const body = { ...request, status: { ...request.status, conditions } };
    await admin.request('PUT', pathOf(CertificateSigningRequest, { name }, 'approval'), { body });
  };
  const condition = async (name: string, type: string) =>
    (await get(name)).status.conditions?.find((one) => one.type === type);
  const names = async () => (await admin.list(CertificateSigningRequest)).items.map(({ metadata }) => metadata.name);
  return { ...cluster, cluster, ask, get, decide, condition, names };
}

test('a node agent gets its client certificate by itself', async () => {
  const { cluster, ask, get, condition, until, clock } = await open();
  await using _ = cluster;
  await ask(
    'node',
    'kube-apiserver-client-kubelet',
    { commonName: 'system:node:a', organizations: ['system:nodes'] },
    CLIENT,
  );
  await until('the certificate', async () => (await get('node')).status.certificate !== undefined);
  const approved = await condition('node', 'Approved');
  assert.deepEqual(
    [approved?.reason, approved?.message],
    ['AutoApproved', 'Auto approving kubelet client certificate after SubjectAccessReview.'],
  );
  const { subject, issuer, keyUsage, validFromDate, validToDate } = read((await get('node')).status.certificate);
  assert.deepEqual([subject, issuer], ['O=system:nodes\nCN=system:node:a', 'CN=kubernetes']);
  assert.deepEqual(keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.equal(validToDate.getTime() - validFromDate.getTime(), 365 * 24 * HOUR_MS);
  assert.ok(Math.abs(clock.now() - 300_000 - validFromDate.getTime()) < 10_000);
  assert.deepEqual(cluster.complaints, []);
});

test('a request that is approved is signed as asked for, or fails if its signer does not sign such', async () => {
  const { cluster, ask, get, decide, condition, until, pass } = await open();
  await using _ = cluster;
  const names = { commonName: 'web', organizations: ['team'] };
  await ask('user', 'kube-apiserver-client', names, CLIENT, { expirationSeconds: 3600 });
  await ask('server', 'kubelet-serving', { commonName: 'system:node:a', organizations: ['system:nodes'] }, SERVING);
  const node = {
    commonName: 'system:node:a',
    organizations: ['system:nodes'],
    dnsNames: ['a'],
    addresses: ['192.0.2.1'],
  };
  await ask('good-server', 'kubelet-serving', node, SERVING);
  await ask('stranger', 'kube-apiserver-client', { commonName: 'x' }, CLIENT);
  await pass(2_000);
  for (const name of ['user', 'server', 'good-server', 'stranger']) {
    assert.equal((await get(name)).status.certificate, undefined, name);
  }
  for (const name of ['user', 'server', 'good-server']) await decide(name, 'Approved');
  await decide('stranger', 'Denied');
  await until('the certificate', async () => (await get('user')).status.certificate !== undefined);
  const { validFromDate, validToDate } = read((await get('user')).status.certificate);
  assert.equal(validToDate.getTime() - validFromDate.getTime(), HOUR_MS + 300_000);
  await until('the failure', async () => (await condition('server', 'Failed')) !== undefined);
  const failed = await condition('server', 'Failed');
  assert.deepEqual(
    [failed?.reason, failed?.message],
    ['SignerValidationFailure', 'DNS or IP subjectAltName is required'],
  );
  await until('the other', async () => (await get('good-server')).status.certificate !== undefined);
  assert.equal(read((await get('good-server')).status.certificate).subjectAltName, 'DNS:a, IP Address:192.0.2.1');
  assert.equal((await get('stranger')).status.certificate, undefined);
  assert.deepEqual(cluster.complaints, []);
});

test('requests go an hour after they were decided', async () => {
  const { cluster, ask, decide, names, clock, pass } = await open();
  await using _ = cluster;
  for (const name of ['denied', 'signed', 'pending', 'waiting']) {
    await ask(name, 'kube-apiserver-client', { commonName: name }, CLIENT);
  }
  await ask('foreign', 'kube-apiserver-client-kubelet', { commonName: 'x' }, CLIENT);
  await decide('denied', 'Denied');
  await decide('signed', 'Approved');
  await pass(2_000);
  await clock.advance(HOUR_MS - 10_000);
  assert.deepEqual(await names(), ['denied', 'foreign', 'pending', 'signed', 'waiting']);
  await clock.advance(10_000);
  await pass(1_000);
  assert.deepEqual(await names(), ['foreign', 'pending', 'waiting']);
});

function read(certificate: string | undefined): X509Certificate {
  return new X509Certificate(Buffer.from(certificate ?? '', 'base64'));
}
