// Service.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { Condition } from '../meta/condition.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, int32, intOrString, list, map, message, type Read, string, struct } from '../schema.ts';
import { Protocol } from './container.ts';
import { validateServiceUpdate } from './service-address-validation.ts';
import { serviceColumns } from './service-columns.ts';
import { defaultService } from './service-defaults.ts';
import { prepareServiceForCreate, prepareServiceForUpdate } from './service-strategy.ts';
import { validateService, validateServiceStatusUpdate } from './service-validation.ts';
import { serviceStatusWarnings, serviceWarnings } from './service-warnings.ts';

export const ClientIPConfig = struct('core/v1.ClientIPConfig', {
  timeoutSeconds: int32(1, { optional: true }),
});
export type ClientIPConfig = Read<typeof ClientIPConfig>;

export const SessionAffinityConfig = struct('core/v1.SessionAffinityConfig', {
  clientIP: message(1, ClientIPConfig, { optional: true }),
});
export type SessionAffinityConfig = Read<typeof SessionAffinityConfig>;

export const PortStatus = struct('core/v1.PortStatus', {
  port: int32(1, { required: true }),
  protocol: string(2, { required: true, enum: Protocol }),
  error: string(3, { optional: true }),
});
export type PortStatus = Read<typeof PortStatus>;

export const LoadBalancerIngress = struct('core/v1.LoadBalancerIngress', {
  ip: string(1),
  hostname: string(2),
  ipMode: string(3, { optional: true }),
  ports: list(4, PortStatus, { list: 'atomic' }),
});
export type LoadBalancerIngress = Read<typeof LoadBalancerIngress>;

export const LoadBalancerStatus = struct('core/v1.LoadBalancerStatus', {
  ingress: list(1, LoadBalancerIngress, { list: 'atomic' }),
});
export type LoadBalancerStatus = Read<typeof LoadBalancerStatus>;

export const ServiceStatus = struct('core/v1.ServiceStatus', {
  loadBalancer: message(1, LoadBalancerStatus),
  conditions: list(2, Condition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type ServiceStatus = Read<typeof ServiceStatus>;

export const ServicePort = struct('core/v1.ServicePort', {
  name: string(1),
  protocol: string(2, { default: 'TCP', enum: Protocol }),
  appProtocol: string(6, { optional: true }),
  port: int32(3, { required: true }),
  targetPort: intOrString(4),
  nodePort: int32(5),
});
export type ServicePort = Read<typeof ServicePort>;

export const ServiceType = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;
export type ServiceType = (typeof ServiceType)[number];

export const ServiceAffinity = ['ClientIP', 'None'] as const;
export type ServiceAffinity = (typeof ServiceAffinity)[number];

export const ServiceExternalTrafficPolicy = ['Cluster', 'Local'] as const;
export type ServiceExternalTrafficPolicy = (typeof ServiceExternalTrafficPolicy)[number];

export const IPFamily = ['IPv4', 'IPv6', ''] as const;
export type IPFamily = (typeof IPFamily)[number];

export const IPFamilyPolicy = ['SingleStack', 'PreferDualStack', 'RequireDualStack'] as const;
export type IPFamilyPolicy = (typeof IPFamilyPolicy)[number];

export const ServiceInternalTrafficPolicy = ['Cluster', 'Local'] as const;
export type ServiceInternalTrafficPolicy = (typeof ServiceInternalTrafficPolicy)[number];

export const ServiceSpec = struct('core/v1.ServiceSpec', {
  ports: list(1, ServicePort, { list: { keys: ['port', 'protocol'] }, merge: 'port' }),
  selector: map(2, 'string', { atomic: true }),
  clusterIP: string(3),
  clusterIPs: list(18, 'string', { list: 'atomic' }),
  type: string(4, { defaultsTo: 'ClusterIP', enum: ServiceType }),
  externalIPs: list(5, 'string', { list: 'atomic' }),
  sessionAffinity: string(7, { defaultsTo: 'None', enum: ServiceAffinity }),
  loadBalancerIP: string(8, { deprecated: true }),
  loadBalancerSourceRanges: list(9, 'string', { list: 'atomic' }),
  externalName: string(10),
  externalTrafficPolicy: string(11, { enum: ServiceExternalTrafficPolicy }),
  healthCheckNodePort: int32(12),
  publishNotReadyAddresses: bool(13),
  sessionAffinityConfig: message(14, SessionAffinityConfig, { optional: true }),
  ipFamilies: list(19, 'string', { enum: IPFamily, list: 'atomic' }),
  ipFamilyPolicy: string(17, { optional: true, enum: IPFamilyPolicy }),
  allocateLoadBalancerNodePorts: bool(20, { optional: true }),
  loadBalancerClass: string(21, { optional: true }),
  internalTrafficPolicy: string(22, { optional: true, enum: ServiceInternalTrafficPolicy }),
  trafficDistribution: string(23, { optional: true }),
});
export type ServiceSpec = Read<typeof ServiceSpec>;

export const ServiceProxyOptions = struct('core/v1.ServiceProxyOptions', {
  path: string(1),
});
export type ServiceProxyOptions = Read<typeof ServiceProxyOptions>;

const schema = struct('core/v1.Service', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ServiceSpec),
  status: message(3, ServiceStatus),
});
export type Service = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Service = kind({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  returnsDeleted: true,
  scope: 'Namespaced',
  createOnUpdate: true,
  shortNames: ['svc'],
  categories: ['all'],
  schema,
  subresources: {
    proxy: {
      type: 'connect',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      options: ServiceProxyOptions,
      kind: 'ServiceProxyOptions',
      pathSuffix: true,
      nameSaysPort: true,
    },
    status: { type: 'status' },
  },
  // RelaxedServiceNameValidation (KEP 5311) is on by default in v1.36: a name may begin with a digit.
  nameRule: 'dns1123Label',
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
  columns: serviceColumns,
  defaults: defaultService,
  prepareForCreate: prepareServiceForCreate,
  prepareForUpdate: prepareServiceForUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatusUpdate,
  warnings: serviceWarnings,
  statusWarnings: serviceStatusWarnings,
});
