// The live object with an applied one merged into it. Upstream: structured-merge-diff's typed/merge.go.

import { setKey } from '../decode-leaf.ts';
import { type GranularList, type MergeType, type StructType, typeOfEntry } from './merge-type.ts';
import type { PathElement } from './path-element.ts';
import { elementOf, entriesOf, isEmptyMap, isMap, itemsOf, type JsonMap, ownValue } from './typed-value.ts';

/** Shares with both what it takes from them. Throws `MergeTypeError` for items that cannot be told apart. */
export function mergeObjects(type: StructType, live: JsonMap, applied: JsonMap): JsonMap {
  return (mergedEntries(type, live, applied) as JsonMap | undefined) ?? {};
}

/** Absent values are undefined, and never both; undefined where nothing is left. */
function merged(type: MergeType, live: unknown, applied: unknown): unknown {
  switch (type.kind) {
    case 'scalar':
    case 'untyped':
      return replaced(live, applied);
    case 'deduced':
      return mergedDeduced(type, live, applied);
    case 'list':
      if (type.isAtomic || (itemsOf(live).length === 0 && itemsOf(applied).length === 0))
        return replaced(live, applied);
      return mergedItems(type, itemsOf(live), itemsOf(applied));
    case 'struct':
    case 'map': {
      const [own, other] = [entriesOf(live), entriesOf(applied)];
      if (type.isAtomic || (isEmptyMap(own) && isEmptyMap(other))) return replaced(live, applied);
      return mergedEntries(type, own, other);
    }
    default:
      return type satisfies never;
  }
}

function replaced(live: unknown, applied: unknown): unknown {
  return applied === undefined ? live : applied;
}

/** Maps merge with maps, and stay where null or an empty map is applied; everything else is replaced. */
function mergedDeduced(type: MergeType, live: unknown, applied: unknown): unknown {
  const mayMerge = applied === undefined || applied === null || isMap(applied);
  const [own, other] = [entriesOf(live), entriesOf(applied)];
  if (!mayMerge || (isEmptyMap(own) && isEmptyMap(other))) return replaced(live, applied);
  return mergedEntries(type, own, other);
}

function mergedEntries(type: MergeType, live: JsonMap, applied: JsonMap): unknown {
  const result: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(live), ...Object.keys(applied)])) {
    const [own, other] = [ownValue(live, name), ownValue(applied, name)];
    const entryType = typeOfEntry(type, name);
    if ((own === undefined && other === undefined) || !entryType) continue;
    const value = merged(entryType, own, other);
    if (value !== undefined) setKey(result, name, value);
  }
  return isEmptyMap(result) ? undefined : result;
}

function mergedItems(list: GranularList, live: readonly unknown[], applied: readonly unknown[]): unknown {
  const liveElements = live.map((item) => elementOf(list, item));
  const appliedItems = new Map(applied.map((item): [PathElement, unknown] => [elementOf(list, item), item]));
  const liveItems = new Map<PathElement, unknown>();
  // Which of several items of one element is meant nobody can say: the applied one takes the place of them all.
  for (const [i, element] of liveElements.entries()) liveItems.set(element, liveItems.has(element) ? null : live[i]);
  const result: unknown[] = [];
  for (const place of mergedOrder(liveElements, [...appliedItems.keys()])) {
    const value =
      place.liveIndex === undefined
        ? merged(list.item, liveItems.get(place.element), appliedItems.get(place.element))
        : merged(list.item, live[place.liveIndex], undefined);
    if (value !== undefined) result.push(value);
  }
  return result.length === 0 ? undefined : result;
}

interface Place {
  readonly element: PathElement;
  /** Of an item that is not applied. */
  readonly liveIndex?: number;
}

/**
 * Applied items in their order, and the others between them where they stand in the live list: after the items that are
 * before them in both.
 */
function mergedOrder(live: readonly PathElement[], applied: readonly PathElement[]): Place[] {
  const isApplied = new Set(applied);
  const isLive = new Set(live);
  const shared = applied.filter((element) => isLive.has(element));
  const done = new Set<PathElement>();
  const places: Place[] = [];
  let at = 0;
  let nextShared = 0;
  for (const element of applied) {
    for (; at < live.length; at++) {
      const current = live[at] as PathElement;
      if (!isApplied.has(current)) places.push({ element: current, liveIndex: at });
      else if (current === element || current === shared[nextShared]) break;
      // One that is to come later, or has come; once all shared ones have, a repeated one ends the search.
      else if (nextShared === shared.length && done.has(current)) {
        at++;
        break;
      }
    }
    places.push({ element });
    done.add(element);
    if (live[at] === element) at++;
    if (shared[nextShared] === element) nextShared++;
  }
  for (; at < live.length; at++) {
    const current = live[at] as PathElement;
    if (!isApplied.has(current)) places.push({ element: current, liveIndex: at });
  }
  return places;
}
