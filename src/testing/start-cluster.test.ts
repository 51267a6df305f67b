import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { Deployment } from '../api/apps/deployment.ts';
import { ConfigMap } from '../api/core/config-map.ts';
import { Namespace } from '../api/core/namespace.ts';
import { Pod } from '../api/core/pod.ts';
import { ServiceAccount } from '../api/core/service-account.ts';
import { systemClock } from '../base/clock.ts';
import { createLogger } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { createClient } from '../client/create-client.ts';
import { createHttpsTransport } from '../client/https-transport.ts';
import { isStatusError, type Served, startCluster } from './testing.ts';

const NAMESPACE = 'default';

const WEB = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
# Nothing but a comment.
---
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: web, namespace: shop }
    spec:
      replicas: 3
      selector: { matchLabels: { app: web } }
      template:
        metadata: { labels: { app: web } }
        spec: { containers: [{ name: web, image: web }] }
`;

describe('startCluster', () => {
  test('what needs no time has happened when apply resolves', async () => {
    await using cluster = await startCluster({ nodes: 2 });
    const applied = await cluster.apply(WEB);
    assert.deepEqual(
      applied.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['Namespace shop', 'Deployment web'],
    );
    const { items } = await cluster.client.list(Pod, { namespace: 'shop' });
    assert.deepEqual(
      items.map(({ status }) => status.phase),
      ['Running', 'Running', 'Running'],
    );
    assert.deepEqual(new Set(items.map(({ spec }) => spec.nodeName)), new Set(['node-1', 'node-2']));
    assert.equal(cluster.clock.now(), Date.UTC(2026, 0, 1));
    assert.deepEqual(cluster.complaints, []);
  });

  test('clusters in one process know nothing of each other and have times of their own', async () => {
    await using one = await startCluster();
    await using other = await startCluster({ nodes: 0, startTime: '2030-06-01T12:00:00Z' });
    await one.apply(WEB);
    await Promise.all([one.advance({ minutes: 5 }), other.advance({ hours: 1 })]);
    assert.deepEqual(
      [one, other].map(({ clock }) => new Date(clock.now()).toISOString()),
      ['2026-01-01T00:05:00.000Z', '2030-06-01T13:00:00.000Z'],
    );
    await assert.rejects(other.client.get(Namespace, { name: 'shop' }), (error) => isStatusError(error, 'NotFound'));
  });

  test('the same happens each time', async () => {
    const run = async (seed: number) => {
      await using cluster = await startCluster({ nodes: 3, seed });
      await cluster.apply(WEB);
      await cluster.advance({ minutes: 7 });
      const { items, metadata } = await cluster.client.list(Pod, { namespace: 'shop' });
      return JSON.stringify([items, metadata]);
    };
    const [first, second, third] = [await run(7), await run(7), await run(8)];
    assert.equal(first, second);
    assert.notEqual(first, third);
  });

  test('a process ends by itself when its clusters are disposed', async () => {
    const script = `
      import { startCluster } from 'typernetes/testing';
      const cluster = await startCluster();
      await cluster.listen();
      await cluster.advance({ minutes: 1 });
      await cluster[Symbol.asyncDispose]();
      process.on('exit', (code) => console.log('ended', code));
    `;
    const node = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: import.meta.dirname, timeout: 60_000 });
    assert.equal(stdout, 'ended 0\n');
  });
});

describe('TestCluster', () => {
  test('until gives up when too much of the cluster’s time has passed, and says how the object is', async () => {
    await using cluster = await startCluster({ nodes: 0 });
    const never = cluster.until(Namespace, { name: NAMESPACE }, () => false, { within: { minutes: 1 } });
    await assert.rejects(never, /not within 60 s of the cluster’s time: Namespace default is \{.*"phase":"Active"/);
    assert.equal(cluster.clock.now(), Date.UTC(2026, 0, 1, 0, 1));
    const missing = cluster.until(Namespace, { name: 'shop' }, () => true, { within: {} });
    await assert.rejects(missing, /Namespace shop is not there/);
  });

  test('those who wait at once take turns', async () => {
    await using cluster = await startCluster({ nodes: 0 });
    const at = (ms: number) => cluster.untilTrue(() => cluster.clock.now() >= Date.UTC(2026, 0, 1) + ms);
    await Promise.all([at(5000), cluster.advance({ seconds: 30 }), at(1000)]);
    assert.ok(cluster.clock.now() >= Date.UTC(2026, 0, 1) + 30_000);
  });

  test('a manifest that is none, or of a kind that is not served, is refused', async () => {
    await using cluster = await startCluster({ nodes: 0 });
    await assert.rejects(cluster.apply('kind: ['), /Flow sequence/);
    await assert.rejects(cluster.apply('just text'), TypeError);
    await assert.rejects(
      cluster.apply({ apiVersion: 'v1', kind: 'Nothing', metadata: { name: 'a' } }),
      /no Nothing in v1/,
    );
  });

  test('other identities may do what RBAC lets them', async () => {
    await using cluster = await startCluster({ nodes: 0 });
    const account = cluster.clientFor({ serviceAccount: 'default', namespace: NAMESPACE });
    const list = () => account.list(ConfigMap, { namespace: NAMESPACE });
    await assert.rejects(list(), (error) => isStatusError(error, 'Forbidden'));
    await cluster.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'viewers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: NAMESPACE }],
    });
    assert.deepEqual(
      (await list()).items.map(({ metadata }) => metadata.name),
      ['kube-root-ca.crt'],
    );
    const admins = cluster.clientFor({ user: 'jane', groups: ['system:masters'] });
    await admins.delete(ConfigMap, { namespace: NAMESPACE, name: 'kube-root-ca.crt' });
  });

  test('a token ends when its time has come', async () => {
    await using cluster = await startCluster({ nodes: 0 });
    const ref = { namespace: NAMESPACE, name: 'default' };
    const asked = { spec: { audiences: [], expirationSeconds: 600 } };
    const { status } = (await cluster.client.act(ServiceAccount, ref, 'token', asked)) as {
      readonly status: { readonly token: string };
    };
    const bearer = cluster.clientFor({ token: status.token });
    await bearer.request('GET', '/version');
    await cluster.advance({ minutes: 10 });
    await bearer.request('GET', '/version'); // Clocks may be a minute apart.
    await cluster.advance({ minutes: 2 });
    await assert.rejects(bearer.request('GET', '/version'), (error) => isStatusError(error, 'Unauthorized'));
  });

  test('clients of other processes are served over HTTPS, at the pace of the machine while somebody waits', async () => {
    await using cluster = await startCluster({ startTime: '2031-01-01T00:00:00Z' });
    await using outside = outsideClient(await cluster.listen());
    await outside.create(Namespace, { metadata: { name: 'shop' } });
    const waiting = cluster.until(Deployment, { namespace: 'shop', name: 'web' }, (found) => {
      return found.status.availableReplicas === 3;
    });
    await outside.patch(
      Deployment,
      { namespace: 'shop', name: 'web' },
      {
        type: 'apply',
        body: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web' },
          spec: {
            replicas: 3,
            selector: { matchLabels: { app: 'web' } },
            template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
          },
        },
      },
      { fieldManager: 'outside' },
    );
    await waiting;
    await cluster.advance({ hours: 1 });
    assert.equal((await outside.list(Pod, { namespace: 'shop' })).items.length, 3);
  });
});

/** As a client of another process would be made, by what the kubeconfig says. */
function outsideClient({ url, kubeconfig }: Served) {
  const { clusters, users } = parse(kubeconfig);
  const pem = (data: string) => Buffer.from(data, 'base64').toString();
  const { 'client-certificate-data': certificate, 'client-key-data': key } = users[0].user;
  const transport = createHttpsTransport(
    { clock: systemClock, random: systemRandom, log: createLogger(() => {}) },
    {
      server: url,
      certificateAuthority: pem(clusters[0].cluster['certificate-authority-data']),
      clientCertificate: { certificate: pem(certificate), key: pem(key) },
    },
  );
  return createClient(transport, { userAgent: 'outside' });
}
