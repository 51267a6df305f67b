// Which class objects are of that name none: the newest of those that are marked as default, so that another one takes
// over as soon as it is there.

import type { AnyObject } from './kind.ts';

export function newestOf<Class extends Pick<AnyObject, 'metadata'>>(classes: readonly Class[]): Class | undefined {
  return classes.toSorted(
    (a, b) => compare(createdAt(b), createdAt(a)) || compare(a.metadata.name, b.metadata.name),
  )[0];
}

function createdAt({ metadata }: Pick<AnyObject, 'metadata'>): string {
  return metadata.creationTimestamp;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
