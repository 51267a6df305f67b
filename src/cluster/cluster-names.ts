// What a cluster's things are called on the machine, so that several clusters do not meet.

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
