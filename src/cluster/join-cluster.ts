// t8s join: makes this machine a node of a cluster whose control plane is elsewhere. The token proves the machine to the
// cluster, and the hash of the cluster's authority the cluster to the machine.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigMap } from '../api/core/config-map.ts';
import { decodeYaml } from '../api/yaml-decode.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import { createHttpsTransport, type HttpsTransportOptions } from '../client/https-transport.ts';
import type { RegistryMirror } from '../cri/containerd-config.ts';
import type { KubeletConfiguration } from '../kubelet/settings/kubelet-configuration.ts';
import {
  type ClusterConfig,
  type CredentialProviderFiles,
  clusterPaths,
  readClusterConfig,
  writeClusterConfig,
} from './cluster-config.ts';
import { hostAddress } from './host.ts';
import { authorityHash, isSignedBy, type JoinToken } from './join-token.ts';
import { ensureJoinedClientCertificate } from './joined-certificates.ts';
import { freeNodeCidr } from './machines.ts';
import { CLUSTER_EXTENSION, type ClusterSettings } from './system-objects.ts';
import { writeWhole } from './write-whole.ts';

export interface JoinRequest {
  readonly name: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly token: JoinToken;
  /** `sha256:…`: one of them has to be that of the cluster's authority. */
  readonly authorityHashes: readonly string[];
  readonly nodeName: string;
  readonly registryMirrors: readonly RegistryMirror[];
  readonly kubeletConfiguration: KubeletConfiguration | undefined;
  readonly credentialProviders: CredentialProviderFiles | undefined;
}

const TIMEOUT_MS = 30_000;

/** Writes what the node needs to be started (start-cluster.ts). Throws where the cluster is not the one that is meant. */
export async function joinCluster(request: JoinRequest): Promise<ClusterConfig> {
  const { dataDir, host, port, token, nodeName } = request;
  if (readClusterConfig(dataDir)) throw new Error(`there is a cluster in ${dataDir} already; t8s delete removes it`);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const server = `https://${host}:${port}`;
  const { certificateAuthority, settings } = await discover(request, server, signal);
  await using client = clientOf({ server, certificateAuthority, token: `${token.id}.${token.secret}` });
  const { pki } = clusterPaths(dataDir);
  const node = { name: nodeName, address: hostAddress(), place: 'machine' } as const;
  mkdirSync(pki, { recursive: true, mode: 0o700 });
  writeWhole(join(pki, 'ca.crt'), certificateAuthority);
  const deps = { client, clock: systemClock, random: systemRandom, signal };
  await ensureJoinedClientCertificate(deps, { directory: pki, node });
  const config: ClusterConfig = {
    ...settings,
    name: request.name,
    dataDir,
    controlPlane: 'elsewhere',
    apiPort: port,
    advertiseAddress: host,
    nodes: [node],
    nodeCidr: freeNodeCidr(),
    simulatedNodes: 0,
    registryMirrors: request.registryMirrors,
    kubeletConfiguration: request.kubeletConfiguration ?? {},
    credentialProviders: request.credentialProviders,
    containerRuntimeEndpoint: undefined,
    kubeconfig: '',
  };
  writeClusterConfig(config);
  return config;
}

/** What the cluster says of itself. Whoever answers is not known before that has been checked, so nothing is shown to him. */
async function discover(
  { token, authorityHashes }: JoinRequest,
  server: string,
  signal: AbortSignal,
): Promise<{ readonly certificateAuthority: string; readonly settings: ClusterSettings }> {
  await using anybody = clientOf({ server, insecureSkipTlsVerify: true });
  const { data } = await anybody.get(ConfigMap, { namespace: 'kube-public', name: 'cluster-info' }, { signal });
  const content = data?.['kubeconfig'] ?? '';
  const signature = data?.[`jws-kubeconfig-${token.id}`];
  if (signature === undefined || !isSignedBy(token, content, signature)) {
    throw new Error('the cluster does not know this token: it may have ended, or be of another cluster');
  }
  const [{ cluster } = { cluster: undefined }] = (decodeYaml(content).value as ClusterInfo).clusters;
  const certificateAuthority = Buffer.from(cluster?.['certificate-authority-data'] ?? '', 'base64').toString('utf8');
  const hash = authorityHash(certificateAuthority);
  if (!authorityHashes.includes(hash)) {
    throw new Error(`the cluster's certificate authority is another one than was asked for: its hash is ${hash}`);
  }
  const settings = cluster?.extensions?.find(({ name }) => name === CLUSTER_EXTENSION)?.extension;
  if (!settings) throw new Error('this is no cluster of t8s');
  return { certificateAuthority, settings };
}

/** The part of a kubeconfig that is read. */
interface ClusterInfo {
  readonly clusters: readonly {
    readonly cluster: {
      readonly 'certificate-authority-data'?: string;
      readonly extensions?: readonly { readonly name: string; readonly extension: ClusterSettings }[];
    };
  }[];
}

function clientOf(options: HttpsTransportOptions): Client {
  const deps = { clock: systemClock, random: systemRandom, log: silentLogger };
  return createClient(createHttpsTransport(deps, options), { userAgent: 't8s-join', clock: systemClock });
}
