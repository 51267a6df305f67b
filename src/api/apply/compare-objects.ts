// Which fields of an object a change concerns: one walk over both objects that makes sets only of what differs. Upstream:
// structured-merge-diff's typed/compare.go; what it tells apart as added and modified is one set here, because nothing
// asks which of the two it was.

import { type FieldSet, isMemberNode, NO_FIELDS, type Nodes, nodeOf } from './field-set.ts';
import type { GranularList, MergeType, StructType } from './merge-type.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { elementOf, entriesOf, isEmptyMap, isMap, isSame, itemsOf, type JsonMap, ownValue } from './typed-value.ts';

export interface FieldChanges {
  /** What the later object has and the earlier one has not, or not so. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** `skipped` fields of the object itself are not looked at. Throws `MergeTypeError`. */
export function compareObjects(
  type: StructType,
  before: JsonMap,
  after: JsonMap,
  skipped: FieldSet = NO_FIELDS,
): FieldChanges {
  const comparer = new Comparer();
  comparer.object(type, before, after, skipped);
  return { changed: comparer.changed ?? NO_FIELDS, removed: comparer.removed ?? NO_FIELDS };
}

const LEAF = NO_FIELDS;

/** Each comparison leaves its nodes in two fields, for its caller to take: most of them find nothing and cost nothing. */
class Comparer {
  changed: FieldSet | undefined;
  removed: FieldSet | undefined;

  object(type: StructType, before: JsonMap, after: JsonMap, skipped: FieldSet): void {
    const found = new Found();
    for (const { name, element, type: fieldType } of type.fields().values()) {
      const skip = skipped[element];
      if (skip && isMemberNode(skip)) continue;
      this.#value(fieldType, before[name], after[name]);
      found.take(this, element);
    }
    this.#leave(found, false, false);
  }

  /** Absent values are undefined, and never both. */
  #value(type: MergeType, before: unknown, after: unknown): void {
    if (before === after) this.#nothing();
    else if (type.kind === 'scalar' || type.kind === 'untyped') this.#leaf(before, after);
    else if (type.kind === 'deduced') this.#deduced(type, before, after);
    else if (type.isAtomic) this.#leaf(before, after);
    else if (type.kind === 'list') this.#list(type, before, after);
    else this.#map(type, before, after);
  }

  #nothing(): void {
    this.changed = undefined;
    this.removed = undefined;
  }

  #leaf(before: unknown, after: unknown): void {
    this.changed = after === undefined || isSame(before, after) ? undefined : LEAF;
    this.removed = after === undefined ? LEAF : undefined;
  }

  /** Two empty maps, of which one may be null or absent, are leaves: that tells null and empty apart. */
  #map(type: MergeType, before: unknown, after: unknown): void {
    const earlier = entriesOf(before);
    const later = entriesOf(after);
    if (isEmptyMap(earlier) && isEmptyMap(later)) {
      this.#leaf(before, after);
      return;
    }
    this.#leave(this.#entries(type, earlier, later), before === undefined, after === undefined);
  }

  #entries(type: MergeType, before: JsonMap, after: JsonMap): Found {
    const found = new Found();
    for (const name in before) this.#entry(type, name, before[name], ownValue(after, name), found);
    for (const name in after) if (!Object.hasOwn(before, name)) this.#entry(type, name, undefined, after[name], found);
    return found;
  }

  #entry(type: MergeType, name: string, before: unknown, after: unknown, found: Found): void {
    if (before === after) return;
    if (type.kind === 'struct') {
      const field = type.fields().get(name);
      if (!field) return; // Decoding leaves nothing that is not declared.
      this.#value(field.type, before, after);
      found.take(this, field.element);
    } else {
      this.#value(type.kind === 'map' ? type.item : type, before, after);
      found.take(this, fieldElement(name));
    }
  }

  #deduced(type: MergeType, before: unknown, after: unknown): void {
    const earlier = entriesOf(before);
    const later = entriesOf(after);
    if (isEmptyMap(earlier) && isEmptyMap(later)) {
      this.#leaf(before, after);
      return;
    }
    const found = this.#entries(type, earlier, later);
    this.#leave(found, before === undefined || isReplaced(before, after), after === undefined);
  }

  #list(type: GranularList, before: unknown, after: unknown): void {
    const earlier = itemsOf(before);
    const later = itemsOf(after);
    if (earlier.length === 0 && later.length === 0) {
      this.#leaf(before, after);
      return;
    }
    if (isSame(before, after)) {
      this.#nothing();
      return;
    }
    const earlierItems = itemsByElement(type, earlier);
    const laterItems = itemsByElement(type, later);
    const found = new Found();
    for (const [element, items] of earlierItems) this.#items(type, element, items, laterItems.get(element), found);
    for (const [element, items] of laterItems) {
      if (!earlierItems.has(element)) this.#items(type, element, undefined, items, found);
    }
    this.#leave(found, before === undefined, after === undefined);
  }

  /** Items of one element; more than one of them, where there should be one, are together a leaf. */
  #items(
    type: GranularList,
    element: PathElement,
    [before, ...moreBefore]: readonly unknown[] = [],
    [after, ...moreAfter]: readonly unknown[] = [],
    found: Found,
  ): void {
    const wereMany = moreBefore.length > 0;
    const areMany = moreAfter.length > 0;
    if (wereMany && areMany) {
      if (!isSame([before, ...moreBefore], [after, ...moreAfter])) found.change(element);
    } else if (!wereMany && !areMany) {
      this.#value(type.item, before, after);
      found.take(this, element);
    } else {
      this.#value(type.item, wereMany ? undefined : before, areMany ? undefined : after);
      found.take(this, element);
      if (wereMany) found.remove(element);
      else found.change(element);
    }
  }

  #leave(found: Found, isNew: boolean, isGone: boolean): void {
    this.changed = found.changedNode(isNew);
    this.removed = found.removedNode(isGone);
  }
}

/** What was found below one value. */
class Found {
  #changed: Nodes | undefined;
  #removed: Nodes | undefined;

  take({ changed, removed }: Comparer, element: PathElement): void {
    if (changed) this.change(element, changed);
    if (removed) this.remove(element, removed);
  }

  change(element: PathElement, node: FieldSet = LEAF): void {
    this.#changed ??= new Map();
    this.#changed.set(element, node);
  }

  remove(element: PathElement, node: FieldSet = LEAF): void {
    this.#removed ??= new Map();
    this.#removed.set(element, node);
  }

  changedNode(isMember: boolean): FieldSet | undefined {
    return this.#changed ? nodeOf(isMember, this.#changed) : isMember ? LEAF : undefined;
  }

  removedNode(isMember: boolean): FieldSet | undefined {
    return this.#removed ? nodeOf(isMember, this.#removed) : isMember ? LEAF : undefined;
  }
}

function itemsByElement(type: GranularList, items: readonly unknown[]): Map<PathElement, unknown[]> {
  const byElement = new Map<PathElement, unknown[]>();
  for (const item of items) {
    const element = elementOf(type, item);
    const same = byElement.get(element);
    if (same) same.push(item);
    else byElement.set(element, [item]);
  }
  return byElement;
}

/** A value that was one shape of JSON and is another. */
function isReplaced(before: unknown, after: unknown): boolean {
  if (before === null || after === null || after === undefined) return false;
  return isMap(before) !== isMap(after);
}
