// A set of fields as FieldsV1 writes it: a tree of path elements, in which `{}` is a field of the set, and `.` says that
// a field is one besides those below it. Sets are kept in this form and never changed: what an object carries is a set
// without being read, what an operation leaves alone is shared, and a set is written as it is. Upstream:
// structured-merge-diff's fieldpath.Set.

import {
  canonicalElement,
  compareElements,
  type FieldPath,
  fieldElement,
  type PathElement,
  PathElementError,
} from './path-element.ts';

/** The set itself is a field of no object: at its root `{}` is the empty set. */
export interface FieldSet {
  readonly [element: PathElement]: FieldSet;
}
type Node = FieldSet;
/** Nodes below one that is being made. */
export type Nodes = Map<PathElement, FieldSet>;

/** What may be owned: everything but the fields of a set and those below them, or only what lies on some paths. */
export type FieldFilter =
  | { readonly type: 'except'; readonly fields: FieldSet }
  | { readonly type: 'only'; readonly fields: FieldSet };

/** Any element, in the fields of an `only` filter. */
export const ANY_ELEMENT: PathElement = '*';
/** Marks a field of the set that has others below it. */
const MEMBER: PathElement = '.';
const LEAF: Node = Object.freeze({});
export const NO_FIELDS: FieldSet = LEAF;

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** The set of some fields, given from the object down. */
export function setOf(...paths: readonly FieldPath[]): FieldSet {
  return paths.reduce(
    (set: FieldSet, path) =>
      union(
        set,
        path.reduceRight((node: Node, name) => ({ [name]: node }), LEAF),
      ),
    LEAF,
  );
}

/** The set of some declared fields: `[['metadata', 'labels'], ['spec']]`. */
export function setOfNames(paths: readonly (readonly string[])[]): FieldSet {
  return setOf(...paths.map((path) => path.map((name) => (name === ANY_ELEMENT ? name : fieldElement(name)))));
}

/**
 * A set in its canonical form, out of what a client wrote: elements that are not known are left out. Throws
 * `PathElementError`.
 */
export function readFieldSet(value: unknown): FieldSet {
  return without(readNode(value) ?? LEAF, MEMBER);
}

/** A member, or a node with members; undefined where there is neither. */
function readNode(value: unknown): Node | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PathElementError('fields have to be objects');
  }
  const children: Nodes = new Map();
  let isMember = false;
  for (const [name, inner] of Object.entries(value)) {
    if (name === MEMBER) isMember = true;
    else {
      const element = canonicalElement(name);
      const child = element === undefined ? undefined : readNode(inner);
      if (element === undefined || child === undefined) continue;
      const known = children.get(element);
      children.set(element, known ? unionNodes(known, child) : child);
    }
  }
  return nodeOf(isMember || children.size === 0, children);
}

export function has(set: FieldSet, path: FieldPath): boolean {
  let node: Node | undefined = set;
  for (const element of path) {
    node = node[element];
    if (!node) return false;
  }
  return path.length > 0 && isMemberNode(node);
}

/** Every field of the set: those of a level before those of the levels below. */
export function pathsOf(set: FieldSet): FieldPath[] {
  const paths: FieldPath[] = [];
  collectPaths(set, [], paths);
  return paths;
}

function collectPaths(node: Node, at: FieldPath, paths: FieldPath[]): void {
  const elements = elementsOf(node);
  for (const element of elements) if (isMemberNode(node[element] as Node)) paths.push([...at, element]);
  for (const element of elements) collectPaths(node[element] as Node, [...at, element], paths);
}

/** What is in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return isEmpty(a) ? b : isEmpty(b) ? a : unionNodes(a, b);
}

/** Where one of the two is a leaf, they are nodes below the root. */
function unionNodes(a: Node, b: Node): Node {
  if (a === b) return a;
  const children: Nodes = new Map();
  let isChanged = !isMemberNode(a) && isMemberNode(b);
  for (const element of elementsOf(a)) {
    const own = a[element] as Node;
    const other = b[element];
    const both = other ? unionNodes(own, other) : own;
    if (both !== own) isChanged = true;
    children.set(element, both);
  }
  for (const element of elementsOf(b)) {
    if (children.has(element)) continue;
    isChanged = true;
    children.set(element, b[element] as Node);
  }
  return isChanged ? (nodeOf(isMemberNode(a) || isMemberNode(b), children) ?? LEAF) : a;
}

/** What is in the first set and not in the second; fields below those of the second stay. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return differenceOf(a, b, false) ?? LEAF;
}

/** The same without what lies below the fields of the second set. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return differenceOf(a, b, true) ?? LEAF;
}

function differenceOf(a: Node, b: Node, isRecursive: boolean): Node | undefined {
  let changes: Map<PathElement, Node | undefined> | undefined;
  for (const element in b) {
    const own = a[element];
    if (element === MEMBER || !own) continue;
    const other = b[element] as Node;
    const left = isRecursive && isMemberNode(other) ? undefined : remainderOf(own, other, isRecursive);
    if (left === own) continue;
    changes ??= new Map();
    changes.set(element, left);
  }
  return changes ? changed(a, MEMBER in a, changes) : a;
}

/** What is left of a node below the root, which may be a field of the set itself. */
function remainderOf(own: Node, other: Node, isRecursive: boolean): Node | undefined {
  const isMember = isMemberNode(own);
  const staysMember = isMember && !isMemberNode(other);
  const below = differenceOf(own, other, isRecursive);
  if (staysMember === isMember) return below;
  const rest = below && without(below, MEMBER);
  return rest === undefined || isEmpty(rest) ? undefined : rest;
}

/** What is in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return common(a, b, false) ?? LEAF;
}

function common(a: Node, b: Node, isMember: boolean): Node | undefined {
  const children: Nodes = new Map();
  for (const element of elementsOf(a)) {
    const own = a[element] as Node;
    const other = b[element];
    const both = other && common(own, other, isMemberNode(own) && isMemberNode(other));
    if (both) children.set(element, both);
  }
  return nodeOf(isMember, children);
}

/** What may be owned of a set. */
export function filtered(set: FieldSet, filter: FieldFilter): FieldSet {
  return filter.type === 'except'
    ? recursiveDifference(set, filter.fields)
    : (onlyOn(set, filter.fields, false) ?? LEAF);
}

/** The fields on the paths of a pattern, on the way to their ends as well. */
function onlyOn(node: Node, pattern: Node, isMember: boolean): Node | undefined {
  const children: Nodes = new Map();
  for (const element of elementsOf(node)) {
    const next = pattern[element] ?? pattern[ANY_ELEMENT];
    if (!next) continue;
    const own = node[element] as Node;
    const kept = isEmpty(next) ? own : onlyOn(own, next, isMemberNode(own));
    if (kept) children.set(element, kept);
  }
  return nodeOf(isMember, children);
}

/**
 * A node out of a member and what is below it, in whatever order; undefined where there is nothing. For the code that
 * walks objects and makes sets of what it sees. Objects are made in order and once, so that the engine knows their shapes.
 */
export function nodeOf(isMember: boolean, children: ReadonlyMap<PathElement, FieldSet>): FieldSet | undefined {
  if (children.size === 0) return isMember ? LEAF : undefined;
  const node: Record<PathElement, Node> = isMember ? { [MEMBER]: LEAF } : {};
  for (const element of inOrder([...children.keys()])) node[element] = children.get(element) as Node;
  return node;
}

function inOrder(elements: PathElement[]): PathElement[] {
  for (let i = 1; i < elements.length; i++) {
    if (compareElements(elements[i - 1] as string, elements[i] as string) > 0) return elements.sort(compareElements);
  }
  return elements;
}

/** Whether a node below the root is a field of the set itself. */
export function isMemberNode(node: FieldSet): boolean {
  return MEMBER in node || isEmpty(node);
}

/** The elements below a node. */
export function elementsOf(node: FieldSet): PathElement[] {
  const elements = Object.keys(node);
  return elements[0] === MEMBER ? elements.slice(1) : elements;
}

function changed(node: Node, isMember: boolean, changes: ReadonlyMap<PathElement, Node | undefined>): Node | undefined {
  const children: Nodes = new Map();
  for (const element of elementsOf(node)) {
    const child = changes.has(element) ? changes.get(element) : node[element];
    if (child) children.set(element, child);
  }
  return nodeOf(isMember, children);
}

function without(node: Node, element: PathElement): Node {
  if (!(element in node)) return node;
  const { [element]: _, ...rest } = node;
  return rest;
}
