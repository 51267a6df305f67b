// Between kinds that share their storage: the two groups that serve events, the two versions of the horizontal pod
// autoscaler. A kind that is stored as another says so with `storedAs`; what changes between them is here and in the
// conversions' own files. Upstream: pkg/apis/events/v1/conversion.go, pkg/apis/autoscaling/v1/conversion.go.

import { autoscalerToV1, autoscalerToV2 } from './autoscaling/convert-autoscaler.ts';
import { apiVersionOf, decodeRoot } from './decode-object.ts';
import { toCoreEvent, toEventsEvent } from './events/convert-event.ts';
import type { AnyDraft, AnyObject, Kind } from './kind.ts';

/** What an object of one kind is as another, before normal form: fields may be shared with the original. */
export type Conversion = (object: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** The object as an object of another kind, in normal form and sharing nothing. Throws `TypeError` where there is no way. */
export function convertObject(to: Kind, object: AnyObject | AnyDraft): AnyDraft {
  const target = apiVersionOf(to);
  if (object.apiVersion === target && object.kind === to.kind) return decodeRoot(to, object);
  const conversion = CONVERSIONS.get(`${object.kind} ${object.apiVersion} ${target}`);
  if (!conversion || object.kind !== to.kind) {
    throw new TypeError(`no conversion from ${object.apiVersion} ${object.kind} to ${target} ${to.kind}`);
  }
  return decodeRoot(to, conversion(object));
}

const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map([
  ['Event v1 events.k8s.io/v1', toEventsEvent],
  ['Event events.k8s.io/v1 v1', toCoreEvent],
  ['HorizontalPodAutoscaler autoscaling/v1 autoscaling/v2', autoscalerToV2],
  ['HorizontalPodAutoscaler autoscaling/v2 autoscaling/v1', autoscalerToV1],
]);
