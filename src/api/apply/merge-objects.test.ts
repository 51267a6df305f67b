import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WIDGET } from '../../../test/support/field-history.ts';
import { mergeObjects } from './merge-objects.ts';

const merge = (live: object, applied: object) => mergeObjects(WIDGET, { spec: live }, { spec: applied })['spec'];

describe('mergeObjects', () => {
  const cases: readonly [title: string, live: object, applied: object, expected: object | undefined][] = [
    [
      'takes over what is applied and keeps the rest',
      { number: 1, text: 'a' },
      { text: 'b' },
      { number: 1, text: 'b' },
    ],
    ['keeps what it is given as it is', { size: '1' }, { size: '1000m' }, { size: '1000m' }],
    ['null takes the place of a scalar', { text: 'a' }, { text: null }, { text: null }],
    ['null leaves a map as it is', { labels: { a: '1' } }, { labels: null }, { labels: { a: '1' } }],
    ['an empty map leaves a map as it is', { labels: { a: '1' } }, { labels: {} }, { labels: { a: '1' } }],
    ['an empty map takes the place of null', { labels: null }, { labels: {} }, { labels: {} }],
    ['nothing and nothing', {}, { items: [] }, { items: [] }],
    ['merges maps by their keys', { labels: { a: '1' } }, { labels: { b: '2' } }, { labels: { a: '1', b: '2' } }],
    ['merges structs', { nested: { a: 'x' } }, { nested: { b: 'y' } }, { nested: { a: 'x', b: 'y' } }],
    ['replaces atomic maps', { whole: { a: '1' } }, { whole: { b: '2' } }, { whole: { b: '2' } }],
    ['replaces atomic structs', { point: { x: 1 } }, { point: { y: 2 } }, { point: { y: 2 } }],
    ['replaces atomic lists', { atomic: ['a'] }, { atomic: ['b'] }, { atomic: ['b'] }],
    ['replaces raw JSON', { raw: { a: 1 } }, { raw: { b: 1 } }, { raw: { b: 1 } }],
    [
      'merges any JSON, but for its lists',
      { any: { a: 1, l: [1] } },
      { any: { b: 1, l: [2] } },
      { any: { a: 1, b: 1, l: [2] } },
    ],
    ['replaces any JSON by another shape', { any: { a: 1 } }, { any: 'x' }, { any: 'x' }],
    ['replaces any JSON that was no map', { any: [1] }, { any: { a: 1 } }, { any: { a: 1 } }],
    [
      'merges items by their keys',
      { items: [{ name: 'a', value: 1 }] },
      { items: [{ name: 'a', ports: [{ port: 1 }] }] },
      { items: [{ name: 'a', value: 1, ports: [{ port: 1 }] }] },
    ],
    [
      'takes items for the same that leave a key to its default',
      { items: [{ name: 'a', ports: [{ port: 1, protocol: 'TCP' }] }] },
      { items: [{ name: 'a', ports: [{ port: 1, label: 'x' }] }] },
      { items: [{ name: 'a', ports: [{ port: 1, protocol: 'TCP', label: 'x' }] }] },
    ],
    [
      'puts one item in the place of several',
      { items: [{ name: 'a', value: 1 }, { name: 'a', value: 2 }, { name: 'b' }] },
      { items: [{ name: 'a', value: 3 }] },
      { items: [{ name: 'a', value: 3 }, { name: 'b' }] },
    ],
    ['keeps several items where none is applied', { set: ['a', 'a'] }, { set: ['b'] }, { set: ['a', 'a', 'b'] }],
    [
      'a key like any other',
      { labels: {} },
      { labels: JSON.parse('{"__proto__":"a"}') },
      { labels: JSON.parse('{"__proto__":"a"}') },
    ],
  ];
  for (const [title, live, applied, expected] of cases) {
    test(title, () => assert.deepEqual(merge(live, applied), expected));
  }

  // The order that is applied holds for what is applied; the rest stays behind what it is behind now.
  const orders: readonly [live: string, applied: string, expected: string][] = [
    ['', 'ab', 'ab'],
    ['ab', '', 'ab'],
    ['abc', 'c', 'abc'],
    ['abc', 'ba', 'bca'],
    ['abcd', 'db', 'acdb'],
    ['ab', 'cd', 'abcd'],
    ['ab', 'acb', 'acb'],
    ['ab', 'bca', 'bca'],
    ['axb', 'ab', 'axb'],
    ['abx', 'bac', 'bxac'],
    ['aac', 'ax', 'axc'],
    ['xayb', 'bza', 'xybza'],
  ];
  for (const [live, applied, expected] of orders) {
    test(`orders ${applied || 'nothing'} among ${live || 'nothing'}`, () => {
      assert.deepEqual(merge({ set: [...live] }, { set: [...applied] }), { set: [...expected] });
    });
  }
});
