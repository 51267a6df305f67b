import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { x509Authenticator } from '../apiserver/authentication/x509-authenticator.ts';
import { FakeClock } from '../base/clock.ts';
import { issueCertificate, type KeyPair } from './certificate-authority.ts';
import { ensureClusterCertificates, ensureNodeCertificates } from './certificates.ts';

const DAY_MS = 86_400_000;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 't8s-pki-'));
});
afterEach(() => rm(directory, { recursive: true }));

const ensure = (clock = new FakeClock(), serverAddresses = ['10.96.0.1', '192.168.1.5']) =>
  ensureClusterCertificates(
    { clock },
    { directory, clusterDomain: 'cluster.local', serverNames: ['host.example'], serverAddresses },
  );
const der = ({ certificate }: KeyPair) => new Uint8Array(new X509Certificate(certificate).raw);

describe('ensureClusterCertificates', () => {
  test('makes everything once, in files for the owner alone', async () => {
    const first = ensure();
    assert.deepEqual(ensure(), first);
    const files = await readdir(directory);
    assert.equal(files.length, 13 * 2 + 1);
    for (const file of files) assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600, file);
  });

  test('gives the API server the names and addresses it is reached by', () => {
    const { apiServer, ca } = ensure();
    const x509 = new X509Certificate(apiServer.certificate);
    assert.ok(x509.verify(new X509Certificate(ca.certificate).publicKey));
    for (const name of ['kubernetes', 'kubernetes.default.svc.cluster.local', 'localhost', 'host.example']) {
      assert.equal(x509.checkHost(name), name);
    }
    for (const address of ['10.96.0.1', '127.0.0.1', '::1', '192.168.1.5'])
      assert.equal(x509.checkIP(address), address);
    assert.equal(x509.checkIP('192.168.1.6'), undefined);
  });

  test('gives every component an identity that the API server reads', async () => {
    const clock = new FakeClock();
    const certificates = ensure(clock);
    const authenticator = x509Authenticator({ clock });
    const identities: [KeyPair, string, readonly string[]][] = [
      [certificates.admin, 'kubernetes-admin', ['kubeadm:cluster-admins']],
      [certificates.superAdmin, 'kubernetes-super-admin', ['system:masters']],
      [certificates.scheduler, 'system:kube-scheduler', []],
      [certificates.hostPathProvisioner, 'system:host-path-provisioner', []],
      [certificates.apiServerKubeletClient, 'kube-apiserver-kubelet-client', []],
      [
        certificates.dns,
        'system:serviceaccount:kube-system:coredns',
        ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
      ],
      [
        ensureNodeCertificates({ clock, ca: certificates.ca }, { directory, node: 'node1', addresses: ['10.0.0.1'] })
          .client,
        'system:node:node1',
        ['system:nodes'],
      ],
    ];
    for (const [pair, name, groups] of identities) {
      const user = await authenticator.authenticate({ authorization: undefined, certificate: der(pair) });
      assert.equal(user?.name, name);
      assert.deepEqual(user?.groups, [...groups, 'system:authenticated']);
    }
  });

  test('renews what nears its end, but not before, and keeps the authority', () => {
    const clock = new FakeClock();
    const first = ensure(clock);
    const after = (days: number) => ensure(new FakeClock(clock.now() + days * DAY_MS));
    assert.deepEqual(after(200), first);
    const renewed = after(300);
    assert.notEqual(renewed.apiServer.certificate, first.apiServer.certificate);
    assert.deepEqual(renewed.ca, first.ca);
    assert.equal(renewed.serviceAccountKey, first.serviceAccountKey);
  });

  test('renews an authority with its key, so that what it issued stays good', () => {
    const clock = new FakeClock();
    const { ca } = ensure(clock);
    const renewed = ensure(new FakeClock(clock.now() + 2600 * DAY_MS)).ca;
    assert.notEqual(renewed.certificate, ca.certificate);
    assert.equal(renewed.key, ca.key);
    const issued = issueCertificate(
      ca,
      { commonName: 'x', usages: ['client'] },
      { nowMs: clock.now(), lifetimeMs: DAY_MS },
    );
    assert.ok(new X509Certificate(issued.certificate).verify(new X509Certificate(renewed.certificate).publicKey));
  });

  test('makes the serving certificate anew for a new address, and nothing else', () => {
    const first = ensure();
    const second = ensure(new FakeClock(), ['10.96.0.1', '192.168.1.6']);
    assert.notEqual(second.apiServer.certificate, first.apiServer.certificate);
    assert.deepEqual({ ...second, apiServer: undefined }, { ...first, apiServer: undefined });
  });

  test('replaces a damaged certificate, but never a damaged token key', async () => {
    const first = ensure();
    await writeFile(join(directory, 'scheduler.crt'), 'nonsense');
    assert.notEqual(ensure().scheduler.certificate, first.scheduler.certificate);
    assert.match(await readFile(join(directory, 'scheduler.crt'), 'utf8'), /BEGIN CERTIFICATE/);
    await writeFile(join(directory, 'sa.key'), 'nonsense');
    assert.throws(() => ensure());
  });

  test('makes certificates that TLS accepts on both sides', async () => {
    const { ca, apiServer, admin } = ensure(new FakeClock(Date.now()));
    const server = createServer(
      {
        cert: apiServer.certificate,
        key: apiServer.key,
        ca: ca.certificate,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (socket: TLSSocket) => socket.end(String(socket.getPeerCertificate().subject.CN)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const socket = connect({
      host: '127.0.0.1',
      servername: 'kubernetes.default.svc',
      port,
      ca: ca.certificate,
      cert: admin.certificate,
      key: admin.key,
    });
    let said = '';
    for await (const chunk of socket) said += chunk;
    server.close();
    assert.equal(said, 'kubernetes-admin');
  });
});

describe('x509Authenticator', () => {
  const authenticate = (pair: KeyPair, clock: FakeClock) =>
    x509Authenticator({ clock }).authenticate({ authorization: undefined, certificate: der(pair) });

  test('refuses a certificate that has expired since the connection was made', async () => {
    const clock = new FakeClock();
    const { ca } = ensure(clock);
    const pair = issueCertificate(
      ca,
      { commonName: 'x', usages: ['client'] },
      { nowMs: clock.now(), lifetimeMs: DAY_MS },
    );
    const certificate = der(pair);
    const authenticator = x509Authenticator({ clock });
    assert.equal((await authenticator.authenticate({ authorization: undefined, certificate }))?.name, 'x');
    await clock.advance(2 * DAY_MS);
    await assert.rejects(authenticator.authenticate({ authorization: undefined, certificate }), {
      reason: 'Unauthorized',
    });
  });

  test('gives the same user for the same bytes, with the fingerprint of the certificate', async () => {
    const clock = new FakeClock();
    const { admin } = ensure(clock);
    const authenticator = x509Authenticator({ clock });
    const credentials = { authorization: undefined, certificate: der(admin) };
    const user = await authenticator.authenticate(credentials);
    assert.equal(await authenticator.authenticate(credentials), user);
    const fingerprint = new X509Certificate(admin.certificate).fingerprint256.replaceAll(':', '').toLowerCase();
    assert.deepEqual(user?.extra, { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] });
  });

  test('finds nobody in a certificate without a name, and refuses what is none', async () => {
    const clock = new FakeClock();
    const { ca } = ensure(clock);
    const nameless = issueCertificate(
      ca,
      { commonName: '', usages: ['client'] },
      { nowMs: clock.now(), lifetimeMs: DAY_MS },
    );
    assert.equal(await authenticate(nameless, clock), undefined);
    const certificate = new Uint8Array([1, 2, 3]);
    const authenticator = x509Authenticator({ clock });
    await assert.rejects(authenticator.authenticate({ authorization: undefined, certificate }), {
      reason: 'Unauthorized',
    });
  });
});
