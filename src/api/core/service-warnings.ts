// What the authors of services are warned of: fields that are ignored or on their way out, and addresses in a form of
// their own. Upstream: GetWarningsForService in pkg/api/service, pkg/registry/core/service/strategy.go.

import { Path } from '../field-error.ts';
import { cidrWarnings, ipWarnings } from '../ip-forms.ts';
import type { Service, ServiceSpec } from './service.ts';
import { TOPOLOGY_HINTS, TOPOLOGY_MODE } from './service-validation.ts';

const SPEC = Path.of('spec');

export function serviceWarnings({ metadata, spec }: Service): readonly string[] {
  const { clusterIP = '', clusterIPs = [], externalIPs = [], loadBalancerIP, loadBalancerSourceRanges = [] } = spec;
  const hasHints = metadata.annotations?.[TOPOLOGY_HINTS] !== undefined;
  return [
    ...(hasHints ? [`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`] : []),
    ...(clusterIP !== '' && clusterIP !== 'None' ? warningsOfEach(clusterIPs, 'clusterIPs', ipWarnings) : []),
    ...headlessWarnings(spec),
    ...warningsOfEach(externalIPs, 'externalIPs', ipWarnings),
    ...(externalIPs.length > 0 && !isHeadless(spec) && spec.type !== 'ExternalName'
      ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']
      : []),
    ...(loadBalancerIP ? ipWarnings(loadBalancerIP, SPEC.child('loadBalancerIP')) : []),
    ...warningsOfEach(loadBalancerSourceRanges, 'loadBalancerSourceRanges', cidrWarnings),
    ...externalNameWarnings(spec),
    ...(spec.trafficDistribution === 'PreferClose'
      ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
      : []),
  ];
}

/** Upstream names the entry and not its field. */
export function serviceStatusWarnings({ status }: Service): readonly string[] {
  const at = Path.of('status', 'loadBalancer', 'ingress');
  return (status.loadBalancer.ingress ?? []).flatMap(({ ip }, index) => (ip ? ipWarnings(ip, at.index(index)) : []));
}

function warningsOfEach(
  values: readonly string[],
  field: keyof ServiceSpec,
  warningsOf: (value: string, at: Path) => readonly string[],
): readonly string[] {
  return values.flatMap((value, index) => warningsOf(value, SPEC.child(field).index(index)));
}

function headlessWarnings(spec: ServiceSpec): readonly string[] {
  if (!isHeadless(spec)) return [];
  return [
    ...(spec.loadBalancerIP ? ['spec.loadBalancerIP is ignored for headless services'] : []),
    ...(spec.externalIPs?.length ? ['spec.externalIPs is ignored for headless services'] : []),
    ...(spec.sessionAffinity === 'None' ? [] : ['spec.SessionAffinity is ignored for headless services']),
  ];
}

function externalNameWarnings({ type, externalName, externalIPs }: ServiceSpec): readonly string[] {
  if (type === 'ExternalName') {
    return externalIPs?.length ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : [];
  }
  return externalName ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : [];
}

function isHeadless({ type, clusterIP }: ServiceSpec): boolean {
  return type === 'ClusterIP' && clusterIP === 'None';
}
