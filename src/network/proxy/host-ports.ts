// The host ports of pods: ports of the node that lead to a port of a pod on it. Pure.

import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import type { HostPort } from './nft-rules.ts';

/** Containers that have them for as long as the pod runs; in the network of the node a port is simply taken. */
function exposing({ spec }: Pod) {
  return spec.hostNetwork === true ? [] : [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
}

export function hasHostPorts(pod: Pod): boolean {
  return exposing(pod).some(({ ports }) => ports?.some(({ hostPort }) => hostPort));
}

/** None for a pod that has no address yet, or whose work is over. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const { podIP, phase } = pod.status;
  if (!podIP || phase === 'Succeeded' || phase === 'Failed') return [];
  return exposing(pod).flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostPort, hostIP, containerPort, protocol }) =>
      hostPort
        ? [
            {
              protocol: (protocol ?? 'TCP').toLowerCase() as HostPort['protocol'],
              hostPort,
              hostIp: hostIP === undefined || hostIP === '' || hostIP === '0.0.0.0' ? undefined : hostIP,
              podIp: podIP,
              containerPort,
            },
          ]
        : [],
    ),
  );
}
