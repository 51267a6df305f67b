// The lists of strategic merge patches: merged by their key or as sets, and put into an order that keeps the patch's
// order first and the original's where the patch says nothing.

import { badRequest } from '../status-error.ts';
import { directiveOf, isObject, type JsonObject, unknownDirective, withoutDirectives } from './patch-directives.ts';

/** What has to be known of a list. */
export interface ListSchema {
  /** Undefined for lists of plain values. */
  readonly mergeKey: string | undefined;
  /** Two elements with the same key as one. */
  mergeItems(before: JsonObject, patch: JsonObject): JsonObject;
}

type List = readonly unknown[];

/** Both lists as one. Throws BadRequest for elements without the merge key and for directives that mean nothing. */
export function mergeLists(original: List, patch: List, schema: ListSchema): List {
  if (original.length === 0 && patch.length === 0) return original;
  checkElements([...original, ...patch]);
  if (!isObject(original[0] ?? patch[0])) {
    return inOrder(schema, { merged: [...new Set([...original, ...patch])], order: patch, original });
  }
  if (schema.mergeKey === undefined) throw badRequest('cannot merge lists without merge key for struct');
  const { kept, items } = withDirectives(original, patch as readonly JsonObject[], schema.mergeKey);
  return inOrder(schema, { merged: mergeItems(kept, items, schema), order: items, original: kept });
}

/**
 * A list that was merged already, in the order that `$setElementOrder` gives. Throws BadRequest where the patch's own
 * order is another one.
 */
export function orderLists(
  schema: ListSchema,
  lists: { merged: List; patch: List; order: List; original: List },
): List {
  checkOrder(schema, lists.patch, lists.order);
  return inOrder(schema, lists);
}

function checkElements(list: List): void {
  const [first] = list;
  for (const item of list) {
    if (Array.isArray(item)) throw badRequest('lists of lists are not supported');
    if (typeof item !== typeof first || isObject(item) !== isObject(first)) {
      throw badRequest('list element types are not identical');
    }
  }
}

/** Carries out `$patch: delete` and `$patch: replace` among the elements; what is left of the patch is merged. */
function withDirectives(
  original: List,
  patch: readonly JsonObject[],
  mergeKey: string,
): { kept: List; items: readonly JsonObject[] } {
  const items: JsonObject[] = [];
  let kept = original;
  let isReplaced = false;
  for (const item of patch) {
    const directive = directiveOf(item);
    if (directive === undefined) items.push(item);
    else if (directive === 'delete') {
      const value = keyOf(item, mergeKey);
      kept = kept.filter((one) => !(isObject(one) && one[mergeKey] === value));
    } else if (directive === 'replace') isReplaced = true;
    else if (directive === 'merge') throw badRequest('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(directive, item);
  }
  return isReplaced ? { kept: items, items: [] } : { kept, items };
}

function mergeItems(original: List, patch: readonly JsonObject[], schema: ListSchema): List {
  const mergeKey = schema.mergeKey ?? '';
  const merged = [...original];
  for (const item of patch) {
    const value = keyOf(item, mergeKey);
    const index = merged.findIndex((one) => isObject(one) && one[mergeKey] === value);
    if (index >= 0) merged[index] = schema.mergeItems(merged[index] as JsonObject, item);
    else merged.push(withoutDirectives(item));
  }
  return merged;
}

/**
 * Elements that `order` names come in its order, the others in that of the original; both are then interleaved so that
 * an element of the original keeps its place before those that were behind it.
 */
function inOrder(schema: ListSchema, lists: { merged: List; order: List; original: List }): List {
  const { mergeKey } = schema;
  const identity = (item: unknown) => (mergeKey === undefined ? item : keyOf(item, mergeKey));
  const ordered = positions(lists.order, identity);
  const before = positions(lists.original, identity);
  const named = sorted(
    lists.merged.filter((item) => ordered.has(identity(item))),
    ordered,
    identity,
  );
  const others = sorted(
    lists.merged.filter((item) => !ordered.has(identity(item))),
    before,
    identity,
  );

  const result: unknown[] = [];
  let next = 0;
  for (const item of named) {
    const place = before.get(identity(item));
    while (next < others.length && place !== undefined && isBefore(before.get(identity(others[next])), place)) {
      result.push(others[next++]);
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

function isBefore(position: number | undefined, place: number): boolean {
  return position !== undefined && position < place;
}

function positions(list: List, identity: (item: unknown) => unknown): Map<unknown, number> {
  const found = new Map<unknown, number>();
  list.forEach((item, index) => {
    const key = identity(item);
    if (!found.has(key)) found.set(key, index);
  });
  return found;
}

function sorted(list: List, order: ReadonlyMap<unknown, number>, identity: (item: unknown) => unknown): List {
  const last = Number.MAX_SAFE_INTEGER;
  return list.toSorted((a, b) => (order.get(identity(a)) ?? last) - (order.get(identity(b)) ?? last));
}

/** The patch's elements stand in the same order as in `$setElementOrder`, which names them all. */
function checkOrder({ mergeKey }: ListSchema, patch: List, order: List): void {
  if (order.length === 0) return;
  const identity = (item: unknown) => (mergeKey === undefined ? item : keyOf(item, mergeKey));
  let at = 0;
  for (const item of patch) {
    if (isObject(item) && directiveOf(item) !== undefined) continue;
    while (at < order.length && identity(order[at]) !== identity(item)) at++;
    if (at++ >= order.length) {
      throw badRequest(
        `The order in patch list:\n${JSON.stringify(patch)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
      );
    }
  }
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (!isObject(item)) throw badRequest(`expected a map, but received a ${typeof item}`);
  if (item[mergeKey] !== undefined) return item[mergeKey];
  throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
}
