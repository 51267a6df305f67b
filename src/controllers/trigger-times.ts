// When the change happened that endpoints are written for: an annotation from which it is measured how long a change takes
// to reach the rules of services. Upstream: TriggerTimeTracker in staging/src/k8s.io/endpointslice/util.

import type { Pod } from '../api/core/pod.ts';
import type { Service } from '../api/core/service.ts';
import { formatTime, timeToMs } from '../api/time.ts';
import { keyOf, type ObjectKey } from '../client/object-key.ts';
import { podCondition } from './pod-state.ts';

export const LAST_CHANGE_TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

type Annotations = Readonly<Record<string, string>>;

/** The annotations with the time, or without it when it is not known. */
export function withTriggerTime(annotations: Annotations, time: string | undefined): Annotations {
  const { [LAST_CHANGE_TRIGGER_TIME]: _before, ...others } = annotations;
  return time === undefined ? others : { ...others, [LAST_CHANGE_TRIGGER_TIME]: time };
}

interface Seen {
  readonly serviceMs: number;
  readonly podMs: ReadonlyMap<string, number>;
}

/** Remembers what each service was last looked at with. */
export class TriggerTimes {
  readonly #seen = new Map<ObjectKey, Seen>();

  /** The earliest change since the last look; of a service that was not looked at yet, its creation. */
  next(service: Service, pods: readonly Pod[]): string | undefined {
    const key = keyOf(service.metadata);
    const before = this.#seen.get(key);
    const serviceMs = timeToMs(service.metadata.creationTimestamp);
    const podMs = new Map(pods.flatMap((pod) => readinessMs(pod).map((ms) => [pod.metadata.name, ms] as const)));
    this.#seen.set(key, { serviceMs, podMs });
    if (!before) return formatTime(serviceMs);
    const changes = [...podMs].filter(([name, ms]) => ms > (before.podMs.get(name) ?? 0)).map(([, ms]) => ms);
    if (serviceMs > before.serviceMs) changes.push(serviceMs);
    return changes.length > 0 ? formatTime(Math.min(...changes)) : undefined;
  }

  forget(key: ObjectKey): void {
    this.#seen.delete(key);
  }
}

/** When its readiness last changed, if that is known. */
function readinessMs(pod: Pod): readonly number[] {
  const { lastTransitionTime } = podCondition(pod, 'Ready') ?? {};
  return lastTransitionTime ? [timeToMs(lastTransitionTime)] : [];
}
