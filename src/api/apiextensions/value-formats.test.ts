import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKnownFormat, isOfFormat } from './value-formats.ts';

const cases: readonly [format: string, good: readonly string[], bad: readonly string[]][] = [
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['507f', 'z07f1f77bcf86cd799439011']],
  ['uri', ['https://a/b', '/a'], ['a', '']],
  ['email', ['a@b', 'A B <a.b@c.d>'], ['a', '@b', 'a@b c', '']],
  ['hostname', ['a', 'a-b.example', '1a.com'], ['-a', 'a_b', `${'a'.repeat(64)}.com`, '']],
  ['ipv4', ['1.2.3.4'], ['1.2.3', '::1']],
  ['ipv6', ['::1', '2001:db8::1'], ['1.2.3.4', 'a']],
  ['cidr', ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33']],
  [
    'mac',
    ['01:23:45:67:89:ab', '01-23-45-67-89-AB', '0123.4567.89ab', '01:23:45:67:89:ab:cd:ef'],
    ['01:23:45', '01:23:45:67:89:ab:cd', 'a'],
  ],
  ['uuid', ['a8098c1a-f86e-11da-bd1a-00112444be1e', 'A8098C1AF86E11DABD1A00112444BE1E'], ['a8098c1a']],
  ['uuid3', ['6fa459ea-ee8a-3ca4-894e-db77e160355e'], ['6fa459ea-ee8a-4ca4-894e-db77e160355e']],
  ['uuid4', ['6fa459ea-ee8a-4ca4-894e-db77e160355e'], ['6fa459ea-ee8a-4ca4-c94e-db77e160355e']],
  ['uuid5', ['886313e1-3b8a-5372-9b90-0c9aee199e5d'], ['886313e1-3b8a-4372-9b90-0c9aee199e5d']],
  ['isbn', ['0321751043', '978-0321751041'], ['0321751044']],
  ['isbn10', ['0-321-75104-3', '080442957X'], ['978-0321751041']],
  ['isbn13', ['978-0321751041'], ['978-0321751042', '0321751043']],
  ['creditcard', ['4111 1111 1111 1111'], ['4111-1111-1111-1112', '1']],
  ['ssn', ['111-22-3333', '111 22 3333'], ['111223333', 'a']],
  ['hexcolor', ['#fff', 'A0B1C2'], ['#ffff']],
  ['rgbcolor', ['rgb(0, 100,255)'], ['rgb(0,0,256)', 'rgb(00,0,0)']],
  ['byte', ['YQ==', 'YWJj'], ['YQ', '!']],
  ['password', ['', 'anything'], []],
  ['date', ['2024-02-29'], ['2023-02-29', '2024-2-9']],
  [
    'date-time',
    ['2014-12-15T19:30:20.000Z', '2014-12-15t19:30:20+01:00'],
    ['2014-12-15T24:30:20Z', '2014-12-15 19:30:20Z', '2014'],
  ],
  ['duration', ['1h30m', '22 ns', '3 days', '1 week'], ['a', '', '3 moons']],
  ['k8s-short-name', ['a-1'], ['A', 'a.b', 'a'.repeat(64)]],
  ['k8s-long-name', ['a.b-c'], ['a..b', 'A']],
];

for (const [format, good, bad] of cases) {
  test(`isOfFormat: ${format}`, () => {
    for (const text of good) assert.equal(isOfFormat(format, text), true, text);
    for (const text of bad) assert.equal(isOfFormat(format, text), false, text);
  });
}

test('isOfFormat knows nothing of other formats', () => {
  assert.equal(isOfFormat('color', 'red'), undefined);
  assert.equal(isOfFormat('constructor', 'a'), undefined);
});

test('isKnownFormat goes by the type', () => {
  assert.ok(isKnownFormat('date-time'));
  assert.ok(isKnownFormat('datetime', 'string'));
  assert.ok(isKnownFormat('int64', 'integer'));
  assert.ok(isKnownFormat('double', 'number'));
  for (const [format, type] of [
    ['int32', 'string'],
    ['date', 'integer'],
    ['int32', 'number'],
    ['date', 'object'],
  ] as const) {
    assert.ok(!isKnownFormat(format, type), `${format} of ${type}`);
  }
});
