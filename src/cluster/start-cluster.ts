// t8s up: makes what is missing, starts what does not run, and waits until the cluster can be used.

import { Resolver } from 'node:dns/promises';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../base/clock.ts';
import { deepEqual } from '../base/deep-equal.ts';
import type { RegistryMirror } from '../cri/containerd-config.ts';
import type { KubeletConfiguration } from '../kubelet/settings/kubelet-configuration.ts';
import { ensureClusterCertificates, ensureNodeCertificates } from './certificates.ts';
import {
  CLUSTER_DEFAULTS,
  type ClusterConfig,
  type ClusterNode,
  type CredentialProviderFiles,
  clusterPaths,
  kubernetesServiceAddress,
  readClusterConfig,
  writeClusterConfig,
  writeDesired,
} from './cluster-config.ts';
import { contextName } from './cluster-names.ts';
import { componentsOf, listNodes } from './cluster-status.ts';
import { CONTROL_PLANE, type ComponentName, componentPid, logTail, startComponent } from './component.ts';
import { adminClient } from './component-client.ts';
import { canRunContainers, hostAddress, hostNodeName } from './host.ts';
import { type KubeconfigEntry, writeKubeconfigEntry } from './kubeconfig-file.ts';
import { ensureMachines, freeNodeAddress, freeNodeCidr, freePodCidr } from './machines.ts';
import { installPackages, missingPackages } from './system-packages.ts';
import { KUBERNETES_VERSION } from './version.ts';

/** What the user asked for; what is undefined is as it was, or the default of a new cluster. */
export interface ClusterRequest {
  readonly name: string;
  readonly dataDir: string;
  readonly nodes: number | undefined;
  readonly nodeCidr: string | undefined;
  readonly podCidr: string | undefined;
  readonly simulatedNodes: number | undefined;
  readonly apiPort: number | undefined;
  readonly kubeconfig: string;
  readonly registryMirrors: readonly RegistryMirror[] | undefined;
  readonly containerRuntimeEndpoint: string | undefined;
  readonly kubeletConfiguration: KubeletConfiguration | undefined;
  readonly credentialProviders: CredentialProviderFiles | undefined;
  readonly waitMs: number;
}

export interface StartedCluster {
  readonly nodes: number;
  readonly version: string;
  /** None, where the control plane is elsewhere. */
  readonly context: string | undefined;
  readonly kubeconfig: string;
  /** Which of its nodes only pretend to run containers. */
  readonly simulation: 'none' | 'some' | 'all';
}

const POLL_MS = 50;

/** Rejects when the cluster does not become ready in time, with what the component that keeps it from that has logged. */
export async function startCluster(request: ClusterRequest, progress: (step: string) => void): Promise<StartedCluster> {
  const config = configFor(request, readClusterConfig(request.dataDir));
  if (config.nodes.length > 0) await installMissing(progress);
  writeClusterConfig(config);
  if (config.controlPlane === 'here') makeCertificates(config);
  await ensureMachines(config);
  writeDesired(config.dataDir, 'up');
  const started = componentsOf(config).filter((name) => componentPid(config.dataDir, name) === undefined);
  if (started.length > 0) progress(`Starting ${started.join(', ')} ...`);
  for (const name of started) startComponent(config.dataDir, name);

  const deadline = systemClock.elapsed() + request.waitMs;
  await waitFor(config, 'the API to be healthy', deadline, CONTROL_PLANE, () => isHealthy(config));
  if (config.controlPlane === 'here') writeKubeconfigEntry(config.kubeconfig, kubeconfigEntry(config));
  if (started.length > 0) progress('The API is healthy. Waiting for the nodes to be ready ...');
  const count = config.nodes.length + config.simulatedNodes;
  const [firstNode = 'simulated-nodes'] = componentsOf(config).filter((name) => name !== CONTROL_PLANE);
  await waitFor(config, 'the nodes to be ready', deadline, firstNode, () => areReady(config, count));
  if (config.nodes.length > 0)
    await waitFor(config, 'the cluster DNS to answer', deadline, firstNode, () => dnsAnswers(config));
  return {
    nodes: count,
    version: KUBERNETES_VERSION,
    context: config.controlPlane === 'here' ? contextName(config.name) : undefined,
    kubeconfig: config.kubeconfig,
    simulation: config.simulatedNodes === 0 ? 'none' : config.nodes.length > 0 ? 'some' : 'all',
  };
}

/** Some things cannot be changed once a cluster is there, others not while it runs: asking for another value throws. */
function configFor(request: ClusterRequest, existing: ClusterConfig | undefined): ClusterConfig {
  const { name, dataDir, kubeconfig } = request;
  if (existing) {
    refuseChange('--nodes', request.nodes, existing.nodes.length, 't8s node add and t8s node remove change that');
    refuseChange('--node-cidr', request.nodeCidr, existing.nodeCidr);
    refuseChange('--pod-cidr', request.podCidr, existing.podCidr);
    refuseChange('--api-port', request.apiPort, existing.apiPort);
    refuseChange('--container-runtime-endpoint', request.containerRuntimeEndpoint, existing.containerRuntimeEndpoint);
    if (componentsOf(existing).some((component) => componentPid(dataDir, component) !== undefined)) {
      refuseWhileRunning('--simulated-nodes', request.simulatedNodes, existing.simulatedNodes);
      refuseWhileRunning('--registry-mirror', request.registryMirrors, existing.registryMirrors);
      refuseWhileRunning('--kubelet-config', request.kubeletConfiguration, existing.kubeletConfiguration);
      refuseWhileRunning(
        '--image-credential-provider-config',
        request.credentialProviders,
        existing.credentialProviders,
      );
    }
    return {
      ...existing,
      kubeconfig,
      simulatedNodes: request.simulatedNodes ?? existing.simulatedNodes,
      registryMirrors: request.registryMirrors ?? existing.registryMirrors,
      kubeletConfiguration: request.kubeletConfiguration ?? existing.kubeletConfiguration,
      credentialProviders: request.credentialProviders ?? existing.credentialProviders,
    };
  }
  if ((request.nodes ?? 1) > 1 && !canRunContainers()) throw new Error('several nodes take root, on Linux');
  if ((request.nodes ?? 1) > 1 && request.containerRuntimeEndpoint !== undefined) {
    throw new Error('--container-runtime-endpoint is of one node, so --nodes can be 1 at most');
  }
  const containers = canRunContainers() && request.nodes !== 0;
  const nodeCidr = request.nodeCidr ?? freeNodeCidr();
  return {
    name,
    dataDir,
    controlPlane: 'here',
    apiPort: request.apiPort ?? CLUSTER_DEFAULTS.apiPort,
    advertiseAddress: hostAddress(),
    nodes: containers ? firstNodes(request.nodes ?? 1, nodeCidr) : [],
    nodeCidr,
    simulatedNodes: request.simulatedNodes ?? (containers ? 0 : 1),
    podCidr: request.podCidr ?? freePodCidr(),
    serviceCidr: CLUSTER_DEFAULTS.serviceCidr,
    dnsAddress: CLUSTER_DEFAULTS.dnsAddress,
    clusterDomain: CLUSTER_DEFAULTS.clusterDomain,
    registryMirrors: request.registryMirrors ?? [],
    containerRuntimeEndpoint: request.containerRuntimeEndpoint,
    kubeletConfiguration: request.kubeletConfiguration ?? {},
    credentialProviders: request.credentialProviders,
    kubeconfig,
  };
}

function refuseChange<T>(option: string, wanted: T | undefined, existing: T, instead = 't8s delete removes it'): void {
  if (wanted === undefined || wanted === existing) return;
  throw new Error(
    `${option} cannot be changed from ${existing} to ${wanted}: the cluster is there already; ${instead}`,
  );
}

/** The machine itself, and namespaces beside it. */
function firstNodes(count: number, nodeCidr: string): readonly ClusterNode[] {
  const nodes: ClusterNode[] = [];
  while (nodes.length < count) nodes.push(nextNode({ nodes, nodeCidr }));
  return nodes;
}

/** The node that the next one to be made is: the machine, where it is the first. Absent: a name that is free. */
export function nextNode(
  { nodes, nodeCidr }: Pick<ClusterConfig, 'nodes' | 'nodeCidr'>,
  name = freeNodeName(nodes),
): ClusterNode {
  return nodes.length === 0
    ? { name, address: hostAddress(), place: 'machine' }
    : { name, address: freeNodeAddress({ nodes, nodeCidr }), place: 'namespace' };
}

function freeNodeName(nodes: readonly ClusterNode[]): string {
  const isFree = (name: string) => nodes.every((node) => node.name !== name);
  let name = hostNodeName();
  for (let number = 2; !isFree(name); number++) name = `${hostNodeName()}-${number}`;
  return name;
}

/** Its processes have read the value at their start. */
function refuseWhileRunning<T>(option: string, wanted: T | undefined, existing: T): void {
  if (wanted === undefined || deepEqual(wanted, existing)) return;
  throw new Error(`${option} cannot be changed while the cluster runs; t8s down stops it`);
}

async function installMissing(progress: (step: string) => void): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  progress(`Installing missing system packages with apt-get: ${missing.join(', ')} ...`);
  await installPackages(missing);
}

/** What is missing of the certificates of the control plane and of the nodes here. */
export function makeCertificates(config: ClusterConfig): void {
  const { pki } = clusterPaths(config.dataDir);
  mkdirSync(pki, { recursive: true, mode: 0o700 });
  const { ca } = ensureClusterCertificates(
    { clock: systemClock },
    {
      directory: pki,
      clusterDomain: config.clusterDomain,
      serverNames: [hostNodeName()],
      serverAddresses: [config.advertiseAddress, kubernetesServiceAddress(config)],
    },
  );
  for (const { name, address } of config.nodes) {
    ensureNodeCertificates({ clock: systemClock, ca }, { directory: pki, node: name, addresses: [address] });
  }
}

function kubeconfigEntry(config: ClusterConfig): KubeconfigEntry {
  const { pki } = clusterPaths(config.dataDir);
  const read = (file: string) => readFileSync(join(pki, file), 'utf8');
  return {
    name: contextName(config.name),
    server: `https://${config.advertiseAddress}:${config.apiPort}`,
    certificateAuthority: read('ca.crt'),
    client: { certificate: read('admin.crt'), key: read('admin.key') },
  };
}

/** Waits until `isDone`; gives up at the deadline, and at once when the component that is waited for has died. */
export async function waitFor(
  config: ClusterConfig,
  what: string,
  deadline: number,
  component: ComponentName,
  isDone: () => Promise<boolean>,
): Promise<void> {
  for (let seen = false; !(await isDone()); ) {
    const alive = componentPid(config.dataDir, component) !== undefined;
    if (seen && !alive)
      throw new Error(`${component} has ended while waiting for ${what}.\n${logTail(config.dataDir, component)}`);
    seen ||= alive;
    if (systemClock.elapsed() >= deadline) {
      throw new Error(
        `waited too long for ${what}; t8s logs ${component} says more.\n${logTail(config.dataDir, component)}`,
      );
    }
    await wait(POLL_MS);
  }
}

async function isHealthy(config: ClusterConfig): Promise<boolean> {
  try {
    await using client = await adminClient(config, systemClock);
    await client.request('GET', '/readyz', { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false; // Not yet: the caller knows how long to go on.
  }
}

async function areReady(config: ClusterConfig, count: number): Promise<boolean> {
  const nodes = await listNodes(config).catch(() => []);
  return nodes.filter(({ ready }) => ready).length >= count;
}

async function dnsAnswers(config: ClusterConfig): Promise<boolean> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([config.dnsAddress]);
  try {
    return (await resolver.resolve4(`kubernetes.default.svc.${config.clusterDomain}`)).length > 0;
  } catch {
    return false; // Not yet.
  }
}
