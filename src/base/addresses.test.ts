import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstServiceAddress, formatIpv4, parseCidr, parseIpv4 } from './addresses.ts';

describe('parseIpv4', () => {
  test('reads addresses that formatIpv4 writes', () => {
    for (const address of ['0.0.0.0', '10.96.0.10', '192.0.2.255', '255.255.255.255']) {
      assert.equal(formatIpv4(parseIpv4(address)), address);
    }
  });

  for (const text of ['', '10.0.0', '10.0.0.256', '10.0.0.1.2', 'a.b.c.d', '::1', '10.0.0.1/8']) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseIpv4(text), RangeError));
  }
});

describe('parseCidr', () => {
  test('gives the first address and the size, whatever address of the range it is written with', () => {
    assert.deepEqual(parseCidr('10.96.0.0/12'), { first: parseIpv4('10.96.0.0'), size: 2 ** 20 });
    assert.deepEqual(parseCidr('10.97.3.4/12'), { first: parseIpv4('10.96.0.0'), size: 2 ** 20 });
    assert.deepEqual(parseCidr('0.0.0.0/0'), { first: 0, size: 2 ** 32 });
    assert.deepEqual(parseCidr('192.0.2.7/32'), { first: parseIpv4('192.0.2.7'), size: 1 });
  });

  for (const text of ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8x', 'x/8']) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseCidr(text), RangeError));
  }
});

test('firstServiceAddress is the address of the service kubernetes', () => {
  assert.equal(firstServiceAddress('10.96.0.0/12'), '10.96.0.1');
});
