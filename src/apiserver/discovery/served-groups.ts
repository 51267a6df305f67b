// What is served, by group and version. Groups come and go while the server runs; what has not changed stays the same
// object, so that whatever was made of it can be kept with it.

import type { Kind } from '../../api/kind.ts';

export interface ServedVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
}

export interface ServedGroup {
  /** `''` for the core group. */
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly ServedVersion[];
}

/** Groups in the order of discovery; another array whenever anything has changed, and only then. */
export type ServedGroups = () => readonly ServedGroup[];

/** `kinds`: in the order of discovery; another array whenever one comes, goes or changes. */
export function servedGroups(kinds: () => readonly Kind[]): ServedGroups {
  let known: readonly Kind[] = [];
  let groups: readonly ServedGroup[] = [];
  return () => {
    const now = kinds();
    if (now !== known) groups = regrouped(now, groups);
    known = now;
    return groups;
  };
}

function regrouped(kinds: readonly Kind[], before: readonly ServedGroup[]): readonly ServedGroup[] {
  return [...Map.groupBy(kinds, ({ group }) => group)].map(([name, ofGroup]) => {
    const old = before.find((group) => group.name === name);
    const versions = [...Map.groupBy(ofGroup, ({ version }) => version)].map(([version, ofVersion]): ServedVersion => {
      const same = old?.versions.find((one) => one.version === version && isSame(one.kinds, ofVersion));
      return same ?? { group: name, version, kinds: ofVersion };
    });
    return old && isSame(old.versions, versions) ? old : { name, versions };
  });
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

/** `v1`, `apps/v1`. */
export function groupVersionOf({ group, version }: ServedVersion): string {
  return group === '' ? version : `${group}/${version}`;
}
