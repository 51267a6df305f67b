// Events about pods, told to the API as those of the pod or of one of its containers, and about the node.

import type { Pod } from '../api/core/pod.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { EventType, PodEvents } from './pod-parts.ts';

export interface NodeEvents {
  node(type: EventType, reason: string, message: string): void;
}

/** Nodes' events go by the name in place of the uid, as upstream's do. */
export function nodeEvents(recorder: EventRecorder, name: string): NodeEvents {
  const subject = { kind: 'Node', apiVersion: 'v1', name, uid: name };
  return { node: (type, reason, message) => recorder.event(subject, type, reason, message) };
}

export function podEvents(recorder: EventRecorder): PodEvents {
  return {
    pod: (pod, type, reason, message, annotations) =>
      recorder.event(reference(pod), type, reason, message, annotations ? { annotations } : {}),
    container: (pod, container, type, reason, message) =>
      recorder.event(reference(pod, fieldPath(pod, container)), type, reason, message),
  };
}

function fieldPath({ spec }: Pod, container: string): string {
  const isInit = spec.initContainers?.some(({ name }) => name === container);
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`;
}

function reference({ metadata }: Pod, path?: string) {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    ...{ namespace, name, uid, resourceVersion },
    ...(path === undefined ? {} : { fieldPath: path }),
  };
}
