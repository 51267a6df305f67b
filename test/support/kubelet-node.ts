// A node for tests, with real containers: our own containerd, the API server in this process with its memory store, and
// the node agent. What else a cluster has (scheduler, controllers, service rules) is not there: pods are bound directly.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Namespace } from '../../src/api/core/namespace.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { type ApiServer, createApiServer } from '../../src/apiserver/api-server.ts';
import { importServiceAccountKey } from '../../src/apiserver/authentication/service-account-keys.ts';
import { x509Authenticator } from '../../src/apiserver/authentication/x509-authenticator.ts';
import { startHttpsServer } from '../../src/apiserver/http/https-server.ts';
import { nodeConnectors } from '../../src/apiserver/http/node-connectors.ts';
import { proxyConnectors } from '../../src/apiserver/http/proxy-connectors.ts';
import { defaultActions } from '../../src/apiserver/registry/actions/default-actions.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createLogger, type Logger, type LogRecord } from '../../src/base/log.ts';
import { MetricsRegistry } from '../../src/base/metrics.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/create-client.ts';
import { createAuthority, issueCertificate, type KeyPair, newKey } from '../../src/cluster/certificate-authority.ts';
import { writeKubeconfigEntry } from '../../src/cluster/kubeconfig-file.ts';
import { connectCri } from '../../src/cri/connect-cri.ts';
import { type Containerd, startContainerd } from '../../src/cri/containerd.ts';
import type { Cri } from '../../src/cri/cri.ts';
import { removeContainerd } from '../../src/cri/remove-containerd.ts';
import { openCgroups } from '../../src/kubelet/cgroups.ts';
import { type Kubelet, type KubeletDeps, type KubeletOptions, startKubelet } from '../../src/kubelet/kubelet.ts';
import { type KubeletConfiguration, kubeletSettings } from '../../src/kubelet/settings/kubelet-configuration.ts';
import type { ShutdownWatch } from '../../src/kubelet/shutdown/shutdown-manager.ts';
import { writeCniConfig } from '../../src/network/cni/cni-config.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { startRegistry } from './registry.ts';
import { someSubnet } from './some-subnet.ts';
import { ensureInstalled } from './system-packages.ts';

const run = promisify(execFile);

export const NODE_NAME = 'node';
const NODE_ADDRESS = '127.0.0.1';
const API_CLIENT = 'kube-apiserver-kubelet-client';

export interface KubeletNode extends AsyncDisposable {
  /** May do everything. */
  readonly client: Client;
  /** For kubectl, which may do everything too. */
  readonly kubeconfig: string;
  readonly cri: Cri;
  readonly containerd: Containerd;
  readonly dataDir: string;
  /** Of the pods' cgroups, below each hierarchy. */
  readonly cgroupRoot: string;
  /** What was logged at warning or above. */
  readonly complaints: readonly LogRecord[];
  /** What the API server shows to the node's own server, and where that is. */
  readonly nodeServer: () => { readonly port: number; readonly ca: string; readonly client: KeyPair };
  readonly agent: () => Kubelet;
  /** Where the agent looks for manifests of static pods. */
  readonly staticPodPath: string;
  startAgent(): Promise<void>;
  stopAgent(): Promise<void>;
}

/** What a node is made of; resolves with why it cannot be had, if so. */
export function installNodeTools(): Promise<string | undefined> {
  return ensureInstalled({
    '/usr/bin/containerd': 'containerd',
    '/usr/sbin/runc': 'runc',
    '/usr/lib/cni/ptp': 'containernetworking-plugins',
    '/usr/sbin/ip': 'iproute2',
  });
}

export interface KubeletNodeOptions {
  readonly configuration?: KubeletConfiguration;
  readonly credentialProviders?: KubeletOptions['credentialProviders'];
  readonly shutdownWatch?: ShutdownWatch;
  /** What the agent is told of what was measured. */
  readonly observed?: NonNullable<KubeletDeps['observed']>;
}

/** Everything is made below a temporary directory; disposing takes away what was made on the machine. */
export async function kubeletNode({
  configuration,
  credentialProviders,
  ...parts
}: KubeletNodeOptions = {}): Promise<KubeletNode> {
  const tag = randomBytes(3).toString('hex');
  const complaints: LogRecord[] = [];
  const log = createLogger((record) => complaints.push(record), { level: 'warn' });
  const clock = systemClock;
  const random = systemRandom;
  await using stack = new AsyncDisposableStack();

  const directory = await mkdtemp(join(tmpdir(), 't8s-node-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const registry = stack.use(await startRegistry({ images: ['busybox:latest', 'echo:latest'] }));
  const runtimeDeps = { dataDir: join(directory, 'containerd'), runDir: join(directory, 'run'), log, clock };
  const cniConfDir = join(directory, 'cni');
  await writeCniConfig({ confDir: cniConfDir, stateDir: join(directory, 'ipam'), podCidr: someSubnet(), mtu: 1500 });
  const cgroups = await openCgroups(`/t8s-e2e-${tag}/${NODE_NAME}`);
  stack.defer(() => cgroups.removeAll({ clock }));
  stack.defer(() => removeContainerd(runtimeDeps));
  const containerd = await startContainerd(runtimeDeps, {
    cniConfDir,
    registryMirrors: [{ host: 'docker.io', url: registry.url }],
    cgroupDriver: 'cgroupfs',
  });
  const cri = stack.use(connectCri({ endpoint: containerd.endpoint, log }));

  const authority = createAuthority('test', TERMS());
  const serving = issueCertificate(
    authority,
    { commonName: `system:node:${NODE_NAME}`, usages: ['server'], addresses: [NODE_ADDRESS] },
    TERMS(),
  );
  const apiClient = issueCertificate(authority, { commonName: API_CLIENT, usages: ['client'] }, TERMS());
  const { client, server: apiServer } = stack.use(await superuserApi({ authority, apiClient, log }));
  const kubeconfig = join(directory, 'kubeconfig');
  stack.use(await serveApi({ apiServer, authority, log }, kubeconfig));

  let agent: Kubelet | undefined;
  const stopAgent = async () => {
    await agent?.[Symbol.asyncDispose]();
    agent = undefined;
  };
  const dataDir = join(directory, 'kubelet');
  const staticPodPath = join(directory, 'manifests');
  await mkdir(staticPodPath);
  stack.defer(() => unmountBelow(dataDir));
  stack.defer(stopAgent);
  const startAgent = async () => {
    agent = await startKubelet(
      { client, cri, cgroups, clock, random, log, ...parts },
      {
        settings: kubeletSettings({ staticPodPath, ...configuration }),
        nodeName: NODE_NAME,
        nodeIp: NODE_ADDRESS,
        clusterDns: { address: '10.96.0.10', domain: 'cluster.local' },
        dataDir,
        version: 'v1.36.0',
        server: {
          address: NODE_ADDRESS,
          port: 0,
          serving: async () => serving,
          clientCa: authority.certificate,
          allowedClient: API_CLIENT,
        },
        credentialProviders,
      },
    );
  };
  await startAgent();
  const owned = stack.move();
  return {
    ...{ client, kubeconfig, cri, containerd, dataDir, complaints, startAgent, stopAgent, staticPodPath },
    cgroupRoot: `/t8s-e2e-${tag}/${NODE_NAME}`,
    agent: () => agent!,
    nodeServer: () => ({ port: agent!.serverPort, ca: authority.certificate, client: apiClient }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const TERMS = () => ({ nowMs: Date.now(), lifetimeMs: 3_600_000 });

/** An API server in which everybody may do everything; with tokens of service accounts. */
async function superuserApi({
  authority,
  apiClient,
  log,
}: {
  readonly authority: KeyPair;
  readonly apiClient: KeyPair;
  readonly log: Logger;
}): Promise<{ client: Client; server: ApiServer } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const [clock, random] = [systemClock, systemRandom];
  const store = stack.use(createMemoryStore());
  const key = await importServiceAccountKey(newKey());
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  const agentTls = { ca: authority.certificate, ...apiClient };
  const server = stack.use(
    await createApiServer({
      ...{ store, clock, random, log },
      parts: (objects) => ({
        authenticator: x509Authenticator({ clock, metrics: new MetricsRegistry() }),
        authorizer: { authorize: () => ({ verdict: 'allow', reason: '' }) },
        connectors: {
          ...nodeConnectors({ reader: objects, log, tls: agentTls }),
          ...proxyConnectors({ reader: objects, random, log, tls: agentTls }),
        },
        actions: defaultActions(
          {
            objects,
            clock,
            random,
            key,
            get client() {
              return client;
            },
          },
          { issuer, audiences: [issuer] },
        ),
      }),
    }),
  );
  const user = { name: 'admin', uid: undefined, groups: ['system:masters'], extra: {} };
  const client: Client = stack.use(createClient(server.transportFor(user), { userAgent: 'test' }));
  for (const name of ['default', 'kube-node-lease']) await client.create(Namespace, { metadata: { name } });
  await client.create(ServiceAccount, { metadata: { name: 'default', namespace: 'default' } });
  const owned = stack.move();
  return { client, server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The API over TLS, and the file with which kubectl finds it. */
async function serveApi(
  { apiServer, authority, log }: { readonly apiServer: ApiServer; readonly authority: KeyPair; readonly log: Logger },
  kubeconfig: string,
): Promise<AsyncDisposable> {
  const { certificate, key } = issueCertificate(
    authority,
    { commonName: 'kube-apiserver', usages: ['server'], addresses: [NODE_ADDRESS] },
    TERMS(),
  );
  const server = await startHttpsServer(
    { apiServer, clock: systemClock, log, metrics: new MetricsRegistry() },
    {
      certificate: { cert: certificate, key },
      clientCa: authority.certificate,
      host: NODE_ADDRESS,
      port: 0,
      graceMs: 1_000,
    },
  );
  const user = { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] } as const;
  writeKubeconfigEntry(kubeconfig, {
    name: 'test',
    server: `https://${NODE_ADDRESS}:${server.address.port}`,
    certificateAuthority: authority.certificate,
    client: issueCertificate(authority, user, TERMS()),
  });
  return server;
}

/** Volumes of pods that a test has left behind. */
async function unmountBelow(directory: string): Promise<void> {
  const { stdout } = await run('findmnt', ['--noheadings', '--list', '--output', 'TARGET']);
  const points = stdout.split('\n').filter((line) => line.startsWith(`${directory}/`));
  for (const point of points.toReversed()) await run('umount', ['--lazy', point]);
}
