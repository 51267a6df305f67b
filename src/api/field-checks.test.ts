import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkAlternatives,
  checkCidr,
  checkFinalizerName,
  checkIp,
  checkLocalPath,
  checkNonNegative,
  checkNonNegativeQuantity,
  checkNotSpecialIp,
  checkOneOf,
  checkPort,
  checkPortOrName,
  checkPositiveQuantity,
  checkRange,
  checkRequired,
  checkUnreservedPath,
  isDualStack,
} from './field-checks.ts';
import { type FieldError, formatFieldError, Path } from './field-error.ts';

const at = Path.of('f');

/** What a check adds, without the field. */
function faults(check: (errors: FieldError[]) => unknown): string[] {
  const errors: FieldError[] = [];
  check(errors);
  return errors.map((error) => formatFieldError(error).replace('f: ', ''));
}

const good: readonly [title: string, check: (errors: FieldError[]) => unknown][] = [
  ['checkNonNegative of nothing', (errors) => checkNonNegative(undefined, at, errors)],
  ['checkNonNegative of zero', (errors) => checkNonNegative(0, at, errors)],
  ['checkNonNegativeQuantity', (errors) => checkNonNegativeQuantity('0', at, errors)],
  ['checkPositiveQuantity', (errors) => checkPositiveQuantity('1m', at, errors)],
  ['checkRange', (errors) => checkRange(2, 1, 2, at, errors)],
  ['checkOneOf', (errors) => checkOneOf('a', ['a'], at, errors)],
  ['checkRequired', (errors) => checkRequired('a', at, errors)],
  ['checkPort', (errors) => checkPort(65535, at, errors)],
  ['checkPortOrName of a name', (errors) => checkPortOrName('http', at, errors)],
  ['checkIp', (errors) => checkIp('fd00::1', at, errors)],
  ['checkCidr', (errors) => checkCidr('10.0.0.0/8', at, errors)],
  ['checkNotSpecialIp', (errors) => checkNotSpecialIp('10.0.0.1', at, errors)],
  ['checkLocalPath', (errors) => checkLocalPath('a/..b', at, errors)],
  ['checkUnreservedPath', (errors) => checkUnreservedPath('a/..b', at, errors)],
  ['checkFinalizerName', (errors) => checkFinalizerName('foregroundDeletion', at, errors)],
  ['checkFinalizerName with a domain', (errors) => checkFinalizerName('example.com/a', at, errors)],
];

for (const [title, check] of good) {
  test(`${title} finds nothing wrong`, () => {
    assert.deepEqual(faults(check), []);
  });
}

const bad: readonly [title: string, check: (errors: FieldError[]) => unknown, expected: readonly string[]][] = [
  [
    'checkNonNegative',
    (errors) => checkNonNegative(-1, at, errors),
    ['Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'checkNonNegativeQuantity',
    (errors) => checkNonNegativeQuantity('-1m', at, errors),
    ['Invalid value: "-1m": must be greater than or equal to 0'],
  ],
  [
    'checkPositiveQuantity',
    (errors) => checkPositiveQuantity('0', at, errors),
    ['Invalid value: "0": must be greater than zero'],
  ],
  ['checkRange', (errors) => checkRange(3, 1, 2, at, errors), ['Invalid value: 3: must be between 1 and 2, inclusive']],
  ['checkOneOf', (errors) => checkOneOf('b', ['a'], at, errors), ['Unsupported value: "b": supported values: "a"']],
  ['checkRequired', (errors) => checkRequired('', at, errors), ['Required value']],
  ['checkPort', (errors) => checkPort(0, at, errors), ['Invalid value: 0: must be between 1 and 65535, inclusive']],
  [
    'checkPortOrName',
    (errors) => checkPortOrName('1', at, errors),
    ['Invalid value: "1": must contain at least one letter (a-z)'],
  ],
  [
    'checkIp',
    (errors) => checkIp('10.0.0', at, errors),
    ['Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [
    'checkCidr',
    (errors) => checkCidr('10.0.0.0/33', at, errors),
    ['Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ],
  [
    'checkNotSpecialIp of none',
    (errors) => checkNotSpecialIp('a', at, errors),
    ['Invalid value: "a": must be a valid IP address'],
  ],
  [
    'checkNotSpecialIp of loopback',
    (errors) => checkNotSpecialIp('127.0.0.1', at, errors),
    ['Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'checkNotSpecialIp of IPv6',
    (errors) => checkNotSpecialIp('fe80::1', at, errors),
    ['Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ],
  [
    'checkLocalPath',
    (errors) => checkLocalPath('/a/../b', at, errors),
    ['Invalid value: "/a/../b": must be a relative path', `Invalid value: "/a/../b": must not contain '..'`],
  ],
  [
    'checkUnreservedPath',
    (errors) => checkUnreservedPath('..a', at, errors),
    [`Invalid value: "..a": must not start with '..'`],
  ],
  [
    'checkFinalizerName',
    (errors) => checkFinalizerName('a', at, errors),
    ['Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified'],
  ],
];

for (const [title, check, expected] of bad) {
  test(`${title} says what is wrong`, () => {
    assert.deepEqual(faults(check), expected);
  });
}

test('isDualStack is for one address of each family', () => {
  assert.equal(isDualStack(['10.0.0.1', 'fd00::1']), true);
  assert.equal(isDualStack(['10.0.0.1', '10.0.0.2']), false);
  assert.equal(isDualStack(['10.0.0.1', 'a']), false);
});

test('checkAlternatives checks the first that is set and refuses the others', () => {
  interface Source {
    readonly a?: string;
    readonly b?: string | null;
  }
  const texts = { none: 'must have one', several: 'may not have two' };
  const checkSource = (source: Source) =>
    faults((errors) =>
      checkAlternatives<Source, { readonly longest: number }>(
        source,
        {
          a: (value, path, found, { longest }) => checkRange(value.length, 0, longest, path, found),
          b: (value, path, found) => checkRequired(value, path, found),
        },
        at,
        errors,
        { longest: 1 },
        texts,
      ),
    );
  assert.deepEqual(checkSource({ a: 'x' }), []);
  assert.deepEqual(checkSource({ a: 'x', b: null }), []);
  assert.deepEqual(checkSource({}), ['Required value: must have one']);
  assert.deepEqual(checkSource({ b: '' }), ['f.b: Required value']);
  assert.deepEqual(checkSource({ a: 'xy', b: '' }), [
    'f.a: Invalid value: 2: must be between 0 and 1, inclusive',
    'f.b: Forbidden: may not have two',
  ]);
});
