// The process of a node, put together: container runtime, node agent and network. Each part has an identity of its own.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Node } from '../api/core/node.ts';
import { KUBELET_CLIENT_USER } from '../apiserver/authorization/bootstrap/cluster-additions.ts';
import { aborted } from '../base/aborted.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { periodic } from '../base/periodic.ts';
import type { Random } from '../base/random.ts';
import { WorkQueue } from '../base/work-queue.ts';
import type { Client } from '../client/client.ts';
import { createInformer, type Informer } from '../client/informer.ts';
import { openCgroups } from '../kubelet/cgroups.ts';
import { type KubeletOptions, startKubelet } from '../kubelet/kubelet.ts';
import { kubeletSettings } from '../kubelet/settings/kubelet-configuration.ts';
import { type NodeNetworkOptions, startNodeNetwork } from '../network/node-network.ts';
import { startHostPathProvisioner } from '../storage/host-path/host-path-provisioner.ts';
import { HOST_PATH_IDENTITY } from './certificates.ts';
import { type ClusterConfig, clusterPaths, DNS_PORT, KUBELET_PORT, nodeNamed } from './cluster-config.ts';
import { cgroupRoot, nftTable } from './cluster-names.ts';
import { CONTROL_PLANE, nodeComponent, registerComponent } from './component.ts';
import { componentClient } from './component-client.ts';
import { guard } from './guard.ts';
import { ensureJoinedClientCertificate, ensureJoinedServingCertificate } from './joined-certificates.ts';
import { nodeDirectories, openNodeRuntime } from './node-runtime.ts';
import { KUBERNETES_VERSION } from './version.ts';

const RENEWAL_CHECK_MS = 86_400_000;

export interface NodeAgentDeps {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Programs that the agent runs on the machine get it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Runs the node until the signal aborts; resolves when everything has been closed. Its containers go on. */
export async function runNodeAgent(deps: NodeAgentDeps, nodeName: string, signal: AbortSignal): Promise<void> {
  const { config, clock, random, log } = deps;
  await using stack = new AsyncDisposableStack();
  stack.use(await registerComponent(config.dataDir, nodeComponent(nodeName)));
  const { cri, containerd } = await openNodeRuntime({ config, clock, log }, nodeName);
  stack.use(cri);
  const isJoined = config.controlPlane === 'elsewhere';
  const ownIdentity = `nodes/${nodeName}/kubelet-client`;
  const clientDeps = { clock, random, log };
  const client = stack.use(await componentClient(config, clientDeps, { identity: ownIdentity, userAgent: 'kubelet' }));
  const proxyClient = stack.use(
    await componentClient(config, clientDeps, {
      identity: isJoined ? ownIdentity : 'kube-proxy',
      userAgent: 'kube-proxy',
    }),
  );
  if (isJoined) stack.use(await keepJoinedCertificates({ ...deps, client, signal }, nodeName));
  const kubelet = stack.use(
    await startKubelet(
      {
        client,
        cri,
        cgroups: await openCgroups(cgroupRoot(config.name, nodeName)),
        clock,
        random,
        log: log.with({ component: 'kubelet' }),
      },
      await kubeletOptions(deps, nodeName),
    ),
  );
  const network = stack.use(
    await startNodeNetwork(
      { client: proxyClient, pods: kubelet.podInformer, clock, random, log: log.with({ component: 'network' }) },
      networkOptions(config, nodeName),
    ),
  );
  if (!isJoined) stack.use(await startProvisioner(deps, nodeName));
  const node = stack.use(
    createInformer({ client, ...clientDeps }, Node, { fieldSelector: `metadata.name=${nodeName}` }),
  );
  const configuring = stack.use(
    new WorkQueue(
      {
        clock,
        async work(podCidr) {
          await network.setPodCidr(podCidr);
          kubelet.runtimeChanged();
        },
      },
      { observer: { retrying: (_cidr, error) => log.error('the pod network could not be configured', { error }) } },
    ),
  );
  stack.use(eachPodCidr(node, nodeName, (podCidr) => configuring.add(podCidr)));
  const tasks = [
    containerd?.keepRunning({ signal }),
    !isJoined && nodeName === config.nodes[0]?.name
      ? guard({ dataDir: config.dataDir, clock, log, signal }, CONTROL_PLANE)
      : undefined,
    aborted(signal),
  ];
  await Promise.all(tasks);
}

/** The right to make volumes is not given to machines that have joined: it goes for the volumes of all nodes. */
async function startProvisioner(
  { config, clock, random, log }: NodeAgentDeps,
  nodeName: string,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const deps = { clock, random, log: log.with({ component: 'storage' }) };
  const identity = { identity: HOST_PATH_IDENTITY, userAgent: HOST_PATH_IDENTITY };
  const client = stack.use(await componentClient(config, deps, identity));
  const { volumes: volumesDir } = nodeDirectories(config, nodeName);
  stack.use(startHostPathProvisioner({ ...deps, client }, { nodeName, volumesDir }));
  return stack.move();
}

/** Resolves once the node can serve; from then on both of its certificates are renewed in time. */
async function keepJoinedCertificates(
  { config, clock, random, log, client, signal }: NodeAgentDeps & { readonly client: Client; signal: AbortSignal },
  nodeName: string,
): Promise<AsyncDisposable> {
  const files = { directory: clusterPaths(config.dataDir).pki, node: nodeNamed(config, nodeName) };
  const ensure = async (until: AbortSignal) => {
    const deps = { client, clock, random, signal: until };
    await ensureJoinedClientCertificate(deps, files);
    await ensureJoinedServingCertificate(deps, files);
  };
  await ensure(signal);
  return periodic({ clock, log }, { what: 'the renewal of certificates', everyMs: RENEWAL_CHECK_MS }, ensure);
}

async function kubeletOptions(
  { config, environment }: Pick<NodeAgentDeps, 'config' | 'environment'>,
  nodeName: string,
): Promise<KubeletOptions> {
  const { pki } = clusterPaths(config.dataDir);
  const read = (file: string) => readFile(join(pki, file), 'utf8');
  const { address } = nodeNamed(config, nodeName);
  const settings = kubeletSettings(config.kubeletConfiguration);
  return {
    nodeName,
    nodeIp: address,
    clusterDns: { address: config.dnsAddress, domain: config.clusterDomain },
    dataDir: nodeDirectories(config, nodeName).kubelet,
    version: KUBERNETES_VERSION,
    settings: {
      ...settings,
      staticPodPath: settings.staticPodPath || join(nodeDirectories(config, nodeName).kubelet, 'manifests'),
    },
    credentialProviders: config.credentialProviders && { ...config.credentialProviders, environment },
    server: {
      address,
      port: KUBELET_PORT,
      serving: async () => ({
        certificate: await read(`nodes/${nodeName}/kubelet.crt`),
        key: await read(`nodes/${nodeName}/kubelet.key`),
      }),
      clientCa: await read('ca.crt'),
      allowedClient: KUBELET_CLIENT_USER,
    },
  };
}

function networkOptions(config: ClusterConfig, nodeName: string): NodeNetworkOptions {
  const { cniConf, cniState } = nodeDirectories(config, nodeName);
  const { address, place } = nodeNamed(config, nodeName);
  return {
    nodeName,
    nodeIp: address,
    hasUplink: place === 'namespace',
    machineDns: place === 'namespace' ? { address: config.advertiseAddress, port: DNS_PORT } : undefined,
    clusterPodCidr: config.podCidr,
    clusterDomain: config.clusterDomain,
    dnsPort: DNS_PORT,
    table: nftTable(config.name),
    cniConfDir: cniConf,
    cniStateDir: cniState,
  };
}

/** Calls back with the node's range of pod addresses when it is assigned, and again should it change. */
function eachPodCidr(nodes: Informer<Node>, nodeName: string, assigned: (podCidr: string) => void): Disposable {
  let known = '';
  return nodes.subscribe(() => {
    const podCidr = nodes.get({ name: nodeName })?.spec.podCIDR ?? '';
    if (podCidr === known || podCidr === '') return;
    known = podCidr;
    assigned(podCidr);
  });
}
