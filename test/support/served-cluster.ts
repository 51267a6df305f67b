// The whole control plane in this process, as it is served: HTTPS with certificates, RBAC and admission, every controller,
// the scheduler, on a store in memory or another, with simulated nodes. What real clients are tested against.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespace } from '../../src/api/core/namespace.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { KUBELET_CLIENT_USER } from '../../src/apiserver/authorization/bootstrap/cluster-additions.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createLogger, type LogRecord } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import type { User } from '../../src/client/user.ts';
import type { KeyPair } from '../../src/cluster/certificate-authority.ts';
import {
  type ClusterCertificates,
  ensureClusterCertificates,
  SIMULATED_SERVER_NAME,
} from '../../src/cluster/certificates.ts';
import { CLUSTER_DEFAULTS } from '../../src/cluster/cluster-config.ts';
import { startControlPlane } from '../../src/cluster/control-plane.ts';
import { writeKubeconfigEntry } from '../../src/cluster/kubeconfig-file.ts';
import { KUBERNETES_VERSION } from '../../src/cluster/version.ts';
import { runSimulatedNodes } from '../../src/kubelet/simulated/simulated-nodes.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { kubectl, type RunResult, runHelm, runKubectl } from './kubectl.ts';
import { until } from './until.ts';

export interface ServedCluster extends AsyncDisposable {
  readonly store: Store;
  readonly certificates: ClusterCertificates;
  readonly port: number;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** A directory for the test's files; it goes with the cluster. */
  readonly directory: string;
  readonly kubeconfig: string;
  /** Everything that was logged at the level of errors: failures that nobody has foreseen. */
  readonly errors: readonly LogRecord[];
  /** May do everything. */
  readonly admin: Client;
  clientFor(user: User): Client;
  /** A kubeconfig with this certificate. */
  kubeconfigFor(name: string, client: KeyPair): Promise<string>;
  /** Runs kubectl; rejects with what it printed when it fails. */
  kubectl: Kubectl<string>;
  /** The same, whatever the exit code. */
  tryKubectl: Kubectl<RunResult>;
  /** Runs what has to fail; resolves with what it complained about. */
  refused: Kubectl<string>;
  /** Makes a namespace in which pods can be created, and resolves with what runs kubectl in it. */
  inNamespace(name: string): Promise<Pick<ServedCluster, 'kubectl' | 'tryKubectl' | 'refused'>>;
  tryHelm(args: string, options?: KubectlOptions): Promise<RunResult>;
}

/** Words after each other, or as one line without quotes. */
export type Kubectl<Result> = (args: readonly string[] | string, options?: KubectlOptions) => Promise<Result>;

export interface KubectlOptions {
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (text: string) => void;
  /** Another kubectl than that of the newest release: 27 is 1.27. */
  readonly minor?: number;
}

const ADDRESS = '127.0.0.1';
const MASTERS: User = { name: 'admin', uid: undefined, groups: ['system:masters', 'system:authenticated'], extra: {} };

export interface ServedClusterOptions {
  /** Absent: none. */
  readonly simulatedNodes?: number;
  /** Where the cluster is kept; the caller closes it. Absent: a store in memory. */
  readonly store?: Store;
}

export async function servedCluster(options: ServedClusterOptions = {}): Promise<ServedCluster> {
  const { simulatedNodes = 0 } = options;
  await using stack = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 't8s-served-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const errors: LogRecord[] = [];
  const log = createLogger((record) => errors.push(record), { level: 'error' });
  const certificates = ensureClusterCertificates(
    { clock: systemClock },
    { directory: join(directory, 'pki'), clusterDomain: 'cluster.local', serverNames: [], serverAddresses: [ADDRESS] },
  );
  const store = options.store ?? stack.use(createMemoryStore());
  const stopping = new AbortController();
  const deps = { clock: systemClock, random: systemRandom, log };
  const controlPlane = stack.use(
    await startControlPlane(
      {
        ...deps,
        certificates,
        store,
        config: {
          ...CLUSTER_DEFAULTS,
          apiPort: 0,
          dataDir: directory,
          advertiseAddress: ADDRESS,
          nodeCidr: '10.89.0.0/24',
          controlPlane: 'here',
          nodes: [],
          simulatedNodes,
          registryMirrors: [],
          kubeletConfiguration: {},
          containerRuntimeEndpoint: undefined,
          kubeconfig: '',
        },
      },
      stopping.signal,
    ),
  );
  const clientFor = (user: User) => stack.use(controlPlane.clientFor(user, 'test'));
  const admin = clientFor(MASTERS);
  if (simulatedNodes > 0) {
    const ready = Promise.withResolvers<void>();
    const running = runSimulatedNodes(
      { ...deps, client: admin, clientOf: (name) => controlPlane.clientFor(nodeUser(name), 'node') },
      {
        count: simulatedNodes,
        version: KUBERNETES_VERSION,
        onReady: ready.resolve,
        server: {
          name: SIMULATED_SERVER_NAME,
          address: SIMULATED_SERVER_NAME,
          port: 0,
          serving: async () => certificates.simulatedNodes,
          clientCa: certificates.ca.certificate,
          allowedClient: KUBELET_CLIENT_USER,
        },
      },
      stopping.signal,
    );
    stack.defer(() => running);
    await Promise.race([ready.promise, running]);
  }
  stack.defer(() => stopping.abort(new Error('the test has ended')));
  const { port } = controlPlane.address;
  const url = `https://${ADDRESS}:${port}`;
  const kubeconfigFor = async (name: string, client: KeyPair) => {
    const path = join(directory, `${name}.kubeconfig`);
    writeKubeconfigEntry(path, { name, server: url, certificateAuthority: certificates.ca.certificate, client });
    return path;
  };
  const kubeconfig = await kubeconfigFor('admin', certificates.admin);
  // One home for all: what kubectl has found out about the server it keeps there for the next run.
  const tool = { kubeconfig, home: directory };
  const running = (before: readonly string[]) => {
    const line = (args: readonly string[] | string) => [...words(args), ...before];
    const tryKubectl: Kubectl<RunResult> = (args, more = {}) => runKubectl(line(args), { ...tool, ...more });
    return {
      kubectl: ((args, more = {}) => kubectl(line(args), { ...tool, ...more })) satisfies Kubectl<string>,
      tryKubectl,
      refused: (async (args, more) => {
        const { code, stdout, stderr } = await tryKubectl(args, more);
        if (code === 0) throw new Error(`kubectl ${line(args).join(' ')} should have failed, but printed ${stdout}`);
        return stderr;
      }) satisfies Kubectl<string>,
    };
  };
  const everywhere = running([]);
  const owned = stack.move();
  return {
    store,
    certificates,
    port,
    url,
    directory,
    kubeconfig,
    errors,
    admin,
    clientFor,
    kubeconfigFor,
    ...everywhere,
    async inNamespace(name) {
      await admin.create(Namespace, { metadata: { name } });
      await until(() => admin.get(ServiceAccount, { namespace: name, name: 'default' }).then(() => true));
      return running(['-n', name]);
    },
    tryHelm: (args, more = {}) => runHelm(words(args), { ...tool, ...more }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function nodeUser(name: string): User {
  return {
    name: `system:node:${name}`,
    uid: undefined,
    groups: ['system:nodes', 'system:authenticated'],
    extra: {},
  };
}

/** Words of a command line; quotes are not known. */
function words(args: readonly string[] | string): readonly string[] {
  return typeof args === 'string' ? args.split(/\s+/).filter((word) => word !== '') : args;
}
