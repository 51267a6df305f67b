// t8s delete: nothing of the cluster stays on the machine.

import { rm } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { openCgroups } from '../kubelet/cgroups.ts';
import { systemMounter } from '../kubelet/mounter.ts';
import { removeNodeNetwork } from '../network/node-network.ts';
import { type ClusterConfig, readClusterConfig, writeDesired } from './cluster-config.ts';
import { cgroupRoot, contextName, nftTable } from './cluster-names.ts';
import { CONTROL_PLANE, nodeComponent, SIMULATED_NODES, stopComponent } from './component.ts';
import { removeKubeconfigEntry } from './kubeconfig-file.ts';
import { removeMachines } from './machines.ts';
import { nodeDirectories, removeNodeRuntime } from './node-runtime.ts';

/** Takes away what the node, whose process has ended, has left: containers, mounts, control groups. */
export async function removeNodeFromMachine(config: ClusterConfig, node: string): Promise<void> {
  await removeNodeRuntime({ config, clock: systemClock, log: silentLogger }, node);
  await systemMounter.unmount(nodeDirectories(config, node).kubelet);
  const cgroups = await openCgroups(cgroupRoot(config.name, node));
  await cgroups.removeAll({ clock: systemClock });
}

/** Resolves to whether there was a cluster. `progress` is told of each step. */
export async function deleteCluster(dataDir: string, progress: (step: string) => void): Promise<boolean> {
  const config = readClusterConfig(dataDir);
  if (!config) return false;
  writeDesired(dataDir, 'down');
  progress('Stopping the processes ...');
  await stopComponent(dataDir, SIMULATED_NODES);
  for (const { name: node } of config.nodes) await stopComponent(dataDir, nodeComponent(node));
  await stopComponent(dataDir, CONTROL_PLANE);
  for (const { name } of config.nodes) {
    progress(`Removing the containers of node ${name} ...`);
    await removeNodeFromMachine(config, name);
  }
  await removeMachines(config);
  if (config.nodes.length > 0) {
    progress('Removing the rules ...');
    await removeNodeNetwork({ table: nftTable(config.name), clusterPodCidr: config.podCidr });
  }
  progress('Removing the files ...');
  if (config.controlPlane === 'here') removeKubeconfigEntry(config.kubeconfig, contextName(config.name));
  await rm(dataDir, { recursive: true, force: true });
  return true;
}
