// Which objects of a resource a list or a watch is about.

import type { ObjectVersion } from './object-version.ts';

export interface Selection {
  /** Selections with the same id select the same objects. */
  readonly id: string;
  /** `''` for all namespaces, and for cluster-scoped kinds. */
  readonly namespace: string;
  /** The key of the one object that can match. */
  readonly key: string | undefined;
  /** A field that must have this value, by which watchers are found without asking each of them. */
  readonly field: SelectedField | undefined;
  /** Whether an object of the namespace matches; undefined when all of them do. */
  readonly test: ((version: ObjectVersion) => boolean) | undefined;
}

export interface SelectedField {
  readonly name: string;
  readonly value: string;
  valueOf(version: ObjectVersion): string;
}

/** The selection of everything in a namespace, or everywhere. */
export function everythingIn(namespace = ''): Selection {
  return { id: namespace, namespace, key: undefined, field: undefined, test: undefined };
}

export function selects(selection: Selection, version: ObjectVersion): boolean {
  const { namespace } = selection;
  if (namespace !== '' && !(version.key.startsWith(namespace) && version.key[namespace.length] === '/')) return false;
  return selection.test === undefined || selection.test(version);
}
