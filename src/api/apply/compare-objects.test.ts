import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WIDGET } from '../../../test/support/field-history.ts';
import { compareObjects } from './compare-objects.ts';
import { type FieldSet, pathsOf, setOfNames } from './field-set.ts';
import { formatPath } from './path-element.ts';
import { MergeTypeError } from './typed-value.ts';

const shown = (fields: FieldSet) => pathsOf(fields).map((path) => formatPath(path).replace(/^\.spec/, ''));
const changes = (before: object, after: object) => {
  const { changed, removed } = compareObjects(WIDGET, { spec: before }, { spec: after });
  return [shown(changed), shown(removed)];
};

describe('compareObjects', () => {
  const cases: readonly [title: string, before: object, after: object, changed: string[], removed: string[]][] = [
    ['nothing', { text: 'a', items: [{ name: 'a' }] }, { text: 'a', items: [{ name: 'a' }] }, [], []],
    [
      'scalars',
      { number: 1, text: 'a', flag: true },
      { number: 2, flag: true, size: '1' },
      ['.number', '.size'],
      ['.text'],
    ],
    [
      'a list by keys',
      { items: [{ name: 'a', value: 1 }, { name: 'b' }] },
      { items: [{ name: 'c' }, { name: 'a', value: 2 }] },
      ['.items[name="c"]', '.items[name="a"].value', '.items[name="c"].name'],
      ['.items[name="b"]', '.items[name="b"].name'],
    ],
    [
      'the order of a list by keys',
      { items: [{ name: 'a' }, { name: 'b' }] },
      { items: [{ name: 'b' }, { name: 'a' }] },
      [],
      [],
    ],
    [
      'a list by several keys, one of them left to its default',
      { items: [{ name: 'a', ports: [{ port: 1, protocol: 'TCP' }] }] },
      { items: [{ name: 'a', ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }] }] },
      [
        '.items[name="a"].ports[port=1,protocol="UDP"]',
        '.items[name="a"].ports[port=1,protocol="UDP"].port',
        '.items[name="a"].ports[port=1,protocol="UDP"].protocol',
      ],
      ['.items[name="a"].ports[port=1,protocol="TCP"].protocol'],
    ],
    ['a set', { set: ['a', 'b'] }, { set: ['c', 'b'] }, ['.set[="c"]'], ['.set[="a"]']],
    ['an atomic list', { atomic: ['a', 'b'] }, { atomic: ['b', 'a'] }, ['.atomic'], []],
    ['a map', { labels: { a: '1', b: '2' } }, { labels: { a: '1', b: '3', c: '4' } }, ['.labels.b', '.labels.c'], []],
    ['a map that begins', {}, { labels: { a: '1' } }, ['.labels', '.labels.a'], []],
    ['a map that ends', { labels: { a: '1' } }, {}, [], ['.labels', '.labels.a']],
    ['an atomic map', { whole: { a: '1' } }, { whole: { a: '1', b: '2' } }, ['.whole'], []],
    ['an atomic struct', { point: { x: 1 } }, { point: { x: 1, y: 2 } }, ['.point'], []],
    ['a struct that begins', {}, { nested: { a: 'x' } }, ['.nested', '.nested.a'], []],
    ['an empty struct', {}, { nested: {} }, ['.nested'], []],
    ['null, that is not the same as empty', { nested: null }, { nested: {} }, ['.nested'], []],
    ['null, that gives way to something', { nested: null }, { nested: { a: 'x' } }, ['.nested.a'], []],
    ['any JSON', { any: { a: { b: 1 }, l: [1] } }, { any: { a: { b: 2 }, l: [1, 2] } }, ['.any.l', '.any.a.b'], []],
    ['any JSON of another shape', { any: 'x' }, { any: { a: 1 } }, ['.any', '.any.a'], []],
    ['any JSON that was a map', { any: { a: 1 } }, { any: [1] }, ['.any'], ['.any.a']],
    ['raw JSON', { raw: { a: { b: 1 } } }, { raw: { a: { b: 2 } } }, ['.raw'], []],
    ['an item that stands there twice by now', { set: ['a'] }, { set: ['a', 'a'] }, ['.set[="a"]'], ['.set[="a"]']],
    ['an item that stood there twice', { set: ['a', 'a'] }, { set: ['a'] }, ['.set[="a"]'], ['.set[="a"]']],
    [
      'items of one key that changed',
      { items: [{ name: 'a' }, { name: 'a', value: 1 }] },
      { items: [{ name: 'a' }, { name: 'a', value: 2 }] },
      ['.items[name="a"]'],
      [],
    ],
    [
      'a key like any other',
      { labels: { x: '' } },
      { labels: { x: '', constructor: 'a' } },
      ['.labels.constructor'],
      [],
    ],
  ];
  for (const [title, before, after, changed, removed] of cases) {
    test(title, () => assert.deepEqual(changes(before, after), [changed, removed]));
  }

  test('passes over fields of the object, but not over others of the same part', () => {
    const [before, after] = [{ spec: { text: 'a' } }, { spec: { text: 'b' }, status: { phase: 'x' } }];
    const skipped = setOfNames([['spec'], ['status', 'other']]);
    assert.deepEqual(pathsOf(compareObjects(WIDGET, before, after, skipped).changed).map(formatPath), [
      '.status',
      '.status.phase',
    ]);
  });

  test('refuses items that cannot be told apart', () => {
    assert.throws(() => changes({}, { items: [{ value: 1 }] }), MergeTypeError);
  });
});
