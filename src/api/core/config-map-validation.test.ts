import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { ConfigMap } from './config-map.ts';

type Input = Parameters<typeof faultsOf<typeof ConfigMap>>[1];
const faults = (map: Input) => faultsOf(ConfigMap, map);

const cases: readonly [title: string, map: Input, expected: readonly string[]][] = [
  ['nothing', {}, []],
  ['text and bytes', { data: { 'a.b': 'c' }, binaryData: { _d: 'AAAA' } }, []],
  [
    'keys that are none',
    { data: { 'a/b': '' }, binaryData: { '..': '' } },
    [
      "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      'binaryData[..]: Invalid value: "..": must not be \'..\'',
    ],
  ],
  [
    'a key in both',
    { data: { a: '' }, binaryData: { a: '' } },
    ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  ],
  ['a mebibyte', { data: { a: 'ä'.repeat(524285) }, binaryData: { b: 'AAAAAAA=' } }, []],
  [
    'more than a mebibyte',
    { data: { a: 'ä'.repeat(524286) }, binaryData: { b: 'AAAAAAA=' } },
    ['[]: Too long: may not be more than 1048576 bytes'],
  ],
];

for (const [title, map, expected] of cases) {
  test(`ConfigMap.validate of ${title}`, () => {
    assert.deepEqual(faults(map), expected);
  });
}

const updateFaults = (map: Input, previous: Input) => updateFaultsOf(ConfigMap, map, previous);

const updateCases: readonly [title: string, map: Input, previous: Input, expected: readonly string[]][] = [
  ['anything', { data: { a: 'c' }, immutable: true }, { data: { a: 'b' } }, []],
  [
    'what is immutable',
    { data: { a: 'c' }, binaryData: { b: '' } },
    { data: { a: 'b' }, immutable: true },
    [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
      'binaryData: Forbidden: field is immutable when `immutable` is set',
    ],
  ],
  [
    'the labels of what is immutable',
    { metadata: { labels: { a: 'b' } }, data: { a: 'b' }, immutable: true },
    { data: { a: 'b' }, immutable: true },
    [],
  ],
];

for (const [title, map, previous, expected] of updateCases) {
  test(`ConfigMap.validateUpdate of ${title}`, () => {
    assert.deepEqual(updateFaults(map, previous), expected);
  });
}
