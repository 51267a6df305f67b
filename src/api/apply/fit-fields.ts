// Sets that were written when lists, maps or structs merged that are replaced whole by now: who owned something in them
// owns them. The other way round nothing needs to be done. Upstream: structured-merge-diff's typed/reconcile_schema.go.

import { elementsOf, type FieldSet, isEmpty, isMemberNode, NO_FIELDS, type Nodes, nodeOf } from './field-set.ts';
import { type MergeType, type StructType, typeAt } from './merge-type.ts';

const FITTING = new WeakMap<StructType, WeakSet<FieldSet>>();

/** The set as it would be under the type. Sets are looked at once: objects hand them on from version to version. */
export function fitFields(type: StructType, fields: FieldSet): FieldSet {
  let known = FITTING.get(type);
  if (!known) {
    known = new WeakSet();
    FITTING.set(type, known);
  }
  if (known.has(fields)) return fields;
  const fitting = fitted(type, fields, false);
  known.add(fitting);
  return fitting;
}

function fitted(type: MergeType | undefined, node: FieldSet, isMember: boolean): FieldSet {
  if (!type || type.kind === 'deduced' || isEmpty(node)) return node;
  if (type.kind === 'untyped' || ('isAtomic' in type && type.isAtomic)) return NO_FIELDS;
  let isChanged = false;
  const children: Nodes = new Map();
  for (const element of elementsOf(node)) {
    const child = node[element] as FieldSet;
    const fit = fitted(typeAt(type, element), child, isMemberNode(child));
    if (fit !== child) isChanged = true;
    children.set(element, fit);
  }
  return isChanged ? (nodeOf(isMember, children) ?? NO_FIELDS) : node;
}
