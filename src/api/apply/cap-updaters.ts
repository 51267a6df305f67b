// How many updaters an object remembers: of more than that, the oldest of each version become one. Upstream:
// apimachinery's util/managedfields/internal/capmanagers.go.

import { union } from './field-set.ts';
import { identifierOf, type Manager, type Managers, managerEntry, secondsOf } from './managers.ts';

const MAX_UPDATERS = 10;
const OLDEST = 'ancient-changes';

export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update');
  if (updaters.length <= MAX_UPDATERS) return managers;
  updaters.sort(([a, first], [b, second]) => secondsOf(first) - secondsOf(second) || (a < b ? -1 : 1));
  const left = new Map(managers);
  const firstOf = new Map<string, string>();
  let tooMany = updaters.length - MAX_UPDATERS;
  for (const [identifier, updater] of updaters) {
    if (tooMany === 0) break;
    const bucket = bucketOf(updater);
    const first = firstOf.get(updater.apiVersion);
    if (first === undefined) firstOf.set(updater.apiVersion, identifier);
    else if (identifier !== bucket) {
      const older = left.get(bucket) ?? (left.get(first) as Manager);
      if (!left.has(bucket)) left.delete(first);
      left.delete(identifier);
      left.set(bucket, bucketEntry(updater, older));
      tooMany--;
    }
  }
  return left;
}

function bucketOf({ apiVersion }: Manager): string {
  return identifierOf({ manager: OLDEST, operation: 'Update', apiVersion });
}

/** Has the time of what came to it last. */
function bucketEntry({ apiVersion, time, fieldsV1 }: Manager, older: Manager): Manager {
  const bucket = { manager: OLDEST, operation: 'Update', apiVersion, ...(time ? { time } : {}) } as const;
  return managerEntry(bucket, union(older.fieldsV1, fieldsV1));
}
