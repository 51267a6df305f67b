// The conformance suite's test of certificate signing requests (test/e2e/auth/certificates.go), under its name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateSigningRequest } from '../../src/api/certificates/certificate-signing-request.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { pathOf } from '../../src/client/client.ts';
import { createAuthority } from '../../src/cluster/certificate-authority.ts';
import { writtenRequest } from '../support/certificate-requests.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';

const SIGNER = 'example.com/e2e-certificates';

interface Discovered {
  readonly groups?: readonly { name: string; versions: readonly { version: string }[] }[];
  readonly versions?: readonly { version: string }[];
  readonly resources?: readonly { name: string; verbs: readonly string[] }[];
}

test('[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations', async () => {
  await using cluster = await controlledCluster();
  const { admin } = cluster;
  const discover = async (path: string) => (await admin.request('GET', path)) as Discovered;
  const group = (await discover('/apis')).groups?.find(({ name }) => name === 'certificates.k8s.io');
  assert.ok(group?.versions.some(({ version }) => version === 'v1'));
  assert.ok((await discover('/apis/certificates.k8s.io')).versions?.some(({ version }) => version === 'v1'));
  const { resources = [] } = await discover('/apis/certificates.k8s.io/v1');
  const verbsOf = (resource: string) => resources.find(({ name }) => name === resource)?.verbs.toSorted();
  const all = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
  assert.deepEqual(verbsOf('certificatesigningrequests'), all);
  for (const part of ['approval', 'status']) {
    assert.deepEqual(verbsOf(`certificatesigningrequests/${part}`), ['get', 'patch', 'update']);
  }

  const request = writtenRequest({ commonName: 'e2e.example.com', dnsNames: ['e2e.example.com'] });
  const make = () =>
    admin.create(CertificateSigningRequest, {
      metadata: { generateName: 'e2e-example-csr-' },
      spec: {
        request,
        signerName: SIGNER,
        expirationSeconds: 3600,
        usages: ['digital signature', 'key encipherment', 'server auth'],
      },
    });
  await make();
  await make();
  const { metadata } = await make();
  const ref = { name: metadata.name };
  const got = await admin.get(CertificateSigningRequest, ref);
  assert.deepEqual([got.metadata.uid, got.spec.expirationSeconds], [metadata.uid, 3600]);
  const ours = { fieldSelector: `spec.signerName=${SIGNER}` };
  const listed = await admin.list(CertificateSigningRequest, ours);
  assert.equal(listed.items.length, 3);

  const stop = new AbortController();
  const watched: (string | undefined)[] = [];
  const { resourceVersion } = listed.metadata;
  const selection = { fieldSelector: `metadata.name=${ref.name}`, resourceVersion, signal: stop.signal };
  const watching = (async () => {
    for await (const batch of admin.watch(CertificateSigningRequest, selection)) {
      for (const { type, object } of batch) watched.push(`${type} ${object.metadata.annotations?.['updated']}`);
    }
  })().catch(() => {}); // It ends by being stopped.
  const annotate = (key: string) => ({ metadata: { annotations: { [key]: 'true' } } });
  const patched = await admin.patch(CertificateSigningRequest, ref, { type: 'merge', body: annotate('patched') });
  assert.equal(patched.metadata.annotations?.['patched'], 'true');
  const annotations = { ...patched.metadata.annotations, updated: 'true' };
  const updated = await admin.update(CertificateSigningRequest, {
    ...patched,
    metadata: { ...patched.metadata, annotations },
  });
  assert.equal(updated.metadata.annotations?.['updated'], 'true');
  await cluster.until('the events', async () => watched.length === 2);
  assert.deepEqual(watched, ['MODIFIED undefined', 'MODIFIED true']);
  stop.abort();
  await watching;

  const part = async (name: string) => {
    const path = pathOf(CertificateSigningRequest, ref, name);
    return (await admin.request('GET', path)) as CertificateSigningRequest;
  };
  const asked = await part('approval');
  assert.deepEqual([asked.kind, asked.metadata.uid], ['CertificateSigningRequest', metadata.uid]);
  const approvalPatched = await admin.patch(
    CertificateSigningRequest,
    ref,
    {
      type: 'merge',
      body: {
        ...annotate('patchedapproval'),
        status: { conditions: [{ type: 'ApprovalPatch', status: 'True', reason: 'e2e' }] },
      },
    },
    { subresource: 'approval' },
  );
  assert.deepEqual(
    approvalPatched.status.conditions?.map(({ type }) => type),
    ['ApprovalPatch'],
  );
  assert.equal(approvalPatched.metadata.annotations?.['patchedapproval'], 'true');
  const approved = { type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' };
  const conditions = [...(approvalPatched.status.conditions ?? []), approved];
  const approvalUpdated = (await admin.request('PUT', pathOf(CertificateSigningRequest, ref, 'approval'), {
    body: { ...approvalPatched, status: { ...approvalPatched.status, conditions } },
  })) as CertificateSigningRequest;
  assert.deepEqual(
    approvalUpdated.status.conditions?.map(({ type }) => type),
    ['ApprovalPatch', 'Approved'],
  );

  assert.equal((await part('status')).metadata.uid, metadata.uid);
  const { certificate: text } = createAuthority('e2e.example.com', {
    nowMs: cluster.clock.now(),
    lifetimeMs: 3_600_000,
  });
  const certificate = Buffer.from(text).toString('base64');
  const statusPatched = await admin.patch(
    CertificateSigningRequest,
    ref,
    { type: 'merge', body: { ...annotate('patchedstatus'), status: { certificate } } },
    { subresource: 'status' },
  );
  assert.deepEqual(
    [statusPatched.status.certificate, statusPatched.metadata.annotations?.['patchedstatus']],
    [certificate, 'true'],
  );
  const more = { ...approved, type: 'StatusUpdate', lastUpdateTime: null, lastTransitionTime: null };
  const statusUpdated = await admin.updateStatus(CertificateSigningRequest, {
    ...statusPatched,
    status: { ...statusPatched.status, conditions: [...(statusPatched.status.conditions ?? []), more] },
  });
  assert.deepEqual(
    statusUpdated.status.conditions?.map(({ type }) => type),
    ['ApprovalPatch', 'Approved', 'StatusUpdate'],
  );

  await admin.delete(CertificateSigningRequest, ref);
  await assert.rejects(admin.get(CertificateSigningRequest, ref), (error) => isStatusError(error, 'NotFound'));
  assert.equal((await admin.list(CertificateSigningRequest, ours)).items.length, 2);
  await admin.deleteCollection(CertificateSigningRequest, ours);
  assert.equal((await admin.list(CertificateSigningRequest, ours)).items.length, 0);
  assert.deepEqual(cluster.complaints, []);
});
