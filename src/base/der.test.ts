import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOid, readDer, readDerList } from './der.ts';

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

test('readDer takes a value apart', () => {
  const { tag, content, whole } = readDer(bytes('3003020101'));
  assert.deepEqual([tag, hex(content), hex(whole)], [0x30, '020101', '3003020101']);
});

test('readDer reads lengths of several bytes', () => {
  const long = `04820100${'00'.repeat(256)}`;
  assert.equal(readDer(bytes(long)).content.length, 256);
});

test('readDerList reads values that follow each other', () => {
  assert.deepEqual(
    readDerList(bytes('0201010500')).map(({ tag, content }) => [tag, hex(content)]),
    [
      [2, '01'],
      [5, ''],
    ],
  );
  assert.deepEqual(readDerList(bytes('')), []);
});

const faults: readonly [title: string, hex: string, message: string][] = [
  ['nothing', '', 'asn1: syntax error: truncated tag or length'],
  ['a tag alone', '30', 'asn1: syntax error: truncated tag or length'],
  ['a length that ends early', '3082', 'asn1: syntax error: truncated tag or length'],
  ['a content that ends early', '300201', 'asn1: syntax error: data truncated'],
  ['more than a value', '050000', 'asn1: syntax error: trailing data'],
  ['a length of its own', '3080', 'asn1: structure error: length too large'],
];

for (const [title, text, message] of faults) {
  test(`readDer refuses ${title}`, () => assert.throws(() => readDer(bytes(text)), { name: 'DerError', message }));
}

test('formatOid writes numbers of several bytes, and the first two', () => {
  assert.equal(formatOid(bytes('2a864886f70d01010b')), '1.2.840.113549.1.1.11');
  assert.equal(formatOid(bytes('2b6570')), '1.3.101.112');
  assert.equal(formatOid(bytes('608648016503040201')), '2.16.840.1.101.3.4.2.1');
});
