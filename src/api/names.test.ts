import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cIdentifier,
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  envVarName,
  type Faults,
  httpHeaderName,
  httpPath,
  inRange,
  labelValue,
  nameFaults,
  pathSegment,
  percent,
  portName,
  portNumber,
  qualifiedName,
  relaxedEnvVarName,
  userOrGroupId,
  utf8Length,
  wildcardSubdomain,
} from './names.ts';

const long = (length: number) => 'a'.repeat(length);

const CASES: readonly {
  readonly check: (value: string) => Faults;
  readonly good: readonly string[];
  readonly bad: readonly string[];
}[] = [
  {
    check: dns1123Label,
    good: ['a', '0', 'a-b', '123', long(63)],
    bad: ['', '-', 'A', 'a-', '-a', 'a_b', 'a.b', 'a b', 'é', long(64), 'a\n'],
  },
  {
    check: dns1123Subdomain,
    good: ['a', 'a.b', '0.a-b.c', `${long(63)}.${long(63)}`],
    bad: ['', '.', 'a.', '.a', 'a..b', 'a-.b', 'A.b', 'a_b', long(254)],
  },
  { check: dns1035Label, good: ['a', 'a1-b', long(63)], bad: ['', '1', '1a', 'a-', 'a.b', 'A', long(64)] },
  { check: wildcardSubdomain, good: ['*.a', '*.a.b'], bad: ['*', '*.', 'a.b', 'a.*.b', '*.A', '*.*.a'] },
  {
    check: qualifiedName,
    good: ['a', 'A_b.c-1', 'example.com/a', '1.2/3', long(63), `${long(63)}.b/${long(63)}`],
    bad: ['', '/a', 'a/', 'a/b/c', '-a', 'a-', 'Example.com/a', 'a b', long(64)],
  },
  { check: labelValue, good: ['', 'a', 'A_b.c-1', long(63)], bad: ['-a', 'a-', 'a b', 'a/b', long(64)] },
  { check: pathSegment, good: ['a', 'A:b', '...', 'system:a.b'], bad: ['.', '..', 'a/b', 'a%b'] },
  { check: envVarName, good: ['A', '_a', 'a.b-c', '.a'], bad: ['', '1A', 'a=b', '.', '..', '..a', 'a b'] },
  { check: relaxedEnvVarName, good: ['1', 'a b', '!', '..'], bad: ['', 'a=b', 'é', 'a\n'] },
  {
    check: configMapKey,
    good: ['a', '.a', 'A_b-c.d', '__proto__', long(253)],
    bad: ['', '.', '..', '..a', 'a/b', 'a b', long(254)],
  },
  { check: percent, good: ['0%', '100%'], bad: ['', '%', '1', '-1%', '1.5%'] },
  { check: httpHeaderName, good: ['X-A', '1'], bad: ['', 'a b', 'a_b', 'a:'] },
  { check: httpPath, good: ['/', "/a-b._~%!$&'()*+,;=:"], bad: ['', '/a b', '/a?b', '/a#b', '/"'] },
  { check: cIdentifier, good: ['a', '_', 'a1_B'], bad: ['', '1a', 'a-b'] },
  { check: portName, good: ['http', 'a-1', '0a', long(15)], bad: ['', '1', 'a--b', '-a', 'a-', 'A', long(16)] },
];

test('every check takes the good and refuses the bad', () => {
  for (const { check, good, bad } of CASES) {
    for (const value of good) assert.deepEqual(check(value), [], `${check.name} ${value}`);
    for (const value of bad) assert.notDeepEqual(check(value), [], `${check.name} ${value}`);
  }
});

test('the texts are those of upstream', () => {
  const label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  const subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  const qualified =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const cases: readonly (readonly [Faults, Faults])[] = [
    [dns1123Label('A'), [label]],
    [dns1123Label('a.b'), ['must not contain dots']],
    [dns1123Label(long(64)), ['must be no more than 63 characters']],
    [dns1123Subdomain('A_b'), [subdomain]],
    [qualifiedName(''), ['name part must be non-empty', `name part ${qualified}`]],
    [qualifiedName('A/b'), [`prefix part ${subdomain}`]],
    [
      qualifiedName('a/b/c'),
      [`a valid label key ${qualified} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
    ],
    [labelValue(long(64)), ['must be no more than 63 bytes']],
    [pathSegment('a/%'), ["may not contain '/'", "may not contain '%'"]],
    [configMapKey('..a'), ["must not start with '..'"]],
    [
      portName(''),
      [
        'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'must contain at least one letter (a-z)',
      ],
    ],
    [portNumber(0), ['must be between 1 and 65535, inclusive']],
    [userOrGroupId(-1), ['must be between 0 and 2147483647, inclusive']],
    [inRange(5, 1, 5), []],
  ];
  for (const [found, expected] of cases) assert.deepEqual(found, expected);
});

test('nameFaults follows the rule of the kind and lets prefixes end in a dash', () => {
  assert.deepEqual(nameFaults('dns1123Subdomain', 'a.b'), []);
  assert.equal(nameFaults('dns1123Label', 'a.b').length, 1);
  assert.equal(nameFaults('dns1035Label', '1a').length, 1);
  assert.deepEqual(nameFaults('pathSegment', 'system:node'), []);
  assert.deepEqual(nameFaults('any', 'what/ever'), []);
  assert.equal(nameFaults('dns1123Subdomain', 'a-').length, 1);
  assert.deepEqual(nameFaults('dns1123Subdomain', 'a-', true), []);
  assert.deepEqual(nameFaults('pathSegment', '.', true), []);
});

test('utf8Length is what encoding gives', () => {
  const texts = [
    '',
    'plain',
    'é',
    'ß€',
    '日本',
    '😀',
    'a😀b',
    '\ud83d',
    '\ude00',
    '\ude00\ud83d',
    '\ud83d\ud83d\ude00',
    '\u07ff\u0800\uffff',
  ];
  for (const text of texts) assert.equal(utf8Length(text), new TextEncoder().encode(text).length, JSON.stringify(text));
});
