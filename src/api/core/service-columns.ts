// What `kubectl get services` shows. Upstream: printService in pkg/printers/internalversion.

import type { Column } from '../kind.ts';
import { ageColumn, formatLabels, nameColumn, orNone } from '../printing.ts';
import type { Service } from './service.ts';

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  {
    name: 'Type',
    type: 'string',
    description: 'How the service is reached.',
    value: ({ spec }) => spec.type ?? '',
  },
  {
    name: 'Cluster-IP',
    type: 'string',
    description: 'Address of the service inside the cluster.',
    value: ({ spec }) => orNone(spec.clusterIPs?.[0]),
  },
  {
    name: 'External-IP',
    type: 'string',
    description: 'Addresses of the service outside the cluster, or the name that it stands for.',
    value: externalAddress,
  },
  {
    name: 'Port(s)',
    type: 'string',
    description: 'Ports of the service, each with its node port if it has one, and its protocol.',
    value: ({ spec }) => orNone(spec.ports?.map(formatPort).join(',')),
  },
  ageColumn,
  {
    name: 'Selector',
    type: 'string',
    priority: 1,
    description: 'Labels of the pods that the service sends traffic to.',
    value: ({ spec }) => formatLabels(spec.selector),
  },
];

function externalAddress({ spec, status }: Service): string {
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(spec.externalIPs?.join(','));
    case 'LoadBalancer': {
      const balanced = (status.loadBalancer.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
      const all = [...new Set(balanced.sort()), ...(spec.externalIPs ?? [])];
      return all.join(',') || '<pending>';
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

function formatPort({ port, nodePort, protocol }: NonNullable<Service['spec']['ports']>[number]): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}
