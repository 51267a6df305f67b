// The container runtime of a node: our own containerd, or the one whose socket was given.

import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { connectCri } from '../cri/connect-cri.ts';
import { type Containerd, startContainerd, stopContainerd } from '../cri/containerd.ts';
import type { Cri } from '../cri/cri.ts';
import { removeContainerd } from '../cri/remove-containerd.ts';
import { type ClusterConfig, clusterPaths, nodeNamed } from './cluster-config.ts';
import { namespacePath, reachableMirrors } from './machines.ts';

export interface NodeRuntimeDeps {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface NodeRuntime {
  readonly cri: Cri;
  /** Absent when the runtime is not ours. */
  readonly containerd: Containerd | undefined;
}

/** Where the node's parts of the network find each other. */
export function nodeDirectories(config: ClusterConfig, nodeName: string) {
  const root = clusterPaths(config.dataDir).node(nodeName);
  return {
    root,
    kubelet: join(root, 'kubelet'),
    containerd: join(root, 'containerd'),
    containerdRun: join(clusterPaths(config.dataDir).run, nodeName),
    cniConf: join(root, 'cni', 'conf'),
    cniState: join(root, 'cni', 'state'),
    volumes: join(root, 'volumes'),
  } as const;
}

/** Starts or adopts the node's runtime. */
export async function openNodeRuntime({ config, clock, log }: NodeRuntimeDeps, nodeName: string): Promise<NodeRuntime> {
  if (config.containerRuntimeEndpoint !== undefined) {
    return { cri: connectCri({ endpoint: config.containerRuntimeEndpoint, log }), containerd: undefined };
  }
  const directories = nodeDirectories(config, nodeName);
  const node = nodeNamed(config, nodeName);
  const containerd = await startContainerd(
    { dataDir: directories.containerd, runDir: directories.containerdRun, clock, log },
    {
      cniConfDir: directories.cniConf,
      networkNamespace: namespacePath(config, node),
      registryMirrors: reachableMirrors(config, node),
      cgroupDriver: 'cgroupfs',
    },
  );
  return { cri: connectCri({ endpoint: containerd.endpoint, log }), containerd };
}

/** Stops every pod on the node and, where it is ours, the runtime. What the pods are is not touched. */
export async function stopNodeRuntime(deps: NodeRuntimeDeps, nodeName: string): Promise<void> {
  const { cri, containerd } = await openNodeRuntime(deps, nodeName);
  await using _ = cri;
  const { containers } = await cri.listContainers({ filter: { state: { state: 'CONTAINER_RUNNING' } } });
  await Promise.allSettled(containers.map(({ id }) => cri.stopContainer({ containerId: id, timeout: STOP_SECONDS })));
  const { items } = await cri.listPodSandbox({});
  await Promise.allSettled(items.map(({ id }) => cri.stopPodSandbox({ podSandboxId: id })));
  if (!containerd) return;
  const { clock, log } = deps;
  const directories = nodeDirectories(deps.config, nodeName);
  await stopContainerd({ dataDir: directories.containerd, runDir: directories.containerdRun, clock, log });
}

/** Removes the node's pods and, where it is ours, the runtime with everything it made. */
export async function removeNodeRuntime({ config, clock, log }: NodeRuntimeDeps, nodeName: string): Promise<void> {
  if (config.containerRuntimeEndpoint !== undefined) {
    await using cri = connectCri({ endpoint: config.containerRuntimeEndpoint, log });
    const { items } = await cri.listPodSandbox({});
    for (const { id } of items) {
      await cri.stopPodSandbox({ podSandboxId: id });
      await cri.removePodSandbox({ podSandboxId: id });
    }
    return;
  }
  const directories = nodeDirectories(config, nodeName);
  await removeContainerd({ dataDir: directories.containerd, runDir: directories.containerdRun, clock, log });
}

/** How long containers are given to end when the whole cluster is stopped. */
const STOP_SECONDS = 5;
