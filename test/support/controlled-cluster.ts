// A cluster for tests of controllers: the real API server in this process with its authorization and admission, every
// controller with its own service account, and a clock that the test turns. Pods run when the test says so.

import assert from 'node:assert/strict';
import { KINDS } from '../../src/api/catalog.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { formatTime } from '../../src/api/time.ts';
import { defaultAdmissionPlugins } from '../../src/apiserver/admission/default-plugins.ts';
import { type ApiServerParts, createApiServer } from '../../src/apiserver/api-server.ts';
import { tokenAuthenticatorUnion } from '../../src/apiserver/authentication/bearer-token.ts';
import { legacyTokenAuthenticator } from '../../src/apiserver/authentication/legacy-token-authenticator.ts';
import { serviceAccountAuthenticator } from '../../src/apiserver/authentication/service-account-authenticator.ts';
import { importServiceAccountKey } from '../../src/apiserver/authentication/service-account-keys.ts';
import { signLegacyToken } from '../../src/apiserver/authentication/service-account-tokens.ts';
import { authorizerUnion, superuserAuthorizer } from '../../src/apiserver/authorization/authorizer-union.ts';
import { bootstrapPolicy } from '../../src/apiserver/authorization/bootstrap-policy.ts';
import { RbacAuthorizer } from '../../src/apiserver/authorization/rbac.ts';
import { reconcileBootstrapPolicy } from '../../src/apiserver/authorization/reconcile-bootstrap-policy.ts';
import { defaultActions } from '../../src/apiserver/registry/actions/default-actions.ts';
import { defaultReviews } from '../../src/apiserver/registry/reviews/default-reviews.ts';
import { FakeClock } from '../../src/base/clock.ts';
import { createLogger, type LogRecord } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type Client, refOf } from '../../src/client/client.ts';
import { createClient } from '../../src/client/create-client.ts';
import { createEventRecorder } from '../../src/client/event-recorder.ts';
import { InformerFactory } from '../../src/client/informer-factory.ts';
import { LateTransport } from '../../src/client/late-transport.ts';
import { serviceAccountUser } from '../../src/client/user.ts';
import { createAuthority, newKey } from '../../src/cluster/certificate-authority.ts';
import { certificateSigner } from '../../src/cluster/certificate-signer.ts';
import { apiServerEndpoints } from '../../src/controllers/apiserver-endpoints/apiserver-endpoints.ts';
import { CONTROLLERS } from '../../src/controllers/catalog.ts';
import { clusterDns } from '../../src/controllers/cluster-dns/cluster-dns.ts';
import { startController } from '../../src/controllers/controller.ts';
import type { ControllerConfig, ControllerDeps } from '../../src/controllers/controller-deps.ts';
import { targetNode } from '../../src/controllers/daemonset/daemon-pod.ts';
import { legacyTokenTracking } from '../../src/controllers/legacy-token-tracking/legacy-token-tracking.ts';
import { systemNamespaces } from '../../src/controllers/system-namespaces/system-namespaces.ts';
import { createMemoryStore } from '../../src/store/memory.ts';

export interface ControlledCluster extends AsyncDisposable {
  readonly clock: FakeClock;
  /** May do everything. */
  readonly admin: Client;
  /** Everything at warning or above that was logged. */
  readonly complaints: readonly LogRecord[];
  /** Turns the clock in small steps until the predicate holds; fails after a minute of the cluster's time. */
  until(what: string, predicate: () => Promise<boolean>, limitMs?: number): Promise<void>;
  /** Turns the clock in small steps, so that what is under way is not overtaken. */
  pass(ms: number): Promise<void>;
  /**
   * What a node agent would do now: pods with a node run and become ready, those being deleted go. Pods that are meant
   * for one node get it, and run the next time.
   */
  tendPods(options?: { readonly ready?: (pod: Pod) => boolean }): Promise<void>;
  addNode(name: string): Promise<Node>;
}

const STEP_MS = 100;
const MASTERS = { name: 'admin', uid: undefined, groups: ['system:masters', 'system:authenticated'], extra: {} };

export async function controlledCluster(
  config: Partial<ControllerConfig> = {},
  {
    controllers = true,
    parts = {},
  }: { readonly controllers?: boolean; readonly parts?: Pick<ApiServerParts, 'sources' | 'routes'> } = {},
): Promise<ControlledCluster> {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const random = seededRandom(11);
  const complaints: LogRecord[] = [];
  const log = createLogger((record) => complaints.push(record), { level: 'warn' });
  const key = await importServiceAccountKey(newKey());
  const own = new LateTransport();
  const self = createClient(own, { userAgent: 'apiserver' });
  const server = stack.use(
    await createApiServer({
      store: stack.use(createMemoryStore()),
      clock,
      random,
      log,
      parts(objects) {
        const rbac = stack.use(new RbacAuthorizer({ objects }));
        const authorizer = authorizerUnion([superuserAuthorizer, rbac]);
        const terms = { issuer: 'https://kubernetes.default.svc', audiences: ['https://kubernetes.default.svc'] };
        const tokens = tokenAuthenticatorUnion([
          serviceAccountAuthenticator({ objects, clock, keys: [key] }, terms),
          legacyTokenAuthenticator({ objects, client: self, clock, log, keys: [key] }, terms),
        ]);
        return {
          ...parts,
          authenticator: { authenticate: async () => undefined },
          authorizer,
          actions: defaultActions({ objects, client: self, clock, random, key }, terms),
          reviews: defaultReviews({ authorizer, rbac, tokens }, terms),
          admission: defaultAdmissionPlugins({ objects, authorizer, rbac, client: self, clock, random }),
        };
      },
    }),
  );
  const clientOf = (user: typeof MASTERS | ReturnType<typeof serviceAccountUser>) =>
    createClient(server.transportFor(user), { userAgent: user.name });
  own.transport = server.transportFor(MASTERS);
  const admin = clientOf(MASTERS);
  await reconcileBootstrapPolicy({ client: admin }, bootstrapPolicy(), { signal: AbortSignal.timeout(10_000) });

  if (controllers) {
    const authority = createAuthority('kubernetes', { nowMs: clock.now(), lifetimeMs: 10 * 365 * 86_400_000 });
    const managerClient = clientOf({
      ...MASTERS,
      name: 'system:kube-controller-manager',
      groups: ['system:authenticated'],
    });
    const informers = stack.use(new InformerFactory({ client: managerClient, clock, random, log }));
    const deps = (client: Client, component: string): ControllerDeps => ({
      client,
      informers,
      clock,
      random,
      log,
      events: stack.use(createEventRecorder({ client, clock, log }, { component })),
      config: {
        kinds: () => KINDS,
        rootCertificateAuthority: 'CA',
        certificateSigner: certificateSigner({ clock, authority }),
        tokenSigner: { sign: (subject) => signLegacyToken(key, subject) },
        dns: { clusterIp: '10.96.0.10', nodePort: 10053 },
        ...config,
      },
    });
    const accountDeps = (account: string, eventSource = account) =>
      deps(clientOf(serviceAccountUser('kube-system', account)), eventSource);
    const ownDeps = deps(admin, 'apiserver');
    const all = [
      systemNamespaces(ownDeps),
      apiServerEndpoints(ownDeps, { clusterIp: '10.96.0.1', addresses: ['192.0.2.1'], port: 6443 }),
      legacyTokenTracking(ownDeps),
      clusterDns(accountDeps('cluster-dns-controller')),
      ...CONTROLLERS.map(({ serviceAccount, eventSource, create }) =>
        create(
          serviceAccount === undefined ? deps(managerClient, eventSource) : accountDeps(serviceAccount, eventSource),
        ),
      ),
    ];
    for (const running of await Promise.all(all.map((one) => startController({ clock, log }, one)))) stack.use(running);
  }

  const until: ControlledCluster['until'] = async (what, predicate, limitMs = 60_000) => {
    const deadlineMs = clock.now() + limitMs;
    while (!(await predicate())) {
      if (clock.now() >= deadlineMs) assert.fail(`${what}: not within ${limitMs} ms; ${describe(complaints)}`);
      await clock.advance(STEP_MS);
    }
  };
  const owned = stack.move();
  return {
    clock,
    admin,
    complaints,
    until,
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += STEP_MS) await clock.advance(STEP_MS);
    },
    tendPods: (options = {}) => tendPods(admin, clock, options),
    addNode: (name) => addNode(admin, clock, name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function describe(complaints: readonly LogRecord[]): string {
  const lines = complaints
    .slice(-5)
    .map(({ message, fields }) => `${message}: ${fields['key'] ?? ''} ${fields['error'] ?? ''}`);
  return lines.join('; ');
}

async function tendPods(
  client: Client,
  clock: FakeClock,
  { ready = () => true }: { readonly ready?: (pod: Pod) => boolean },
): Promise<void> {
  const { items } = await client.list(Pod);
  for (const [index, pod] of items.entries()) {
    const { nodeName } = pod.spec;
    const target = nodeName ? undefined : targetNode(pod);
    if (target) await client.act(Pod, refOf(pod), 'binding', { target: { kind: 'Node', name: target } });
    if (!nodeName || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') continue;
    if (pod.metadata.deletionTimestamp !== undefined) {
      await client.delete(Pod, refOf(pod), { gracePeriodSeconds: 0 });
      continue;
    }
    const status = ready(pod) ? 'True' : 'False';
    const current = pod.status.conditions?.find(({ type }) => type === 'Ready');
    if (pod.status.phase === 'Running' && current?.status === status) continue;
    const podIP = pod.status.podIP ?? `10.244.${Math.floor(index / 250)}.${(index % 250) + 2}`;
    const conditions = [{ type: 'Ready', status, lastTransitionTime: formatTime(clock.now()) }];
    const body = { status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions } };
    try {
      await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status' });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}

async function addNode(client: Client, clock: FakeClock, name: string): Promise<Node> {
  await client.create(Node, { metadata: { name } });
  const now = formatTime(clock.now());
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now, lastTransitionTime: now },
  ];
  const addresses = [{ type: 'InternalIP', address: `192.0.2.${10 + name.length}` }];
  const body = { status: { conditions, addresses } };
  return client.patch(Node, { name }, { type: 'strategic', body }, { subresource: 'status' });
}
