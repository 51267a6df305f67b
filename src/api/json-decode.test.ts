import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson, hasDuplicateKeys, isTooDeep } from './json-decode.ts';
import { explainJsonSyntax } from './json-syntax.ts';
import { isStatusError } from './status-error.ts';

test('decodeJson answers malformed text with BadRequest in the words of Go', () => {
  assert.deepEqual(decodeJson('{"a":[1,null]}'), { a: [1, null] });
  assert.throws(
    () => decodeJson('{"a":}'),
    (error) =>
      isStatusError(error, 'BadRequest') && error.message === "invalid character '}' looking for beginning of value",
  );
});

test('explainJsonSyntax names the first fault', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":1}}', "invalid character '}' after top-level value"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['-a', "invalid character 'a' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['01', "invalid character '1' after top-level value"],
    ['['.repeat(100_000), 'exceeded max depth'],
  ];
  for (const [text, message] of cases) assert.equal(explainJsonSyntax(text), message, text.slice(0, 20));
});

test('hasDuplicateKeys sees a key twice in one object and nowhere else', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['{}', false],
    ['{"a":1,"b":2}', false],
    ['{"a":1,"a":2}', true],
    ['{"a":{"a":{"a":1}}}', false],
    ['[{"a":1},{"a":2}]', false],
    ['{"a":["b","b"],"c":"b"}', false],
    ['{"x":[{"a":1,"b":{"c":1},"a":2}]}', true],
    ['{"a":1,"\\u0061":2}', true],
    ['{"a\\"":1,"a":2}', false],
    ['{"a\\\\":1,"a\\\\":2}', true],
    ['{"a" : 1 , "a" \n : 2}', true],
    ['{"a":"{\\"a\\":1}","b":"}"}', false],
    [`{${Array.from({ length: 40 }, (_, i) => `"k${i}":0`).join(',')}}`, false],
    [`{${Array.from({ length: 40 }, (_, i) => `"k${i % 39}":0`).join(',')}}`, true],
  ];
  for (const [text, expected] of cases) assert.equal(hasDuplicateKeys(text), expected, text.slice(0, 60));
});

test('isTooDeep stops at the limit however deep the value is', () => {
  assert.equal(isTooDeep(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))), true);
  assert.equal(isTooDeep([[1]], 2), false);
  assert.equal(isTooDeep([[[]]], 2), true);
});
