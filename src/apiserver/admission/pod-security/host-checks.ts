// Checks of what a pod takes of its node: namespaces, ports, paths, privileges, and where probes of it are sent.

import type { Lifecycle, ProbeHandler } from '../../../api/core/probe.ts';
import { type Check, containersOf, containersWhose, counted, distinct, named, setters } from './check.ts';

export const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check({ spec }) {
        const shared = (['hostIPC', 'hostNetwork', 'hostPID'] as const).filter((field) => spec[field]);
        return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.join(', ') };
      },
    },
  ],
};

export const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check({ spec }) {
        const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
        return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', names) };
      },
    },
  ],
};

export const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const all = containersOf(pod).map(({ name, ports = [] }) => ({
          name,
          taken: ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)])),
        }));
        const bad = all.filter(({ taken }) => taken.length > 0).map(({ name }) => name);
        if (bad.length === 0) return undefined;
        const ports = distinct(all.flatMap(({ taken }) => taken));
        const what = `${counted('hostPort', ports)} ${ports.join(', ')}`;
        return { reason: 'hostPort', detail: `${named('container', bad)} ${counted('uses', bad, 'use')} ${what}` };
      },
    },
  ],
};

const HOST = 'probe or lifecycle host';

export const hostProbesAndHostLifecycle: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [
    {
      since: 34,
      check(pod) {
        const all = containersOf(pod).map((container) => ({ name: container.name, hosts: otherHosts(container) }));
        const bad = distinct(all.filter(({ hosts }) => hosts.length > 0).map(({ name }) => name));
        if (bad.length === 0) return undefined;
        const hosts = named(HOST, distinct(all.flatMap((container) => container.hosts)));
        return { reason: HOST, detail: `${named('container', bad)} ${counted('uses', bad, 'use')} ${hosts}` };
      },
    },
  ],
};

interface Probed {
  readonly livenessProbe?: ProbeHandler;
  readonly readinessProbe?: ProbeHandler;
  readonly startupProbe?: ProbeHandler;
  readonly lifecycle?: Lifecycle;
}

/** Hosts besides the pod itself that the node is to call for the container. */
function otherHosts({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Probed): readonly string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers
    .flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
    .filter((host): host is string => host !== undefined && host !== '');
}

export const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const bad = containersWhose(pod, (context) => context.privileged === true);
        if (bad.length === 0) return undefined;
        const detail = `${named('container', bad)} must not set securityContext.privileged=true`;
        return { reason: 'privileged', detail };
      },
    },
  ],
};

export const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const who = setters(
          pod.spec.securityContext?.windowsOptions?.hostProcess === true,
          containersWhose(pod, ({ windowsOptions }) => windowsOptions?.hostProcess === true),
        );
        if (who === '') return undefined;
        const detail = `${who} must not set securityContext.windowsOptions.hostProcess=true`;
        return { reason: 'hostProcess', detail };
      },
    },
  ],
};

/** Upstream's lists of what is safe, and the version that has brought each. */
const SAFE_SYSCTLS: readonly [since: number, names: readonly string[]][] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

export const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  versions: SAFE_SYSCTLS.map(([since], index) => {
    const safe = new Set(SAFE_SYSCTLS.slice(0, index + 1).flatMap(([, names]) => names));
    return {
      since,
      check({ spec }) {
        const unsafe = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.has(name));
        return unsafe.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: unsafe.join(', ') };
      },
    };
  }),
};
