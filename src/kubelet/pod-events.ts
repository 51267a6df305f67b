// Events about pods, told to the API as those of the pod or of one of its containers.

import type { Pod } from '../api/core/pod.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { PodEvents } from './pod-parts.ts';

export function podEvents(recorder: EventRecorder): PodEvents {
  return {
    pod: (pod, type, reason, message) => recorder.event(reference(pod), type, reason, message),
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
