import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FakeClock } from '../base/clock.ts';
import type { TokenSource } from './https-transport.ts';
import { connectionOf, KubeconfigError, kubeconfigPaths, loadKubeconfig } from './kubeconfig.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 't8s-kubeconfig-'));
});
after(() => rm(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

const deps = (clock = new FakeClock()) => ({ clock, env: { PATH: process.env['PATH'] } });

test('kubeconfigPaths takes the list of the environment, else the home folder', () => {
  assert.deepEqual(kubeconfigPaths({ KUBECONFIG: '/a:/b::', HOME: '/home/x' }), ['/a', '/b']);
  assert.deepEqual(kubeconfigPaths({ HOME: '/home/x' }), ['/home/x/.kube/config']);
});

test('loadKubeconfig merges files, the first counts, and resolves paths against each file', async () => {
  await write('sub/ca.pem', 'CA');
  await write('sub/token', 'from-file\n');
  const first = await write(
    'first',
    `current-context: ""
contexts: [{name: one, context: {cluster: c, user: u, namespace: web}}]
users: [{name: u, user: {tokenFile: sub/token}}]`,
  );
  const second = await write(
    'sub/second',
    `current-context: one
clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443/base", certificate-authority: ca.pem, tls-server-name: api}}]
users: [{name: u, user: {token: other}}]
contexts: [{name: one, context: {cluster: x, user: y}}]`,
  );
  const kubeconfig = await loadKubeconfig([first, join(folder, 'absent'), second]);
  const { context, namespace, transport } = await connectionOf(deps(), kubeconfig);
  assert.deepEqual([context, namespace], ['one', 'web']);
  const { token, ...rest } = transport;
  assert.deepEqual(rest, { server: 'https://10.0.0.1:6443/base', certificateAuthority: 'CA', serverName: 'api' });
  assert.equal(await (token as TokenSource).token(), 'from-file');
});

test('connectionOf reads inline certificates and says what is missing', async () => {
  const path = await write(
    'inline',
    `clusters: [{name: c, cluster: {server: "https://h", insecure-skip-tls-verify: true}}]
users:
- {name: cert, user: {client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}}}
- {name: half, user: {client-certificate-data: ${base64('CERT')}}}
- {name: old, user: {username: me, password: secret}}
contexts:
- {name: cert, context: {cluster: c, user: cert}}
- {name: half, context: {cluster: c, user: half}}
- {name: old, context: {cluster: c, user: old}}
- {name: lost, context: {cluster: nowhere, user: cert}}
`,
  );
  const kubeconfig = await loadKubeconfig([path]);
  const { transport, namespace } = await connectionOf(deps(), kubeconfig, { context: 'cert' });
  assert.deepEqual(transport.clientCertificate, { certificate: 'CERT', key: 'KEY' });
  assert.deepEqual([transport.insecureSkipTlsVerify, namespace], [true, 'default']);
  for (const [context, message] of [
    [undefined, /no current context/],
    ['other', /context "other" does not exist/],
    ['lost', /cluster "nowhere"/],
    ['half', /without its key/],
    ['old', /username and password: not supported/],
  ] as const) {
    const options = context === undefined ? {} : { context };
    await assert.rejects(connectionOf(deps(), kubeconfig, options), (error) => {
      assert.ok(error instanceof KubeconfigError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('loadKubeconfig refuses what is no kubeconfig', async () => {
  await assert.rejects(loadKubeconfig([await write('bad', 'a: [')]), /not valid YAML/);
  await assert.rejects(loadKubeconfig([await write('worse', 'clusters: 3')]), /clusters is not a list/);
});

test('connectionOf runs an exec plugin once, and again when its credential has run out or was refused', async () => {
  const clock = new FakeClock();
  const expires = new Date(clock.now() + 60_000).toISOString();
  const script = `echo x >> runs; echo "$KUBERNETES_EXEC_INFO" > info; n=$(wc -l < runs); cat <<END
{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
 "status":{"token":"token-$n","expirationTimestamp":"${expires}"}}
END`;
  await write('plugin.sh', `#!/bin/sh\ncd "$(dirname "$0")"\n${script}\n`);
  const path = await write(
    'exec',
    `current-context: c
clusters: [{name: c, cluster: {server: "https://h", certificate-authority-data: ${base64('CA')}}}]
users:
- name: u
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: ["${join(folder, 'plugin.sh')}"],
           provideClusterInfo: true, env: [{name: A, value: b}]}
contexts: [{name: c, context: {cluster: c, user: u}}]`,
  );
  const { transport } = await connectionOf(deps(clock), await loadKubeconfig([path]));
  const tokens = transport.token as TokenSource;
  assert.deepEqual(await Promise.all([tokens.token(), tokens.token()]), ['token-1', 'token-1']);
  tokens.refused('token-1');
  assert.equal(await tokens.token(), 'token-2');
  await clock.advance(60_000);
  assert.equal(await tokens.token(), 'token-3');
  const info = JSON.parse(await readFile(join(folder, 'info'), 'utf8'));
  assert.deepEqual(info.spec.cluster, { server: 'https://h', 'certificate-authority-data': base64('CA') });
});

test('connectionOf says how to install an exec plugin that is not there', async () => {
  const path = await write(
    'missing',
    `current-context: c
clusters: [{name: c, cluster: {server: "https://h"}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, installHint: get it}}}]
contexts: [{name: c, context: {cluster: c, user: u}}]`,
  );
  const { transport } = await connectionOf(deps(), await loadKubeconfig([path]));
  await assert.rejects((transport.token as TokenSource).token(), /executable not found\n\nget it/);
});
