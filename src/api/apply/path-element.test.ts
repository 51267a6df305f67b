import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  canonicalElement,
  compareElements,
  formatPath,
  keyElement,
  PathElementError,
  valueElement,
} from './path-element.ts';

describe('canonicalElement', () => {
  const cases: readonly [title: string, given: string, expected: string | undefined][] = [
    ['a field', 'f:replicas', 'f:replicas'],
    ['a field without a name', 'f:', 'f:'],
    ['a key with spaces and in another order', 'k:{ "protocol" : "TCP", "port" :80}', 'k:{"port":80,"protocol":"TCP"}'],
    ['a text', 'v: "a"', 'v:"a"'],
    ['a number', 'v:1.0', 'v:1'],
    ['what Go escapes', 'v:"a&b<c>"', 'v:"a\\u0026b\\u003cc\\u003e"'],
    ['an index', 'i:007', 'i:7'],
    ['something of the future', 'x:1', undefined],
  ];
  for (const [title, given, expected] of cases) test(title, () => assert.equal(canonicalElement(given), expected));

  for (const given of ['f', 'field', 'v:{', 'k:[1]', 'k:1', 'i:one']) {
    test(`refuses ${given}`, () => assert.throws(() => canonicalElement(given), PathElementError));
  }
});

test('compareElements puts fields before keys, values and indexes, and each by what it says', () => {
  const elements = [
    'f:a',
    'f:b',
    'f:ｚ',
    'f:😀',
    'k:{"name":"a"}',
    'k:{"name":"a","type":"x"}',
    'k:{"name":"ab"}',
    'k:{"port":8}',
    'k:{"port":80}',
    'k:{"port":"8"}',
    'v:9',
    'v:10',
    'v:"a"',
    'v:false',
    'v:true',
    'v:null',
    'i:2',
    'i:10',
  ];
  assert.deepEqual([...elements].reverse().sort(compareElements), elements);
});

test('formatPath shows a path as conflicts do', () => {
  const path = ['f:spec', keyElement([['name', 'a'], ['port', 80]]), 'f:set', valueElement('x'), 'i:3']; // biome-ignore format: one line
  assert.equal(formatPath(path), '.spec[name="a",port=80].set[="x"][3]');
});
