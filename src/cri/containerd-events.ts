// The ends of containers' processes as containerd itself tells them, on the same socket as CRI and in every version: from
// its event service, which CRI's own events (containerd 1.7 and later) are made from. Numbers and names:
// containerd/api/services/events/v1, api/events/task.proto, api/types/event.proto.

import { decode, list, message, type Received } from './message.ts';

const subscribeRequest = message({ filters: [1, list('string')] });

/** `event` is an Any: the name of a message and its bytes. */
const envelope = message({
  namespace: [2, 'string'],
  topic: [3, 'string'],
  event: [4, message({ typeUrl: [1, 'string'], value: [2, 'bytes'] })],
});

/** `id` is the container's own for its first process, another one for an exec. */
const taskExit = message({ containerId: [1, 'string'], id: [2, 'string'], exitStatus: [4, 'uint32'] });

export const TASK_EXITS = {
  method: '/containerd.services.events.v1.Events/Subscribe',
  request: subscribeRequest,
  response: envelope,
} as const;

/** CRI keeps its containers in this namespace. */
export const TASK_EXIT_FILTERS = { filters: ['namespace==k8s.io,topic=="/tasks/exit"'] } as const;

/** The id of the container, or of the sandbox, whose first process has ended; undefined for anything else. */
export function endedTask({ topic, event }: Received<typeof envelope>): string | undefined {
  if (topic !== '/tasks/exit' || !event) return undefined;
  const { containerId, id } = decode(taskExit, event.value);
  return id === '' || id === containerId ? containerId : undefined;
}
