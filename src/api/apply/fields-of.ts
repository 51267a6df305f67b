// The fields that an applied object mentions, which its manager owns from then on. Upstream: structured-merge-diff's
// typed/tofieldset.go.

import { type FieldSet, isMemberNode, NO_FIELDS, type Nodes, nodeOf } from './field-set.ts';
import type { GranularList, MergeType, StructType } from './merge-type.ts';
import { fieldElement } from './path-element.ts';
import { elementOf, isEmptyMap, isMap, itemsOf, type JsonMap } from './typed-value.ts';

const LEAF = NO_FIELDS;

/** Throws `MergeTypeError` for items that cannot be told apart. */
export function fieldsOf(type: StructType, object: JsonMap): FieldSet {
  return entryNodes(type, object) ?? NO_FIELDS;
}

/** What a value makes of itself; undefined where it depends on who holds it. */
function nodeOfValue(type: MergeType, value: unknown): FieldSet | undefined {
  switch (type.kind) {
    case 'scalar':
    case 'untyped':
      return LEAF;
    case 'deduced':
      if (value === null) return undefined;
      return isMap(value) ? entryNodes(type, value) : LEAF;
    case 'list':
      return type.isAtomic ? LEAF : itemNodes(type, itemsOf(value));
    case 'struct':
    case 'map':
      if (type.isAtomic) return LEAF;
      return isMap(value) ? entryNodes(type, value) : undefined;
    default:
      return type satisfies never;
  }
}

/** Declared fields stand for what is in them, unless that is nothing; keys of maps are fields in their own right. */
function entryNodes(type: MergeType, map: JsonMap): FieldSet | undefined {
  const nodes: Nodes = new Map();
  for (const name in map) {
    const value = map[name];
    const field = type.kind === 'struct' ? type.fields().get(name) : undefined;
    const valueType = field?.type ?? (type.kind === 'map' ? type.item : type);
    if (value === undefined || (type.kind === 'struct' && !field)) continue;
    const node = nodeOfValue(valueType, value);
    const isMember = !field || value === null || (isMap(value) && isEmptyMap(value));
    const own = isMember ? asMember(node) : node;
    if (own) nodes.set(field?.element ?? fieldElement(name), own);
  }
  return nodeOf(false, nodes);
}

/** Items that are there more than once are one field, without anything below. */
function itemNodes(list: GranularList, items: readonly unknown[]): FieldSet | undefined {
  const nodes: Nodes = new Map();
  for (const item of items) {
    const element = elementOf(list, item);
    nodes.set(element, nodes.has(element) ? LEAF : asMember(nodeOfValue(list.item, item)));
  }
  return nodeOf(false, nodes);
}

function asMember(node: FieldSet | undefined): FieldSet {
  if (!node || isMemberNode(node)) return node ?? LEAF;
  return nodeOf(true, new Map(Object.entries(node))) ?? LEAF;
}
