// Which settings of the kernel a pod may change for itself: those that touch nobody else, and those that whoever runs the
// node allows besides. Upstream: pkg/kubelet/sysctl.

import type { Pod } from '../../api/core/pod.ts';

/** Every one of them belongs to a namespace that pods have of their own. */
export const SAFE_SYSCTLS: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];

/** A list of allowed sysctls that cannot be meant: it names one that belongs to the whole machine. */
export class SysctlListError extends Error {
  override readonly name = 'SysctlListError';
}

type Namespace = 'ipc' | 'net';

/** Throws SysctlListError. `allowed` are names, or beginnings of names that end with `*`. */
export function checkAllowedSysctls(allowed: readonly string[]): void {
  for (const pattern of allowed) {
    if (namespaceOf(dotted(pattern).replace(/\*$/, '')) === undefined) {
      throw new SysctlListError(`the sysctls "${pattern}" are not known to be namespaced`);
    }
  }
}

/** Why the pod may not have the sysctls that it asks for; undefined when it may. */
export function sysctlRefusal({ spec }: Pod, allowed: readonly string[]): string | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const sysctl = dotted(name);
    const pattern = [...SAFE_SYSCTLS, ...allowed.map(dotted)].find((candidate) => matches(candidate, sysctl));
    if (pattern === undefined) return `forbidden sysctl: "${sysctl}" not allowlisted`;
    const namespace = namespaceOf(pattern.replace(/\*$/, ''));
    const isHosts = (namespace === 'ipc' && spec.hostIPC) || (namespace === 'net' && spec.hostNetwork);
    if (isHosts) return `forbidden sysctl: "${sysctl}" not allowed with host ${namespace} enabled`;
  }
  return undefined;
}

/** The kernel takes slashes as well, which runc does not: `net/ipv4/conf/eth0.1/x` is `net.ipv4.conf.eth0/1.x`. */
export function dotted(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '/') return name;
  return name.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'));
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function namespaceOf(name: string): Namespace | undefined {
  if (name.startsWith('net.')) return 'net';
  const isIpc =
    name.startsWith('kernel.shm') ||
    name.startsWith('kernel.msg') ||
    name.startsWith('fs.mqueue.') ||
    name === 'kernel.sem';
  return isIpc ? 'ipc' : undefined;
}
