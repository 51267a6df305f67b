// How tables show things: ages, labels, selectors, and the columns that most kinds have. The columns of a kind are
// beside its declaration. Upstream: pkg/printers and k8s.io/apimachinery/pkg/util/duration.

import type { Container } from './core/container.ts';
import type { Column } from './kind.ts';
import { compileLabelSelector, formatLabelMatcher } from './label-selector.ts';
import type { LabelSelector } from './meta/label-selector.ts';
import { isStatusError } from './status-error.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A length of time in at most two units, coarser the longer it is: `119s`, `5m30s`, `3h5m`, `2d4h`, `400d`, `3y10d`. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / SECOND);
  // A little before now is the skew of clocks; further ahead is a mistake that should show.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (durationMs < 2 * MINUTE) return `${seconds}s`;
  if (durationMs < 10 * MINUTE) return twoUnits(durationMs, MINUTE, 'm', SECOND, 's');
  if (durationMs < 3 * HOUR) return `${Math.trunc(durationMs / MINUTE)}m`;
  if (durationMs < 8 * HOUR) return twoUnits(durationMs, HOUR, 'h', MINUTE, 'm');
  if (durationMs < 2 * DAY) return `${Math.trunc(durationMs / HOUR)}h`;
  if (durationMs < 8 * DAY) return twoUnits(durationMs, DAY, 'd', HOUR, 'h');
  if (durationMs < 2 * YEAR) return `${Math.trunc(durationMs / DAY)}d`;
  if (durationMs < 8 * YEAR) return twoUnits(durationMs, YEAR, 'y', DAY, 'd');
  return `${Math.trunc(durationMs / YEAR)}y`;
}

/** How long ago a timestamp (RFC 3339) was; `<unknown>` without one. */
export function ageOf(timestamp: string | null | undefined, nowMs: number): string {
  return timestamp ? humanDuration(nowMs - Date.parse(timestamp)) : '<unknown>';
}

/** A map as `a=1,b=2`, in the order of these texts. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.sort().join(','));
}

/** A selector in the notation of `kubectl get -l`; `<error>` for one that validation would refuse. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  try {
    return orNone(formatLabelMatcher(compileLabelSelector(selector)));
  } catch (error) {
    if (isStatusError(error, 'BadRequest')) return '<error>';
    throw error;
  }
}

/** The first `limit` of a list, and how many there are besides: `a,b,c + 2 more...`. */
export function formatFirst(list: readonly string[], limit: number): string {
  const shown = list.slice(0, limit).join(',');
  return list.length > limit ? `${shown} + ${list.length - limit} more...` : shown;
}

export function orNone(text: string | undefined): string {
  return text || '<none>';
}

export function orUnset(text: string | undefined): string {
  return text ?? '<unset>';
}

/** What all objects have, as far as columns need it. */
interface Named {
  readonly metadata: { readonly name: string; readonly creationTimestamp?: string };
}

export const nameColumn: Column<Named> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique among those of its kind in a namespace.',
  value: (object) => object.metadata.name,
};

export const ageColumn: Column<Named> = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  value: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs),
};

/** What upstream shows for kinds that have no columns of their own. */
export const createdAtColumn: Column<Named> = {
  name: 'Created At',
  type: 'date',
  description: 'Time at which the object was created.',
  value: (object) => object.metadata.creationTimestamp ?? '',
};

/** The containers and images of a pod template, for `-o wide`. */
export function templateColumns<Object>(
  containersOf: (object: Object) => readonly Container[] | undefined,
): Column<Object>[] {
  return [
    {
      name: 'Containers',
      type: 'string',
      priority: 1,
      description: 'Names of the containers in the template.',
      value: (object) => (containersOf(object) ?? []).map(({ name }) => name).join(','),
    },
    {
      name: 'Images',
      type: 'string',
      priority: 1,
      description: 'Images of the containers in the template.',
      value: (object) => (containersOf(object) ?? []).map(({ image }) => image ?? '').join(','),
    },
  ];
}

function twoUnits(durationMs: number, unit: number, name: string, smaller: number, smallerName: string): string {
  const rest = Math.trunc((durationMs % unit) / smaller);
  return `${Math.trunc(durationMs / unit)}${name}${rest === 0 ? '' : `${rest}${smallerName}`}`;
}
