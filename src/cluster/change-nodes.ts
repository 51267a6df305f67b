// t8s node add and t8s node remove: namespaces that stand for further machines, while the cluster runs.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { isStatusError } from '../api/status-error.ts';
import { systemClock } from '../base/clock.ts';
import type { Client } from '../client/client.ts';
import { type ClusterConfig, clusterPaths, nodeNamed, readDesired, writeClusterConfig } from './cluster-config.ts';
import { listNodes } from './cluster-status.ts';
import { logFileOf, nodeComponent, stopComponent } from './component.ts';
import { adminClient } from './component-client.ts';
import { removeNodeFromMachine } from './delete-cluster.ts';
import { ensureMachines, removeNamespace } from './machines.ts';
import { nodeDirectories } from './node-runtime.ts';
import { makeCertificates, nextNode, waitFor } from './start-cluster.ts';

/**
 * Adds a node, and waits until it is ready where the cluster is up. Resolves to its name. Throws where there cannot be
 * such a node.
 */
export async function addNode(
  config: ClusterConfig,
  { name, waitMs }: { readonly name: string | undefined; readonly waitMs: number },
  progress: (step: string) => void,
): Promise<string> {
  if (config.controlPlane === 'elsewhere') throw new Error('nodes are added on the machine of the control plane');
  if (config.nodes.length === 0) throw new Error('nodes can be added where the machine itself is a node, as root');
  if (config.containerRuntimeEndpoint !== undefined) {
    throw new Error('nodes cannot be added to a cluster whose container runtime is not its own');
  }
  const known = await listNodes(config).catch(() => []); // Down: then it has the nodes that it is configured with.
  if ([...known, ...config.nodes].some((node) => node.name === name))
    throw new Error(`there is a node ${name} already`);
  const node = nextNode(config, name);
  const next = { ...config, nodes: [...config.nodes, node] };
  makeCertificates(next);
  await ensureMachines(next);
  // The control plane, which watches this file, starts the node's agent.
  writeClusterConfig(next);
  if (readDesired(config.dataDir) === 'down') return node.name;
  progress(`Waiting for node ${node.name} to be ready ...`);
  const deadline = systemClock.elapsed() + waitMs;
  await waitFor(next, `node ${node.name} to be ready`, deadline, nodeComponent(node.name), async () => {
    const nodes = await listNodes(next).catch(() => []);
    return nodes.some((each) => each.name === node.name && each.ready);
  });
  return node.name;
}

/** Removes a node with everything on it. Its pods are deleted, so that their owners make others. */
export async function removeNode(config: ClusterConfig, name: string, progress: (step: string) => void): Promise<void> {
  const node = nodeNamed(config, name);
  if (node.place === 'machine') throw new Error(`${name} is this machine itself; t8s delete removes the cluster`);
  await using client = await adminClient(config, systemClock);
  await ignoreMissing(
    client.patch(Node, { name }, { type: 'merge', body: { spec: { unschedulable: true } } }), // Nothing new comes there.
  );
  writeClusterConfig({ ...config, nodes: config.nodes.filter((each) => each !== node) });
  progress(`Stopping the agent of node ${name} ...`);
  await stopComponent(config.dataDir, nodeComponent(name));
  await removeObjects(client, name);
  progress(`Removing the containers of node ${name} ...`);
  await removeNodeFromMachine(config, name);
  await removeNamespace(config, node);
  const { root, containerdRun } = nodeDirectories(config, name);
  const certificates = join(clusterPaths(config.dataDir).pki, 'nodes', name);
  for (const path of [root, containerdRun, certificates, logFileOf(config.dataDir, nodeComponent(name))]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** Nobody is left who could confirm that the pods have ended. */
async function removeObjects(client: Client, node: string): Promise<void> {
  await ignoreMissing(client.delete(Node, { name: node }));
  const { items } = await client.list(Pod, { fieldSelector: `spec.nodeName=${node}` });
  for (const { metadata } of items) {
    const ref = { name: metadata.name, namespace: metadata.namespace };
    await ignoreMissing(client.delete(Pod, ref, { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } }));
  }
}

async function ignoreMissing(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
