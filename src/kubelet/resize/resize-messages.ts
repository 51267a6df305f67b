// How resizes are told in events: in upstream's words, which tools read. Upstream: pkg/kubelet/events.

import type { Container } from '../../api/core/container.ts';
import type { ResourceRequirements } from '../../api/core/container-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';

export function resizeStarted(pod: Pod): string {
  return `Pod resize started: ${summary(pod)}`;
}

export function resizeCompleted(pod: Pod): string {
  return `Pod resize completed: ${summary(pod)}`;
}

export function resizePending(pod: Pod, reason: string, why: string): string {
  return `Pod resize ${reason}: ${summary(pod, why)}`;
}

export function resizeFailed(pod: Pod, why: string): string {
  return `Pod resize error: ${summary(pod, why)}`;
}

function summary({ metadata, spec }: Pod, error?: string): string {
  const init = (spec.initContainers ?? []).filter(isSidecar).map(ofContainer);
  return JSON.stringify({
    ...(init.length > 0 ? { initContainers: init } : {}),
    containers: spec.containers.map(ofContainer),
    generation: metadata.generation ?? 0,
    ...(error === undefined ? {} : { error }),
  });
}

function ofContainer({ name, resources }: Container) {
  return { name, resources: cpuAndMemory(resources) };
}

function cpuAndMemory({ limits, requests }: ResourceRequirements) {
  const pick = (list: ResourceRequirements['limits'] = {}) =>
    Object.fromEntries(['cpu', 'memory'].flatMap((name) => (list[name] === undefined ? [] : [[name, list[name]]])));
  return { ...(limits ? { limits: pick(limits) } : {}), ...(requests ? { requests: pick(requests) } : {}) };
}
