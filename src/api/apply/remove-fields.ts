// An object without some of its fields, and what taking fields away needs to know of the set. Upstream:
// structured-merge-diff's typed/remove.go and fieldpath.Set.EnsureNamedFieldsAreMembers.

import { setKey } from '../decode-leaf.ts';
import { elementsOf, type FieldSet, isEmpty, isMemberNode, type Nodes, nodeOf } from './field-set.ts';
import { type GranularList, type MergeType, type StructType, typeAt, typeOfEntry } from './merge-type.ts';
import { fieldElement } from './path-element.ts';
import { elementOf, isEmptyMap, isMap, type JsonMap } from './typed-value.ts';

/** What leaves a map or list empty leaves null in its place. */
export function removeFields(type: StructType, object: JsonMap, fields: FieldSet): JsonMap {
  return isEmpty(fields) ? object : ((withoutEntries(type, object, fields) as JsonMap | null) ?? {});
}

function withoutFields(type: MergeType, value: unknown, fields: FieldSet): unknown {
  switch (type.kind) {
    case 'scalar':
      return value;
    case 'list':
      return type.isAtomic || !Array.isArray(value) ? null : withoutItems(type, value, fields);
    case 'struct':
    case 'map':
      return type.isAtomic || !isMap(value) ? null : withoutEntries(type, value, fields);
    case 'deduced':
      if (isMap(value)) return withoutEntries(type, value, fields);
      return Array.isArray(value) ? null : value;
    case 'untyped':
      return typeof value === 'object' ? null : value;
    default:
      return type satisfies never;
  }
}

function withoutEntries(type: MergeType, map: JsonMap, fields: FieldSet): unknown {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(map)) {
    const node = fields[fieldElement(name)];
    if (node && isMemberNode(node)) continue;
    const entryType = typeOfEntry(type, name);
    setKey(result, name, node && entryType ? withoutFields(entryType, value, node) : value);
  }
  return isEmptyMap(result) ? null : result;
}

function withoutItems(list: GranularList, items: readonly unknown[], fields: FieldSet): unknown {
  const result: unknown[] = [];
  for (const item of items) {
    const node = fields[elementOf(list, item)];
    if (node && isMemberNode(node)) continue;
    result.push(node ? withoutFields(list.item, item, node) : item);
  }
  return result.length === 0 ? null : result;
}

/**
 * The set with the declared fields as members that have members below them: sets do not name these, but they have to go
 * when all that is in them goes.
 */
export function withNamedFields(type: MergeType | undefined, fields: FieldSet, isMember = false): FieldSet {
  const children: Nodes = new Map();
  for (const element of elementsOf(fields)) {
    const node = fields[element] as FieldSet;
    const isNamed = element[0] === 'f' && type?.kind === 'struct' && type.fields().has(element.slice(2));
    const below = () => withNamedFields(typeAt(type, element), node, isNamed || isMemberNode(node));
    children.set(element, isEmpty(node) ? node : below());
  }
  return nodeOf(isMember, children) ?? fields;
}
