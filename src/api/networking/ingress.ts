// Ingress.

import { Protocol } from '../core/container.ts';
import { TypedLocalObjectReference } from '../core/references.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, orNone } from '../printing.ts';
import { inline, int32, list, message, type Read, string, struct } from '../schema.ts';
import { validateIngress, validateIngressCreate, validateIngressStatusUpdate } from './ingress-validation.ts';
import { ingressStatusWarnings, ingressWarnings } from './ingress-warnings.ts';

export const ServiceBackendPort = struct(
  'networking.k8s.io/v1.ServiceBackendPort',
  {
    name: string(1),
    number: int32(2),
  },
  { atomic: true },
);
export type ServiceBackendPort = Read<typeof ServiceBackendPort>;

export const IngressServiceBackend = struct('networking.k8s.io/v1.IngressServiceBackend', {
  name: string(1, { required: true }),
  port: message(2, ServiceBackendPort),
});
export type IngressServiceBackend = Read<typeof IngressServiceBackend>;

export const IngressBackend = struct('networking.k8s.io/v1.IngressBackend', {
  service: message(4, IngressServiceBackend, { optional: true }),
  resource: message(3, TypedLocalObjectReference, { optional: true }),
});
export type IngressBackend = Read<typeof IngressBackend>;

export const IngressTLS = struct('networking.k8s.io/v1.IngressTLS', {
  hosts: list(1, 'string', { list: 'atomic' }),
  secretName: string(2),
});
export type IngressTLS = Read<typeof IngressTLS>;

export const PathType = ['Exact', 'Prefix', 'ImplementationSpecific'] as const;
export type PathType = (typeof PathType)[number];

export const HTTPIngressPath = struct('networking.k8s.io/v1.HTTPIngressPath', {
  path: string(1),
  pathType: string(3, { required: true, optional: true, enum: PathType }),
  backend: message(2, IngressBackend, { required: true }),
});
export type HTTPIngressPath = Read<typeof HTTPIngressPath>;

export const HTTPIngressRuleValue = struct('networking.k8s.io/v1.HTTPIngressRuleValue', {
  paths: list(1, HTTPIngressPath, { required: true, list: 'atomic' }),
});
export type HTTPIngressRuleValue = Read<typeof HTTPIngressRuleValue>;

export const IngressRuleValue = struct('networking.k8s.io/v1.IngressRuleValue', {
  http: message(1, HTTPIngressRuleValue, { optional: true }),
});
export type IngressRuleValue = Read<typeof IngressRuleValue>;

export const IngressRule = struct('networking.k8s.io/v1.IngressRule', {
  host: string(1),
  ingressRuleValue: inline(2, IngressRuleValue, { omit: 'never' }),
});
export type IngressRule = Read<typeof IngressRule>;

export const IngressSpec = struct('networking.k8s.io/v1.IngressSpec', {
  ingressClassName: string(4, { optional: true }),
  defaultBackend: message(1, IngressBackend, { optional: true }),
  tls: list(2, IngressTLS, { list: 'atomic' }),
  rules: list(3, IngressRule, { list: 'atomic' }),
});
export type IngressSpec = Read<typeof IngressSpec>;

export const IngressPortStatus = struct('networking.k8s.io/v1.IngressPortStatus', {
  port: int32(1, { required: true }),
  protocol: string(2, { required: true, enum: Protocol }),
  error: string(3, { optional: true }),
});
export type IngressPortStatus = Read<typeof IngressPortStatus>;

export const IngressLoadBalancerIngress = struct('networking.k8s.io/v1.IngressLoadBalancerIngress', {
  ip: string(1),
  hostname: string(2),
  ports: list(4, IngressPortStatus, { list: 'atomic' }),
});
export type IngressLoadBalancerIngress = Read<typeof IngressLoadBalancerIngress>;

export const IngressLoadBalancerStatus = struct('networking.k8s.io/v1.IngressLoadBalancerStatus', {
  ingress: list(1, IngressLoadBalancerIngress, { list: 'atomic' }),
});
export type IngressLoadBalancerStatus = Read<typeof IngressLoadBalancerStatus>;

export const IngressStatus = struct('networking.k8s.io/v1.IngressStatus', {
  loadBalancer: message(1, IngressLoadBalancerStatus),
});
export type IngressStatus = Read<typeof IngressStatus>;

const schema = struct('networking.k8s.io/v1.Ingress', {
  metadata: message(1, ObjectMeta),
  spec: message(2, IngressSpec),
  status: message(3, IngressStatus),
});
export type Ingress = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Ingress = kind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  scope: 'Namespaced',
  shortNames: ['ing'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Class',
      type: 'string',
      description: 'The class that handles the ingress.',
      value: ({ spec }) => orNone(spec.ingressClassName),
    },
    {
      name: 'Hosts',
      type: 'string',
      description: 'Names that requests are for.',
      value: ({ spec }) => formatHosts(spec.rules ?? []),
    },
    {
      name: 'Address',
      type: 'string',
      description: 'Where the ingress is reached.',
      value: ({ status }) => formatAddresses(status.loadBalancer),
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'Ports that the ingress is reached on.',
      value: ({ spec }) => (spec.tls?.length ? '80, 443' : '80'),
    },
    ageColumn,
  ],
  validate: validateIngress,
  validateCreate: validateIngressCreate,
  validateStatusUpdate: validateIngressStatusUpdate,
  warnings: ingressWarnings,
  statusWarnings: ingressStatusWarnings,
});

const MAX_SHOWN = 3;

function formatHosts(rules: readonly IngressRule[]): string {
  const hosts = rules.slice(0, MAX_SHOWN).flatMap(({ host }) => host || []);
  if (hosts.length === 0) return '*';
  return hosts.join(',') + (rules.length > MAX_SHOWN ? ` + ${rules.length - MAX_SHOWN} more...` : '');
}

function formatAddresses({ ingress }: IngressLoadBalancerStatus): string {
  const addresses = (ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
  return [...new Set(addresses.sort())].join(',');
}
