import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastWords } from './termination-message.ts';

test('lastWords is the text of the last lines, parts of a line put together', () => {
  const line = (text: string, tag = 'F') => `2026-01-01T00:00:00.000000000Z stderr ${tag} ${text}\n`;
  const of = (...lines: readonly string[]) => lastWords(Buffer.from(lines.join('')));
  assert.equal(of(line('one'), line('two')), 'one\ntwo\n');
  assert.equal(of(line('one ', 'P'), line('line')), 'one line\n');
  assert.equal(of(...Array.from({ length: 100 }, (_, index) => line(String(index)))).split('\n')[0], '20');
  assert.equal(Buffer.byteLength(of(line('é'.repeat(3000)))), 2048 + 2); // Half a letter at the cut is shown as one unknown.
});
