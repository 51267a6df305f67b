import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  difference,
  type FieldSet,
  filtered,
  has,
  intersection,
  pathsOf,
  readFieldSet,
  recursiveDifference,
  setOf,
  setOfNames,
  union,
} from './field-set.ts';
import { PathElementError } from './path-element.ts';

/** `a.b c` is the set of a.b and c. */
const set = (text: string): FieldSet =>
  setOf(...text.split(' ').flatMap((path) => (path === '' ? [] : [path.split('.').map((name) => `f:${name}`)])));
const shown = (fields: FieldSet) =>
  pathsOf(fields)
    .map((path) => path.map((element) => element.slice(2)).join('.'))
    .join(' ');

describe('readFieldSet', () => {
  const cases: readonly [title: string, given: object, expected: object][] = [
    ['nothing', {}, {}],
    ['a tree', { 'f:spec': { 'f:replicas': {} } }, { 'f:spec': { 'f:replicas': {} } }],
    ['fields out of order', { 'f:b': {}, 'f:a': { 'f:c': {}, '.': {} } }, { 'f:a': { '.': {}, 'f:c': {} }, 'f:b': {} }],
    ['a field that says twice that it is one', { 'f:a': { '.': {} } }, { 'f:a': {} }],
    ['itself at the root', { '.': {}, 'f:a': {} }, { 'f:a': {} }],
    [
      'keys spelled in two ways',
      { 'k:{"a":1}': {}, 'k:{"a": 1}': { 'f:x': {} } },
      { 'k:{"a":1}': { '.': {}, 'f:x': {} } },
    ],
    ['what is not known', { 'x:a': { 'f:b': {} }, 'f:a': {} }, { 'f:a': {} }],
  ];
  for (const [title, given, expected] of cases) {
    test(title, () => assert.equal(JSON.stringify(readFieldSet(given)), JSON.stringify(expected)));
  }

  for (const given of [null, [], 'f:a', { 'f:a': 1 }, { a: {} }, { 'v:x': {} }]) {
    test(`refuses ${JSON.stringify(given)}`, () => assert.throws(() => readFieldSet(given), PathElementError));
  }
});

describe('field sets', () => {
  type Operation = (a: FieldSet, b: FieldSet) => FieldSet;
  const cases: readonly [operation: Operation, a: string, b: string, expected: string][] = [
    [union, '', 'a', 'a'],
    [union, 'b', 'a c', 'a b c'],
    [union, 'a', 'a.b', 'a a.b'],
    [union, 'a.b', 'a', 'a a.b'],
    [union, 'a.b.c', 'a.b.d a.e', 'a.e a.b.c a.b.d'],
    [difference, 'a b', 'a', 'b'],
    [difference, 'a a.b', 'a', 'a.b'],
    [difference, 'a a.b', 'a.b', 'a'],
    [difference, 'a.b', 'a', 'a.b'],
    [difference, 'a', 'a.b', 'a'],
    [difference, 'a.b.c a.b.d', 'a.b.c', 'a.b.d'],
    [difference, 'a.b', 'a.b', ''],
    [recursiveDifference, 'a a.b a.b.c d', 'a', 'd'],
    [recursiveDifference, 'a a.b a.b.c d', 'a.b', 'a d'],
    [recursiveDifference, 'a.b', 'a.b.c', 'a.b'],
    [intersection, 'a b c', 'b c d', 'b c'],
    [intersection, 'a.b', 'a', ''],
    [intersection, 'a a.b', 'a.b a.c', 'a.b'],
    [intersection, 'a a.b', 'a a.c', 'a'],
  ];
  for (const [operation, a, b, expected] of cases) {
    test(`${operation.name} of "${a}" and "${b}"`, () => assert.equal(shown(operation(set(a), set(b))), expected));
  }

  test('are handed on as they are where an operation changes nothing', () => {
    const own = set('a.b a.c d');
    assert.equal(difference(own, set('a.x e')), own);
    assert.equal(union(own, set('a.b')), own);
  });

  test('has finds members, not what only has members below it', () => {
    const own = set('a.b c c.d');
    assert.deepEqual(
      [['f:a'], ['f:a', 'f:b'], ['f:c'], ['f:c', 'f:d'], ['f:x'], []].map((path) => has(own, path)),
      [false, true, true, true, false, false],
    );
  });

  test('filtered leaves out fields with all that is below, or all but what lies on paths', () => {
    const own = set(
      'spec.containers spec.containers.a spec.containers.a.image spec.containers.a.resources.cpu status.phase',
    );
    const except = { type: 'except', fields: setOfNames([['spec']]) } as const;
    const only = { type: 'only', fields: setOfNames([['spec', 'containers', '*', 'resources']]) } as const;
    assert.equal(shown(filtered(own, except)), 'status.phase');
    assert.equal(shown(filtered(own, only)), 'spec.containers spec.containers.a spec.containers.a.resources.cpu');
  });
});
