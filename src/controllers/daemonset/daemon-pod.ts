// The pod of a daemon set on one node: bound there by the scheduler, through an affinity to the node's name, and tolerant
// of the node's troubles. Upstream: pkg/controller/daemon/util/daemonset_util.go.

import type { ControllerRevision } from '../../api/apps/controller-revision.ts';
import { DaemonSet } from '../../api/apps/daemon-set.ts';
import { TEMPLATE_GENERATION_ANNOTATION } from '../../api/apps/template-generation.ts';
import type { NodeSelector } from '../../api/core/affinity.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { PodSpec } from '../../api/core/pod-spec.ts';
import type { Toleration } from '../../api/core/toleration.ts';
import type { InputOf } from '../../api/kind.ts';
import { timeToMs } from '../../api/time.ts';
import { POD_REVISION } from '../history/plan-history.ts';
import { podFromTemplate } from '../pod-from-template.ts';

/** The label by which pods were told apart before there were revisions; clients still read it. */
const TEMPLATE_GENERATION_LABEL = 'pod-template-generation';
const NODE_NAME_FIELD = 'metadata.name';

const forever = (key: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({ key, operator: 'Exists', effect });
const ALWAYS_TOLERATED: readonly Toleration[] = [
  forever('node.kubernetes.io/not-ready', 'NoExecute'),
  forever('node.kubernetes.io/unreachable', 'NoExecute'),
  forever('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  forever('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  forever('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  forever('node.kubernetes.io/unschedulable', 'NoSchedule'),
];
const TOLERATED_ON_HOST_NETWORK = forever('node.kubernetes.io/network-unavailable', 'NoSchedule');

/** The revision's hash, as pods carry it. */
export function hashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[POD_REVISION] ?? metadata.name;
}

export function newDaemonPod(daemonSet: DaemonSet, nodeName: string, hash: string): InputOf<typeof Pod> {
  const { template } = daemonSet.spec;
  const pod = podFromTemplate(template, DaemonSet, daemonSet);
  const generation = templateGeneration(daemonSet);
  const labels = {
    ...pod.metadata?.labels,
    ...(generation === undefined ? {} : { [TEMPLATE_GENERATION_LABEL]: generation }),
    [POD_REVISION]: hash,
  };
  const spec = {
    ...template.spec,
    affinity: affinityTo(template.spec.affinity, nodeName),
    tolerations: daemonTolerations(template.spec),
  };
  return { ...pod, metadata: { ...pod.metadata, labels }, spec } as InputOf<typeof Pod>;
}

/** The tolerations of the template and those of every daemon, which take the place of shorter ones. */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const always = hostNetwork ? [...ALWAYS_TOLERATED, TOLERATED_ON_HOST_NETWORK] : ALWAYS_TOLERATED;
  const kept = tolerations.map((given) => always.find((one) => isSameToleration(one, given)) ?? given);
  return [...kept, ...always.filter((one) => !kept.includes(one))];
}

/** The node that the pod is on, or is meant for; undefined for a pod that is meant for none in particular. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const named = matchFields.find(({ key, operator }) => key === NODE_NAME_FIELD && operator === 'In');
    if (named) return named.values?.length === 1 ? named.values[0] : undefined;
  }
  return undefined;
}

/** Whether the pod is of the daemon set's template. */
export function isUpdated({ metadata }: Pod, daemonSet: DaemonSet, hash: string): boolean {
  const { [POD_REVISION]: podHash, [TEMPLATE_GENERATION_LABEL]: podGeneration } = metadata.labels ?? {};
  if (podHash === hash) return true;
  return podGeneration !== undefined && podGeneration === templateGeneration(daemonSet);
}

/** The pod to keep first: on its node, then the older. */
export function bySeniority(a: Pod, b: Pod): number {
  const age = timeToMs(a.metadata.creationTimestamp) - timeToMs(b.metadata.creationTimestamp);
  return Number(!a.spec.nodeName) - Number(!b.spec.nodeName) || age || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** Whatever the required affinity said, this node satisfies it; what is preferred stays. */
function affinityTo(affinity: PodSpec['affinity'], nodeName: string): NonNullable<PodSpec['affinity']> {
  const required: NodeSelector = {
    nodeSelectorTerms: [{ matchFields: [{ key: NODE_NAME_FIELD, operator: 'In', values: [nodeName] }] }],
  };
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required },
  };
}

function templateGeneration({ metadata }: DaemonSet): string | undefined {
  const generation = metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION] ?? '';
  return /^\d+$/.test(generation) ? generation : undefined;
}

function isSameToleration(a: Toleration, b: Toleration): boolean {
  return a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '');
}
