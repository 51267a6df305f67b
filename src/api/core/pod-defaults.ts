// The defaults of pods that depend on other fields; the rest stands in the declarations. `defaultPodSpec` is for pods
// and for templates alike, `defaultPod` for pods alone, so that a template stays as its owner wrote it. Upstream:
// SetDefaults_PodSpec and SetDefaults_Pod in pkg/apis/core/v1.

import type { Draft } from '../schema.ts';
import type { Container } from './container.ts';
import type { ResourceRequirements } from './container-resources.ts';
import { parseImageReference } from './image-reference.ts';
import type { Pod } from './pod.ts';
import { aggregateContainers } from './pod-resources.ts';
import type { PodSpec } from './pod-spec.ts';
import { isHugePages, isOvercommitAllowed, isPodLevelResource } from './resource-names.ts';
import type { Volume } from './volume.ts';

export function defaultPodSpec(spec: Draft<PodSpec>): void {
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ]) {
    container.imagePullPolicy ||= pullPolicyOf(container.image ?? '');
  }
}

export function defaultPod(pod: Draft<Pod>): void {
  const { spec, status } = pod;
  // Clients that know of one address only; where both are given and differ, these are older and to be obeyed.
  if (status.podIP && status.podIP !== status.podIPs?.[0]?.ip) status.podIPs = [{ ip: status.podIP }];
  if (status.podIPs?.[0]) status.podIP = status.podIPs[0].ip;
  defaultPodSpec(spec);
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  for (const { resources } of containers) requestLimits(resources);
  if (spec.resources) completeResources(spec, spec.resources);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) for (const container of containers) exposeOnHost(container);
}

function defaultVolume(volume: Draft<Volume>): void {
  const { name: _, ...source } = volume;
  if (Object.values(source).every((value) => value === undefined)) volume.emptyDir = {};
  if (volume.image) volume.image.pullPolicy ||= pullPolicyOf(volume.image.reference ?? '');
}

/** What may change under its name is looked for each time. */
function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  return parseImageReference(image)?.tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function requestLimits(resources: Draft<ResourceRequirements>): void {
  if (resources.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

/** What a pod does not say of its resources as a whole follows from its containers. Upstream: KEP-2837. */
function completeResources(spec: Draft<PodSpec>, resources: Draft<ResourceRequirements>): void {
  const hugePages = Object.entries(aggregateContainers(spec, 'limits')).filter(([name]) => isHugePages(name));
  const limits = { ...Object.fromEntries(hugePages), ...resources.limits };
  if (Object.keys(limits).length === 0) return;
  resources.limits = limits;
  const ofContainers = Object.entries(aggregateContainers(spec, 'requests')).filter(([name]) =>
    isOvercommitAllowed(name),
  );
  const requests = Object.entries({ ...limits, ...Object.fromEntries(ofContainers) });
  resources.requests = {
    ...Object.fromEntries(requests.filter(([name]) => isPodLevelResource(name))),
    ...resources.requests,
  };
}

function exposeOnHost(container: Draft<Container>): void {
  for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}
