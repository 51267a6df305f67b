// What those who write pods and templates of pods are told of them: what is deprecated, has no effect or can hardly be
// meant. Upstream: pkg/api/pod/warnings.go, and WarningsOnCreate and WarningsOnUpdate in the strategies of pkg/registry.

import { Path } from '../field-error.ts';
import { ipWarnings } from '../ip-forms.ts';
import type { Affinity } from './affinity.ts';
import { containersWithPaths } from './container-paths.ts';
import { BYTE_RESOURCES, containerWarnings } from './container-warnings.ts';
import { nodeLabelWarning, nodePreferenceWarnings, nodeSelectorWarnings } from './node-label-warnings.ts';
import type { Pod } from './pod.ts';
import {
  APP_ARMOR_DEPRECATED,
  APP_ARMOR_PREFIX,
  SECCOMP_POD_ANNOTATION,
  SECCOMP_PREFIX,
} from './pod-annotations-validation.ts';
import { podHostnameWarnings, podNameWarnings } from './pod-name-warning.ts';
import type { PodSpec, PodTemplateSpec, TopologySpreadConstraint } from './pod-spec.ts';
import { fractionWarnings } from './resource-warnings.ts';
import { volumeWarnings } from './volume-warnings.ts';

/** Updates are made by programs, and often: there nobody would read it. */
export function podWarnings(pod: Pod, previous: Pod | undefined): readonly string[] {
  return previous ? [] : [...podHostnameWarnings(pod.metadata.name), ...partsWarnings(pod, Path.of())];
}

export function podStatusWarnings({ status: { podIPs = [], hostIPs = [] } }: Pod): readonly string[] {
  const ofEach = (addresses: readonly { readonly ip: string }[], field: string) =>
    addresses.flatMap(({ ip }, index) => ipWarnings(ip, Path.of('status', field).index(index).child('ip')));
  return [...ofEach(podIPs, 'podIPs'), ...ofEach(hostIPs, 'hostIPs')];
}

export function templateWarnings(template: PodTemplateSpec, at: Path): readonly string[] {
  return [...partsWarnings(template, at), ...appArmorWarnings(template, at.child('metadata', 'annotations'))];
}

interface Workload {
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly spec: { readonly template?: PodTemplateSpec };
}

/** For kinds that make pods: told to those who create them, and to those who change what they ask for. */
export function workloadWarnings(
  { metadata, spec }: Workload,
  previous: Pick<Workload, 'metadata'> | undefined,
): readonly string[] {
  if (!spec.template || (previous && metadata.generation === previous.metadata.generation)) return [];
  return templateWarnings(spec.template, Path.of('spec', 'template'));
}

/** The same, for kinds that name pods after themselves. */
export function replicatedWarnings(workload: Workload, previous: Workload | undefined): readonly string[] {
  const ofName = previous ? [] : podNameWarnings(workload.metadata.name);
  return [...ofName, ...workloadWarnings(workload, previous)];
}

/** What pods and templates have in common. */
type Parts = Pick<PodTemplateSpec, 'spec'> & { readonly metadata: Pick<PodTemplateSpec['metadata'], 'annotations'> };

function partsWarnings({ metadata, spec }: Parts, at: Path): readonly string[] {
  const specAt = at.child('spec');
  return [
    ...placementWarnings(spec, specAt),
    ...annotationWarnings(metadata.annotations ?? {}, spec, at.child('metadata', 'annotations')),
    ...volumeWarnings(spec.volumes ?? [], specAt.child('volumes')),
    ...nameWarnings(spec, specAt),
    ...fractionWarnings(spec.overhead, BYTE_RESOURCES, specAt.child('overhead')),
    ...containerWarnings(spec, specAt),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [
          `${specAt.child('terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
  ];
}

const NO_SELECTOR = 'a null labelSelector results in matching no pod';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function placementWarnings(spec: PodSpec, at: Path): readonly string[] {
  const ofLabels = Object.keys(spec.nodeSelector ?? {}).flatMap((key) => {
    const why = nodeLabelWarning(key);
    return why ? [`${at.child('nodeSelector').key(key)}: ${why}`] : [];
  });
  return [
    ...ofLabels,
    ...affinityWarnings(spec.affinity ?? {}, at.child('affinity')),
    ...spreadWarnings(spec.topologySpreadConstraints ?? [], at.child('topologySpreadConstraints')),
  ];
}

function affinityWarnings({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, at: Path): readonly string[] {
  const nodeAt = at.child('nodeAffinity');
  const required = nodeAffinity?.[REQUIRED];
  const ofNodes = [
    ...(required ? nodeSelectorWarnings(required, nodeAt.child(REQUIRED)) : []),
    ...(nodeAffinity?.[PREFERRED] ?? []).flatMap(({ preference }, index) =>
      nodePreferenceWarnings(preference, nodeAt.child(PREFERRED).index(index).child('preference')),
    ),
  ];
  const ofPods = Object.entries({ podAffinity, podAntiAffinity }).flatMap(([field, terms]) => {
    const preferred = terms?.[PREFERRED]?.map(({ podAffinityTerm }) => podAffinityTerm);
    return [
      ...nullSelectors(terms?.[REQUIRED], (index) => at.child(field, REQUIRED).index(index)),
      ...nullSelectors(preferred, (index) => at.child(field, PREFERRED).index(index).child('podAffinityTerm')),
    ];
  });
  return [...ofNodes, ...ofPods];
}

function spreadWarnings(constraints: readonly TopologySpreadConstraint[], at: Path): readonly string[] {
  const ofKeys = constraints.flatMap(({ topologyKey }, index) => {
    const why = nodeLabelWarning(topologyKey);
    return why ? [`${at.index(index).child('topologyKey')}: ${topologyKey} is ${why}`] : [];
  });
  return [...ofKeys, ...nullSelectors(constraints, (index) => at.index(index))];
}

function nullSelectors(
  terms: readonly { readonly labelSelector?: object }[] = [],
  pathOf: (index: number) => Path,
): readonly string[] {
  return terms.flatMap(({ labelSelector }, index) =>
    labelSelector ? [] : [`${pathOf(index).child('labelSelector')}: ${NO_SELECTOR}`],
  );
}

const USE_SYSCTLS = 'non-functional in v1.11+; use the "sysctls" field instead';
const USE_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const DEPRECATED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': USE_SYSCTLS,
  'security.alpha.kubernetes.io/unsafe-sysctls': USE_SYSCTLS,
};

type Annotations = Readonly<Record<string, string>>;

function annotationWarnings(annotations: Annotations, spec: PodSpec, at: Path): readonly string[] {
  const seccomp = [
    ...(spec.securityContext?.seccompProfile ? [] : [SECCOMP_POD_ANNOTATION]),
    ...containersWithPaths(spec, at).flatMap(({ container: { name, securityContext } }) =>
      securityContext?.seccompProfile ? [] : [SECCOMP_PREFIX + name],
    ),
  ].map((key) => [key, USE_SECCOMP] as const);
  return [...Object.entries(DEPRECATED_ANNOTATIONS), ...seccomp].flatMap(([key, why]) =>
    annotations[key] === undefined ? [] : [`${at.key(key)}: ${why}`],
  );
}

/** Of a pod it is said when the annotation is made a field: see app-armor-annotations.ts. */
function appArmorWarnings({ metadata, spec }: PodTemplateSpec, at: Path): readonly string[] {
  if (spec.securityContext?.appArmorProfile) return [];
  return containersWithPaths(spec, at).flatMap(({ container: { name, securityContext } }) => {
    const key = APP_ARMOR_PREFIX + name;
    if (securityContext?.appArmorProfile || metadata.annotations?.[key] === undefined) return [];
    return [`${at.key(key)}: ${APP_ARMOR_DEPRECATED}`];
  });
}

function nameWarnings({ hostAliases = [], imagePullSecrets = [], dnsConfig }: PodSpec, at: Path): readonly string[] {
  const aliasesAt = at.child('hostAliases');
  const secretsAt = at.child('imagePullSecrets');
  const ips = hostAliases.map(({ ip }) => ip);
  const secrets = imagePullSecrets.map(({ name = '' }) => name);
  const serversAt = at.child('dnsConfig', 'nameservers');
  return [
    ...repeated(ips).map((i) => `${aliasesAt.index(i).child('ip')}: duplicate ip ${JSON.stringify(ips[i])}`),
    ...repeated(secrets).map(
      (i) => `${secretsAt.index(i).child('name')}: duplicate name ${JSON.stringify(secrets[i])}`,
    ),
    ...secrets.flatMap((name, i) =>
      name === '' ? [`${secretsAt.index(i).child('name')}: invalid empty name ""`] : [],
    ),
    ...(dnsConfig?.nameservers ?? []).flatMap((server, i) => ipWarnings(server, serversAt.index(i))),
    ...ips.flatMap((ip, i) => ipWarnings(ip, aliasesAt.index(i).child('ip'))),
  ];
}

/** Where the values are that there has been one of before. */
function repeated(values: readonly string[]): readonly number[] {
  return [...values.keys()].filter((index) => values.indexOf(values[index] ?? '') < index);
}
