import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GoUrl, parseGoUrl, parseRequestUri } from './go-url.ts';

const parts = (url: Partial<GoUrl>): GoUrl => ({
  scheme: 'https',
  user: undefined,
  host: 'a',
  query: '',
  fragment: '',
  ...url,
});

const good: readonly [text: string, expected: GoUrl][] = [
  ['https://a', parts({})],
  ['HTTPS://a:443/b', parts({ host: 'a:443' })],
  ['https://u:p@a/b?c=d#e', parts({ user: 'u:p', query: 'c=d', fragment: 'e' })],
  ['https://[::1]:80/', parts({ host: '[::1]:80' })],
  ['https://[fe80::1%25en0]/', parts({ host: '[fe80::1%25en0]' })],
  ['mailto:a@b', parts({ scheme: 'mailto', host: '' })],
  ['a/b', parts({ scheme: '', host: '' })],
  ['//a/b', parts({ scheme: '' })],
  ['postgres://a:1,b:2', parts({ scheme: 'postgres', host: 'a:1,b:2' })],
  ['*', parts({ scheme: '', host: '' })],
  ['', parts({ scheme: '', host: '' })],
];

for (const [text, expected] of good) {
  test(`parseGoUrl of ${JSON.stringify(text)}`, () => assert.deepEqual(parseGoUrl(text), expected));
}

const bad: readonly [text: string, message: string][] = [
  ['a\n', 'parse "a\\n": net/url: invalid control character in URL'],
  [':a', 'parse ":a": missing protocol scheme'],
  ['1a:b', 'parse "1a:b": first path segment in URL cannot contain colon'],
  ['https://a:b', 'parse "https://a:b": invalid port ":b" after host'],
  ['https://a:1:2', 'parse "https://a:1:2": invalid port ":1:2" after host'],
  ['https://a b', 'parse "https://a b": invalid character " " in host name'],
  ['https://%41', 'parse "https://%41": invalid URL escape "%41"'],
  ['https://a/%zz', 'parse "https://a/%zz": invalid URL escape "%zz"'],
  ['https://a/%', 'parse "https://a/%": invalid URL escape "%"'],
  ['https://a#%', 'parse "https://a#%": invalid URL escape "%"'],
  ['https://[::1', 'parse "https://[::1": missing \']\' in host'],
  ['https://a[::1]', 'parse "https://a[::1]": invalid IP-literal'],
  ['https://[1.2.3.4]', 'parse "https://[1.2.3.4]": invalid IP-literal'],
  ['https://[a]', 'parse "https://[a]": invalid host: ParseAddr("a"): unable to parse IP'],
  ['https://a b@c', 'parse "https://a b@c": net/url: invalid userinfo'],
];

for (const [text, message] of bad) {
  test(`parseGoUrl refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseGoUrl(text), { name: 'GoUrlError', message });
  });
}

test('parseRequestUri takes absolute URLs and paths only', () => {
  assert.equal(parseRequestUri('https://a/b').host, 'a');
  assert.equal(parseRequestUri('/b').host, '');
  assert.throws(() => parseRequestUri('b'), { message: 'parse "b": invalid URI for request' });
  assert.throws(() => parseRequestUri(''), { message: 'parse "": empty url' });
});
