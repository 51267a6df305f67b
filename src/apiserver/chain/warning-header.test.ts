import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningHeader } from './warning-header.ts';

test('warningHeader quotes every text', () => {
  assert.equal(warningHeader(['a "b" \\c', 'd\ne']), '299 - "a \\"b\\" \\\\c", 299 - "d e"');
});

test('warningHeader is in UTF-8, as bytes', () => {
  assert.equal(Buffer.from(warningHeader(['größer: 大']), 'latin1').toString('utf8'), '299 - "größer: 大"');
});

test('warningHeader leaves texts whole that are short enough together', () => {
  const text = 'a'.repeat(4096);
  assert.equal(warningHeader([text]), `299 - "${text}"`);
});

test('warningHeader cuts texts that are too long together, and leaves out what is too much', () => {
  const header = warningHeader(['short', ...Array.from({ length: 100 }, () => 'a'.repeat(300))]);
  const texts = header.split(', ');
  assert.equal(texts.length, 1 + 16);
  assert.equal(texts[0], '299 - "short"');
  assert.equal(texts[1], `299 - "${'a'.repeat(256)}"`);
});
