import assert from 'node:assert/strict';
import test from 'node:test';
import { utf8Length } from './utf8-length.ts';

const texts = {
  nothing: '',
  ASCII: 'kubectl-client-side-apply\n',
  'the last of one byte and the first of two': '\u007f\u0080',
  'the last of two bytes and the first of three': '\u07ff\u0800',
  'three bytes': '容器编排',
  'a surrogate pair': 'a😀b',
  'a pair at the end': '😀',
  'half a pair': 'a\ud83d',
  'the wrong half': '\ude00a',
  'halves in the wrong order': '\ude00\ud83d',
  'a half before a pair': '\ud83d😀',
};

for (const [name, text] of Object.entries(texts)) {
  test(`as long as its encoding: ${name}`, () => {
    assert.equal(utf8Length(text), new TextEncoder().encode(text).length);
  });
}
