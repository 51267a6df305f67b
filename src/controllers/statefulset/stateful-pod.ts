// What makes a pod the member of a stateful set at an ordinal: its name, host name, labels and volumes. Upstream:
// pkg/controller/statefulset/stateful_set_utils.go.

import { StatefulSet } from '../../api/apps/stateful-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import type { InputOf } from '../../api/kind.ts';
import { POD_REVISION } from '../history/plan-history.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { claimNameOf } from './stateful-claim.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';
const MAX_ORDINAL = 0x7fffffff;

/** The set that a pod of this name would belong to, and its ordinal there. */
export function parsePodName(name: string): { readonly setName: string; readonly ordinal: number } | undefined {
  const match = /^(.*)-(0|[1-9]\d{0,9})$/.exec(name);
  const ordinal = Number(match?.[2]);
  return match?.[1] && ordinal <= MAX_ORDINAL ? { setName: match[1], ordinal } : undefined;
}

/** Undefined for a pod that is no member of the set. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const parsed = parsePodName(pod.metadata.name);
  return parsed?.setName === set.metadata.name ? parsed.ordinal : undefined;
}

export function startOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function replicasOf({ spec }: StatefulSet): number {
  return spec.replicas ?? 1;
}

export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const index = ordinal - startOrdinal(set);
  return index >= 0 && index < replicasOf(set);
}

/** The name of the revision that the pod was made of. */
export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[POD_REVISION] ?? '';
}

/** The pod of a revision's template at the ordinal. */
export function newStatefulPod(
  set: StatefulSet,
  ordinal: number,
  { revision, template }: { readonly revision: string; readonly template: PodTemplateSpec },
): InputOf<typeof Pod> {
  const pod = podFromTemplate(template, StatefulSet, set);
  const name = `${set.metadata.name}-${ordinal}`;
  const { serviceName } = set.spec;
  return {
    ...pod,
    metadata: { ...pod.metadata, name, labels: { ...labelsOf(name, pod.metadata?.labels), [POD_REVISION]: revision } },
    spec: {
      ...template.spec,
      volumes: volumesOf(set, ordinal, template.spec.volumes),
      hostname: name,
      ...(serviceName ? { subdomain: serviceName } : {}),
    },
  } as InputOf<typeof Pod>;
}

/** Whether the pod says who it is; an adopted one, or one that somebody has changed, may not. */
export function hasIdentity({ metadata }: Pod): boolean {
  return metadata.labels?.[POD_NAME] === metadata.name;
}

/** Whether the pod mounts the set's claims. */
export function hasStorage(set: StatefulSet, pod: Pod, ordinal: number): boolean {
  return (set.spec.volumeClaimTemplates ?? []).every((template) => {
    const volume = pod.spec.volumes?.find(({ name }) => name === template.metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimNameOf(set, template, ordinal);
  });
}

/** The pod with what it lacks of identity and storage. */
export function mendedPod(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  const labels = labelsOf(pod.metadata.name, pod.metadata.labels);
  const volumes = volumesOf(set, ordinal, pod.spec.volumes) as NonNullable<Pod['spec']['volumes']>;
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: { ...pod.spec, volumes } };
}

function labelsOf(podName: string, labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const ordinal = parsePodName(podName)?.ordinal ?? 0;
  return { ...labels, [POD_NAME]: podName, [POD_INDEX]: String(ordinal) };
}

/** A claim of the set takes the place of a volume of its name. */
function volumesOf(set: StatefulSet, ordinal: number, volumes: Pod['spec']['volumes']): unknown[] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  const own = templates.map((template) => ({
    name: template.metadata.name,
    persistentVolumeClaim: { claimName: claimNameOf(set, template, ordinal) },
  }));
  return [...own, ...(volumes ?? []).filter(({ name }) => own.every((claimed) => claimed.name !== name))];
}
