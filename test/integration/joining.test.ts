// How a machine joins, as kubeadm and node agents do it: it reads what the cluster says of itself, signed with its token,
// comes with the token, and leaves with a certificate of its own.

import assert from 'node:assert/strict';
import { createHmac, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { CertificateSigningRequest } from '../../src/api/certificates/certificate-signing-request.ts';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/create-client.ts';
import { createHttpsTransport, type HttpsTransportOptions } from '../../src/client/https-transport.ts';
import { certificateRequest, ecKeys, pem } from '../support/certificate-requests.ts';
import { servedCluster } from '../support/served-cluster.ts';
import { until } from '../support/until.ts';

const [ID, SECRET] = ['abcdef', '0123456789abcdef'];
const TOKEN = `${ID}.${SECRET}`;
const INFO = { namespace: 'kube-public', name: 'cluster-info' };

function coming(options: HttpsTransportOptions): Client {
  const transport = createHttpsTransport({ clock: systemClock, random: systemRandom, log: silentLogger }, options);
  return createClient(transport, { userAgent: 'joining' });
}

function tokenSecret(more: Readonly<Record<string, string>> = {}) {
  return {
    metadata: { namespace: 'kube-system', name: `bootstrap-token-${ID}` },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': ID,
      'token-secret': SECRET,
      'usage-bootstrap-signing': 'true',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
      ...more,
    },
  };
}

test('what a cluster says of itself is for everybody to read, and signed with the tokens of those who join', async () => {
  await using cluster = await servedCluster();
  await cluster.admin.create(Secret, tokenSecret());
  await using anybody = coming({ server: cluster.url, insecureSkipTlsVerify: true });
  const signature = async () => (await anybody.get(ConfigMap, INFO)).data?.[`jws-kubeconfig-${ID}`];
  await until(async () => (await signature()) !== undefined);
  const kubeconfig = (await anybody.get(ConfigMap, INFO)).data?.['kubeconfig'] ?? '';
  const authority = Buffer.from(cluster.certificates.ca.certificate).toString('base64');
  assert.match(kubeconfig, new RegExp(`certificate-authority-data: ${authority.replaceAll('+', '\\+')}\n`));
  const [header = '', , signed] = (await signature())!.split('.');
  const payload = Buffer.from(kubeconfig).toString('base64url');
  assert.equal(signed, createHmac('sha256', SECRET).update(`${header}.${payload}`).digest('base64url'));
  await assert.rejects(anybody.get(ConfigMap, { ...INFO, name: 'kube-root-ca.crt' }), { code: 401 });
});

test('a machine that comes with a token gets a certificate by which it is a node', async () => {
  await using cluster = await servedCluster();
  await cluster.admin.create(Secret, tokenSecret());
  const trusted = { server: cluster.url, certificateAuthority: cluster.certificates.ca.certificate };
  await using joining = coming({ ...trusted, token: TOKEN });
  const keys = ecKeys();
  const names = { commonName: 'system:node:new', organizations: ['system:nodes'] };
  const request = pem('CERTIFICATE REQUEST', certificateRequest(keys, 'ECDSA with SHA-256', keys.privateKey, names));
  await joining.create(CertificateSigningRequest, {
    metadata: { name: 'new' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    },
  });
  const issued = async () => (await joining.get(CertificateSigningRequest, { name: 'new' })).status.certificate;
  await until(async () => (await issued()) !== undefined);
  const { spec } = await joining.get(CertificateSigningRequest, { name: 'new' });
  assert.equal(spec.username, `system:bootstrap:${ID}`);
  assert.deepEqual(spec.groups, [
    'system:bootstrappers',
    'system:bootstrappers:kubeadm:default-node-token',
    'system:authenticated',
  ]);
  await assert.rejects(joining.list(Pod), { code: 403 });
  await assert.rejects(joining.create(Node, { metadata: { name: 'new' } }), { code: 403 });

  const certificate = Buffer.from((await issued())!, 'base64').toString();
  assert.equal(new X509Certificate(certificate).subject, 'O=system:nodes\nCN=system:node:new');
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  await using node = coming({ ...trusted, clientCertificate: { certificate, key } });
  await node.create(Node, { metadata: { name: 'new' } });
  await assert.rejects(node.create(Node, { metadata: { name: 'another' } }), { code: 403 });
});

test('a token that is no good is refused', async () => {
  await using cluster = await servedCluster();
  const trusted = { server: cluster.url, certificateAuthority: cluster.certificates.ca.certificate };
  const refused = async (token: string) => {
    await using client = coming({ ...trusted, token });
    await assert.rejects(client.list(CertificateSigningRequest), { code: 401 });
  };
  await refused(TOKEN);
  await cluster.admin.create(Secret, tokenSecret());
  await refused(`${ID}.fedcba9876543210`);
  await refused(`fedcba.${SECRET}`);
  await using joining = coming({ ...trusted, token: TOKEN });
  await joining.list(CertificateSigningRequest);
  await cluster.admin.update(Secret, tokenSecret({ expiration: '2020-01-01T00:00:00Z' }));
  await refused(TOKEN);
});
