// /etc/hosts of a pod. Upstream: ensureHostsFile in pkg/kubelet/kubelet_pods.go; the first line is one that programs look for.

import { readFile } from 'node:fs/promises';
import type { Pod } from '../api/core/pod.ts';
import { podFqdn, shortHostname } from './sandbox-config.ts';

const MANAGED = '# Kubernetes-managed hosts file.\n';
const MANAGED_HOST_NETWORK = '# Kubernetes-managed hosts file (host network).\n';

export async function hostsFile(pod: Pod, podIps: readonly string[], clusterDomain: string): Promise<string> {
  const aliases = (pod.spec.hostAliases ?? [])
    .map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`)
    .join('');
  const added = aliases === '' ? '' : `\n# Entries added by HostAliases.\n${aliases}`;
  if (pod.spec.hostNetwork === true) {
    const own = await readFile('/etc/hosts', 'utf8').catch(() => '127.0.0.1\tlocalhost\n');
    return MANAGED_HOST_NETWORK + own + added;
  }
  const names = [podFqdn(pod, clusterDomain), shortHostname(pod)].filter((name) => name !== undefined);
  const lines = podIps.map((ip) => `${ip}\t${[...new Set(names)].join('\t')}\n`);
  return `${MANAGED}127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
fe00::\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
${lines.join('')}${added}`;
}
