// Who may do what, on the real API server: certificates, tokens and impersonation as they arrive over the network, the
// default roles, admission, reviews, actions and the addresses of services.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TokenRequest } from '../../src/api/authentication/token-request.ts';
import { TokenReview } from '../../src/api/authentication/token-review.ts';
import { SelfSubjectAccessReview } from '../../src/api/authorization/self-subject-access-review.ts';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { Service } from '../../src/api/core/service.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { IPAddress } from '../../src/api/networking/ip-address.ts';
import { PodDisruptionBudget } from '../../src/api/policy/pod-disruption-budget.ts';
import { ClusterRole } from '../../src/api/rbac/cluster-role.ts';
import { RoleBinding } from '../../src/api/rbac/role-binding.ts';
import { createApiServer } from '../../src/apiserver/api-server.ts';
import type { Credentials } from '../../src/apiserver/authentication/authenticator.ts';
import { bootstrapPolicy } from '../../src/apiserver/authorization/bootstrap-policy.ts';
import { reconcileBootstrapPolicy } from '../../src/apiserver/authorization/reconcile-bootstrap-policy.ts';
import { FakeClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { MetricsRegistry } from '../../src/base/metrics.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/create-client.ts';
import type { Transport } from '../../src/client/transport.ts';
import { apiServerParts } from '../../src/cluster/api-server-parts.ts';
import type { KeyPair } from '../../src/cluster/certificate-authority.ts';
import { ensureClusterCertificates, ensureNodeCertificates } from '../../src/cluster/certificates.ts';
import type { ClusterConfig } from '../../src/cluster/cluster-config.ts';
import { createMemoryStore } from '../../src/store/memory.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const SELF = { name: 'system:apiserver', uid: undefined, groups: ['system:masters'], extra: {} };
const { signal } = new AbortController();

const directory = mkdtempSync(join(tmpdir(), 't8s-access-'));
const clock = new FakeClock();
const certificates = ensureClusterCertificates(
  { clock },
  { directory, clusterDomain: 'cluster.local', serverNames: [], serverAddresses: [] },
);
const nodeCertificate = (node: string) =>
  ensureNodeCertificates({ clock, ca: certificates.ca }, { directory, node, addresses: [] }).client;

const clientOver = (send: Transport['send']): Client =>
  createClient({ send, async [Symbol.asyncDispose]() {} }, { userAgent: 'test' });

async function openServer() {
  const random = seededRandom(5);
  const log = silentLogger;
  const config = { clusterDomain: 'cluster.local', serviceCidr: '10.96.0.0/12' } as ClusterConfig;
  await using stack = new AsyncDisposableStack();
  let own: Transport | undefined;
  const client = clientOver((request) => own!.send(request));
  const server = stack.use(
    await createApiServer({
      store: stack.use(createMemoryStore()),
      clock,
      random,
      log,
      async parts(objects) {
        const { closing, ...parts } = await apiServerParts({
          config,
          certificates,
          kubeletClient: () => certificates.apiServerKubeletClient,
          objects,
          client,
          components: [],
          metrics: new MetricsRegistry(),
          clock,
          random,
          log,
        });
        stack.use(closing);
        return parts;
      },
    }),
  );
  own = server.transportFor(SELF);
  await reconcileBootstrapPolicy({ client }, bootstrapPolicy(), { signal });
  /** A client that comes with credentials, and headers of its own. */
  const comingWith = (credentials: Partial<Credentials>, headers: Record<string, string> = {}): Client =>
    clientOver((request) =>
      server.handle(
        { ...request, headers: { ...request.headers, ...headers } },
        { type: 'credentials', credentials: { authorization: undefined, certificate: undefined, ...credentials } },
      ),
    );
  const owned = stack.move();
  return {
    root: client,
    byCertificate: (pair: KeyPair, headers = {}) =>
      comingWith({ certificate: new Uint8Array(new X509Certificate(pair.certificate).raw) }, headers),
    byToken: (token: string) => comingWith({ authorization: `Bearer ${token}` }),
    anonymous: comingWith({}),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const inA = (name: string) => ({ name, namespace: 'a' });
const podOf = (name: string, spec: object = {}) =>
  ({ metadata: inA(name), spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec } }) as InputOf<typeof Pod>;

async function withNamespace(root: Client): Promise<void> {
  await root.create(Namespace, { metadata: { name: 'a' } });
  for (const name of ['default', 'robot']) await root.create(ServiceAccount, { metadata: inA(name) });
}

test('an administrator may do everything, somebody unknown nothing but ask for health', async () => {
  await using server = await openServer();
  await server.byCertificate(certificates.admin).create(Namespace, { metadata: { name: 'a' } });
  assert.equal(await server.anonymous.request('GET', '/healthz'), 'ok');
  await assert.rejects(server.anonymous.list(Pod), { code: 401 });
  await assert.rejects(server.anonymous.request('GET', '/api'), {
    code: 403,
    message: 'forbidden: User "system:anonymous" cannot get path "/api"',
  });
  await assert.rejects(server.byToken('nonsense').list(Pod), { code: 401, message: 'Unauthorized' });
});

test('an administrator may act as somebody else, and is told what that one may not', async () => {
  await using server = await openServer();
  await withNamespace(server.root);
  await server.root.create(RoleBinding, {
    metadata: inA('viewers'),
    subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'ClusterRole', name: 'view', apiGroup: 'rbac.authorization.k8s.io' },
  });
  const jane = server.byCertificate(certificates.admin, { 'impersonate-user': 'jane' });
  assert.deepEqual((await jane.list(ConfigMap, { namespace: 'a' })).items, []);
  await assert.rejects(jane.list(Secret, { namespace: 'a' }), {
    message: 'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "a"',
  });
  const review = await jane.create(SelfSubjectAccessReview, {
    spec: { resourceAttributes: { namespace: 'a', verb: 'get', resource: 'pods' } },
  });
  assert.equal(review.status.allowed, true);
  assert.match(review.status.reason ?? '', /^RBAC: allowed by RoleBinding "viewers\/a" of ClusterRole "view"/);
  const rule = { verbs: ['delete'], apiGroups: [''], resources: ['nodes'] };
  const root = server.byCertificate(certificates.admin, { 'impersonate-user': 'erin' });
  await assert.rejects(root.create(ClusterRole, { metadata: { name: 'x' }, rules: [rule] }), { code: 403 });
});

test('a token that a node asks for is good for as long as its pod is there', async () => {
  await using server = await openServer();
  const { root } = server;
  await withNamespace(root);
  const node1 = server.byCertificate(nodeCertificate('node1'));
  const node2 = server.byCertificate(nodeCertificate('node2'));
  await node1.create(Node, { metadata: { name: 'node1' } });
  assert.deepEqual((await node1.get(Node, { name: 'node1' })).spec.taints, [
    { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
  ]);
  await assert.rejects(node1.create(Node, { metadata: { name: 'node3' } }), /not allowed to modify node "node3"/);

  const pod = await root.create(Pod, podOf('web', { serviceAccountName: 'robot' }));
  assert.match(pod.spec.volumes?.[0]?.name ?? '', /^kube-api-access-/);
  const spec = {
    expirationSeconds: 3607,
    boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web', uid: pod.metadata.uid },
  };
  const ask = async (node: Client) => (await node.act(ServiceAccount, inA('robot'), 'token', { spec })) as TokenRequest;
  await assert.rejects(ask(node1), { code: 403 });
  await root.act(Pod, inA('web'), 'binding', { metadata: { name: 'web' }, target: { kind: 'Node', name: 'node1' } });
  await assert.rejects(root.act(Pod, inA('web'), 'binding', { metadata: { name: 'web' }, target: { name: 'node2' } }), {
    message: 'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "node1"',
  });
  const { token = '' } = (await ask(node1)).status;
  await assert.rejects(ask(node2), { code: 403 });
  assert.equal((await node1.list(Pod, { fieldSelector: 'spec.nodeName=node1' })).items.length, 1);
  await assert.rejects(node1.list(Pod), { code: 403 });

  const robot = server.byToken(token);
  const me = (await robot.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  })) as { status: { userInfo: { username: string; extra: Record<string, string[]> } } };
  assert.equal(me.status.userInfo.username, 'system:serviceaccount:a:robot');
  assert.deepEqual(me.status.userInfo.extra['authentication.kubernetes.io/node-name'], ['node1']);
  await assert.rejects(robot.list(Pod, { namespace: 'a' }), { code: 403 });
  const review = await root.create(TokenReview, { spec: { token } });
  assert.deepEqual([review.status.authenticated, review.status.audiences], [true, [ISSUER]]);
  const discovery = (await robot.request('GET', '/.well-known/openid-configuration')) as { issuer: string };
  assert.equal(discovery.issuer, ISSUER);

  await root.delete(Pod, inA('web'), { gracePeriodSeconds: 0 });
  await assert.rejects(robot.request('GET', '/api'), { code: 401 });
  assert.match((await root.create(TokenReview, { spec: { token } })).status.error ?? '', /invalidated/);
});

test('services have addresses and ports of their own for as long as they are there', async () => {
  await using server = await openServer();
  const { root } = server;
  await withNamespace(root);
  const serviceOf = (name: string, spec: object) =>
    ({ metadata: inA(name), spec: { ports: [{ port: 80 }], ...spec } }) as InputOf<typeof Service>;
  const services = await Promise.all(
    Array.from({ length: 40 }, (_, i) => root.create(Service, serviceOf(`s${i}`, { type: 'NodePort' }))),
  );
  assert.equal(new Set(services.map(({ spec }) => spec.clusterIP)).size, 40);
  assert.equal(new Set(services.map(({ spec }) => spec.ports?.[0]?.nodePort)).size, 40);
  const [first] = services;
  const { clusterIP, ports } = first!.spec;
  await assert.rejects(root.create(Service, serviceOf('twin', { clusterIP })), /provided IP is already allocated/);
  await assert.rejects(
    root.create(Service, serviceOf('twin', { type: 'NodePort', ports })),
    /spec.ports\[0\].nodePort: Invalid value: \d+: provided port is already allocated/,
  );
  await root.delete(Service, inA('s0'));
  const twin = await root.create(Service, serviceOf('twin', { type: 'NodePort', clusterIP, ports }));
  assert.equal(twin.spec.clusterIP, clusterIP);
  assert.equal((await root.list(IPAddress)).items.length, 40);
});

test('an eviction spends from the budget, and is refused when there is nothing left', async () => {
  await using server = await openServer();
  const { root } = server;
  await withNamespace(root);
  const budget = await root.create(PodDisruptionBudget, {
    metadata: inA('budget'),
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  });
  const counted = { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 };
  await root.updateStatus(PodDisruptionBudget, {
    ...budget,
    status: { ...counted, observedGeneration: budget.metadata.generation ?? 0 },
  });
  for (const name of ['one', 'two']) {
    const pod = await root.create(Pod, { ...podOf(name), metadata: { ...inA(name), labels: { app: 'web' } } });
    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const ready = { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime };
    await root.updateStatus(Pod, { ...pod, status: { phase: 'Running', conditions: [ready] } });
  }
  const evict = (name: string) =>
    root.act(Pod, inA(name), 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
  await evict('one');
  await assert.rejects(evict('two'), (error: { code: number; message: string }) => {
    assert.deepEqual(
      [error.code, error.message],
      [429, "Cannot evict pod as it would violate the pod's disruption budget."],
    );
    return true;
  });
  const { status } = await root.get(PodDisruptionBudget, inA('budget'));
  assert.deepEqual([status.disruptionsAllowed, Object.keys(status.disruptedPods ?? {})], [0, ['one']]);
});

test('the default policy is brought once', async () => {
  await using server = await openServer();
  assert.equal(await reconcileBootstrapPolicy({ client: server.root }, bootstrapPolicy(), { signal }), 0);
});

test.after(() => rmSync(directory, { recursive: true }));
