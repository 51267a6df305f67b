import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLogger, formatRecord, type LogRecord } from './log.ts';

describe('createLogger', () => {
  test('drops what is below its level and adds the fields it was made with', () => {
    const records: LogRecord[] = [];
    const log = createLogger((record) => records.push(record), { level: 'warn' }).with({ component: 'x' });
    log.info('not this');
    log.error('this', { pod: 'a' });
    assert.deepEqual(records, [{ level: 'error', message: 'this', fields: { component: 'x', pod: 'a' } }]);
  });
});

describe('formatRecord', () => {
  const line = (fields: Record<string, unknown>) => formatRecord({ level: 'info', message: 'said', fields }, 0);

  test('writes one line: time, level, message, fields', () => {
    assert.equal(
      line({ a: 1, b: 'plain', c: 'two words' }),
      '1970-01-01T00:00:00.000Z INFO said a=1 b=plain c="two words"',
    );
  });

  test('keeps an error on one line, with its cause, and leaves out what is undefined', () => {
    const text = line({ error: new Error('top', { cause: new Error('below') }), gone: undefined });
    assert.equal(text.split('\n').length, 1);
    assert.match(text, /error="Error: top.*\(below\)"$/);
  });
});
