import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePem } from './pem.ts';

const block = (type: string, body: string) => `-----BEGIN ${type}-----\n${body}-----END ${type}-----\n`;

const cases: readonly [
  title: string,
  text: string,
  expected: readonly [type: string, headers: number, bytes: number[]][],
][] = [
  ['nothing', '', []],
  ['text', 'a\nb\n', []],
  ['a block', block('A B', 'AQID\n'), [['A B', 0, [1, 2, 3]]]],
  ['a block of two lines', block('A', 'AQID\nBA==\n'), [['A', 0, [1, 2, 3, 4]]]],
  ['a block by Windows', block('A', 'AQID\n').replaceAll('\n', '\r\n'), [['A', 0, [1, 2, 3]]]],
  ['a block without a line break at the end', block('A', 'AQID\n').trimEnd(), [['A', 0, [1, 2, 3]]]],
  ['an empty block', block('A', ''), [['A', 0, []]]],
  [
    'two blocks among text',
    `a\n${block('A', 'AQID\n')}b\n${block('B', 'BA==\n')}c`,
    [
      ['A', 0, [1, 2, 3]],
      ['B', 0, [4]],
    ],
  ],
  ['headers', block('A', 'Proc-Type: 4\nb: c\n\nAQID\n'), [['A', 2, [1, 2, 3]]]],
  ['a block that is not base64', block('A', 'A!\n') + block('B', 'AQID\n'), [['B', 0, [1, 2, 3]]]],
  ['a block that does not end', '-----BEGIN A-----\nAQID\n', []],
  ['a block that ends as another', '-----BEGIN A-----\nAQID\n-----END B-----\n', []],
  ['a block that does not begin a line', ` ${block('A', 'AQID\n')}`, []],
];

for (const [title, text, expected] of cases) {
  test(`decodePem of ${title}`, () => {
    const blocks = decodePem(text).map(({ type, headers, bytes }) => [type, headers.length, [...bytes]]);
    assert.deepEqual(blocks, expected);
  });
}
