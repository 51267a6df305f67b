import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EnvFileError, envFileValue } from './env-file.ts';

describe('envFileValue', () => {
  const text = `# of the database
ADDRESS='db.example.com' # not here
  INDENTED='yes'

QUERY='a=b # no comment $HOME'
LINES='one
two'
EMPTY=''
ADDRESS='another'`;
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['ADDRESS', 'db.example.com'],
    ['INDENTED', 'yes'],
    ['QUERY', 'a=b # no comment $HOME'],
    ['LINES', 'one\ntwo'],
    ['EMPTY', ''],
    ['NOBODY', undefined],
    ['two', undefined],
  ];
  for (const [key, value] of cases) test(`of ${key}`, () => assert.equal(envFileValue(text, key), value));

  for (const wrong of ['KEY=value', 'KEY="value"', "KEY='open", "KEY='a'b", 'KEY', "='value'", "KEY = 'value"]) {
    test(`refuses ${wrong}`, () => assert.throws(() => envFileValue(wrong, 'KEY'), EnvFileError));
  }
});
