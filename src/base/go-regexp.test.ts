import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileGoRegexp } from './go-regexp.ts';

const matches: readonly [pattern: string, text: string, expected: boolean][] = [
  ['^a+$', 'aaa', true],
  ['^a+$', 'aab', false],
  ['b', 'abc', true],
  ['.', '\n', false],
  ['(?s).', '\n', true],
  ['.', '\r', true],
  ['^b$', 'a\nb', false],
  ['(?m)^b$', 'a\nb', true],
  ['(?m)^b$', 'a\rb', false],
  ['(?i)abc', 'aBC', true],
  ['a(?i:b)c', 'aBC', false],
  ['a(?i)b|c', 'C', true],
  ['(a(?i)b)c', 'aBC', false],
  ['\\w', 'é', false],
  ['\\s', '\u00a0', false],
  ['[[:alpha:]]', 'a', true],
  ['[[:^digit:]]', '1', false],
  ['[\\D]', '1', false],
  ['\\pN', '1', true],
  ['\\p{Greek}', 'α', true],
  ['\\P{^Lu}', 'a', false],
  ['\\Qa.b\\E', 'axb', false],
  ['\\x41\\x{1F600}\\102', 'A😀B', true],
  ['\\Aa\\z', 'a', true],
  ['\\bfoo\\b', 'a foo b', true],
  ['a{,2}', 'a{,2}', true],
  ['^a{2,3}$', 'aaaa', false],
  ['[]a]', ']', true],
  ['[a-]', '-', true],
  ['()*^*', '', true],
  ['(?P<n>a)(?<n>b)', 'ab', true],
  ['(?U)^a+?$', 'aa', true],
  ['', 'a', true],
];

for (const [pattern, text, expected] of matches) {
  test(`compileGoRegexp: ${pattern} on ${JSON.stringify(text)}`, () => {
    assert.equal(compileGoRegexp(pattern).test(text), expected);
  });
}

const refused: readonly [pattern: string, why: string][] = [
  ['a(b', 'missing closing ): `a(b`'],
  ['a)b', 'unexpected ): `a)b`'],
  ['a**', 'invalid nested repetition operator: `**`'],
  ['x{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
  ['*a', 'missing argument to repetition operator: `*`'],
  ['a|+?', 'missing argument to repetition operator: `+?`'],
  ['[a', 'missing closing ]: `[a`'],
  ['[z-a]', 'invalid character class range: `z-a`'],
  ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
  ['\\p{Foo}', 'invalid character class range: `\\p{Foo}`'],
  ['a\\', 'trailing backslash at end of expression: ``'],
  ['\\8', 'invalid escape sequence: `\\8`'],
  ['\\C', 'invalid escape sequence: `\\C`'],
  ['\\x{110000}', 'invalid escape sequence: `\\x{110000`'],
  ['\\xg', 'invalid escape sequence: `\\xg`'],
  ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
  ['(?<=a)b', 'invalid named capture: `(?<=a)b`'],
  ['(?P<>a)', 'invalid named capture: `(?P<>`'],
  ['a{1001}', 'invalid repeat count: `{1001}`'],
  ['a{2,1}', 'invalid repeat count: `{2,1}`'],
  ['(a{100}){11}', 'invalid repeat count: `{11}`'],
];

for (const [pattern, why] of refused) {
  test(`compileGoRegexp refuses ${pattern}`, () => {
    assert.throws(() => compileGoRegexp(pattern), { name: 'GoRegexpError', message: `error parsing regexp: ${why}` });
  });
}

test('compileGoRegexp refuses groups in too many groups', () => {
  assert.throws(() => compileGoRegexp('('.repeat(1001)), /expression nests too deeply/);
});
