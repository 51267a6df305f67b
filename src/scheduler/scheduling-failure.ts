// What becomes of a pod that could not be placed or bound: it goes back to the queue, and users are told why by an event
// and by the pod's PodScheduled condition. Upstream: handleSchedulingFailure.

import { isStatusError } from '../api/status-error.ts';
import { messageOf } from '../base/message-of.ts';
import { isRejection, type Status } from './framework.ts';
import { blame, type Diagnosis, fitMessage, newDiagnosis } from './node-statuses.ts';
import { type PodInfo, podInfoOf, podKey } from './pod-info.ts';
import { PluginError } from './profile.ts';
import type { QueuedPod } from './queued-pod.ts';
import type { SchedulingCore } from './scheduling-core.ts';

export interface Failure {
  /** As it stands in the condition: the pod was turned down, or something went wrong. */
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** Empty for an error: the pod is tried again after its backoff, whatever happens. */
  readonly unschedulablePlugins: Set<string>;
  readonly pendingPlugins: Set<string>;
  /** The node on which room is being made; `''` if there is none any more; undefined leaves it as it is. */
  readonly nominatedNodeName: string | undefined;
  readonly error?: unknown;
}

/** The limit of an event's note. */
const MAX_EVENT_MESSAGE = 1024;
const CUT_OFF = ' ...';

export function failureOf(error: unknown): Failure {
  return {
    reason: 'SchedulerError',
    message: messageOf(error),
    unschedulablePlugins: new Set(),
    pendingPlugins: new Set(),
    nominatedNodeName: '',
    error,
  };
}

/** No node was found. */
export function rejection(diagnosis: Diagnosis, nominatedNodeName: string | undefined): Failure {
  const { unschedulablePlugins, pendingPlugins } = diagnosis;
  const message = fitMessage(diagnosis);
  return { reason: 'Unschedulable', message, unschedulablePlugins, pendingPlugins, nominatedNodeName };
}

/** A node was found, and a plugin that looked at it again (reserve, permit) turned it down. */
export function turnedDownOn(nodeName: string, status: Status): Failure {
  if (!isRejection(status)) {
    return failureOf(new PluginError(status.plugin, 'Reserve or Permit', status.error ?? status.reasons.join(', ')));
  }
  const diagnosis = newDiagnosis(1);
  diagnosis.statuses.set(nodeName, status);
  blame(diagnosis, status);
  return rejection(diagnosis, '');
}

export function handleFailure(core: SchedulingCore, queued: QueuedPod, failure: Failure): void {
  const { queue, pods, events, statusWriter, log } = core;
  const { pod, uid } = queued.info;
  const latest = pods.get(pod.metadata);
  // It has gone, or it was bound after all though the answer was lost: it must not be scheduled again.
  if (latest?.metadata.uid !== uid || latest.spec.nodeName) {
    queue.done(uid);
    return;
  }

  queued.info = podInfoOf(latest);
  queued.unschedulablePlugins = failure.unschedulablePlugins;
  queued.pendingPlugins = failure.pendingPlugins;
  queue.putBack(queued);
  queue.nominations.set(queued.info, failure.nominatedNodeName ?? latest.status.nominatedNodeName ?? '');

  const { reason, message, nominatedNodeName, error } = failure;
  // That it was deleted meanwhile is no fault; the informers are about to show it.
  if (error === undefined || saysNotThere(error, pod))
    log.debug('a pod cannot be scheduled for now', { pod: podKey(pod), message });
  else log.error('scheduling a pod failed', { pod: podKey(pod), error });
  events.event(latest, 'Warning', 'FailedScheduling', shortened(message), { action: 'Scheduling' });
  statusWriter.write(latest, {
    condition: { status: 'False', reason, message },
    ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
  });
}

function saysNotThere(error: unknown, { metadata: { name } }: PodInfo['pod']): boolean {
  return isStatusError(error, 'NotFound') && error.details?.kind === 'pods' && error.details.name === name;
}

function shortened(message: string): string {
  if (message.length <= MAX_EVENT_MESSAGE) return message;
  return message.slice(0, MAX_EVENT_MESSAGE - CUT_OFF.length) + CUT_OFF;
}
