// What a cluster's things are called on the machine, so that several clusters do not meet.

import { createHash } from 'node:crypto';
import { CLUSTER_DEFAULTS } from './cluster-config.ts';

/** The context, cluster and user of the kubeconfig: `t8s`, or `t8s-NAME`. */
export function contextName(cluster: string): string {
  return cluster === CLUSTER_DEFAULTS.name ? 't8s' : `t8s-${cluster}`;
}

/** nftables takes letters, digits and underscores. */
export function nftTable(cluster: string): string {
  return `t8s_${cluster.replaceAll('-', '_')}`;
}

/** The control group below which the node's pods have theirs. */
export function cgroupRoot(cluster: string, node: string): string {
  return `/t8s-${cluster}/${node}`;
}

/** The network namespace that a node is in, when it is not the machine itself. */
export function netNamespace(cluster: string, node: string): string {
  return `t8s-${cluster}-${node}`;
}

/** The bridge that joins the machine and its namespaces. */
export function bridgeName(cluster: string): string {
  return interfaceName(cluster);
}

/** The machine's end of a namespace's link. */
export function linkName(cluster: string, node: string): string {
  return interfaceName(`${cluster}/${node}`);
}

/** The table of the rules that give namespaces a way out; the nodes' own are in another. */
export function machinesTable(cluster: string): string {
  return `${nftTable(cluster)}_machines`;
}

/** Linux allows 15 characters, which names of clusters and nodes exceed. */
function interfaceName(what: string): string {
  return `t8s${createHash('sha256').update(what).digest('hex').slice(0, 10)}`;
}
