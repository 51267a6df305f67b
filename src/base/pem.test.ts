import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePem } from './pem.ts';

const block = (type: string, body: string) => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;

test('parsePem reads blocks one behind another', () => {
  const text = `a comment\n${block('CERTIFICATE', 'AQI=')}${block('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\n\nAw==')}`;
  assert.deepEqual(parsePem(text), [
    { type: 'CERTIFICATE', hasHeaders: false, bytes: Uint8Array.of(1, 2) },
    { type: 'RSA PRIVATE KEY', hasHeaders: true, bytes: Uint8Array.of(3) },
  ]);
});

test('parsePem takes base64 in lines, and lines of any system', () => {
  const text = block('CERTIFICATE', 'AQID\nBAUG').replaceAll('\n', '\r\n');
  assert.deepEqual(parsePem(text)[0]?.bytes, Uint8Array.of(1, 2, 3, 4, 5, 6));
});

test('parsePem passes over what is no block', () => {
  assert.deepEqual(parsePem('-----BEGIN A-----\nAQI=\n-----END B-----\n'), []);
  assert.deepEqual(parsePem(block('A', '!')), []);
  assert.deepEqual(parsePem(''), []);
});
