import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ipv4Number, ipv4Range, ipv4Text } from './ipv4-range.ts';

describe('ipv4Number', () => {
  test('reads addresses that ipv4Text writes', () => {
    for (const address of ['0.0.0.0', '10.96.0.10', '192.0.2.255', '255.255.255.255']) {
      assert.equal(ipv4Text(ipv4Number(address)), address);
    }
  });

  for (const text of ['', '10.0.0', '10.0.0.256', '10.0.0.1.2', 'a.b.c.d', '::1', '10.0.0.1/8']) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => ipv4Number(text), RangeError));
  }
});

describe('ipv4Range', () => {
  test('gives the first address and the size, whatever address of the range it is written with', () => {
    assert.deepEqual(ipv4Range('10.96.0.0/12'), { first: ipv4Number('10.96.0.0'), size: 2 ** 20, prefix: 12 });
    assert.deepEqual(ipv4Range('10.97.3.4/12'), { first: ipv4Number('10.96.0.0'), size: 2 ** 20, prefix: 12 });
    assert.deepEqual(ipv4Range('0.0.0.0/0'), { first: 0, size: 2 ** 32, prefix: 0 });
    assert.deepEqual(ipv4Range('192.0.2.7/32'), { first: ipv4Number('192.0.2.7'), size: 1, prefix: 32 });
  });

  for (const text of ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8x', 'x/8', 'fd00::/8']) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => ipv4Range(text), RangeError));
  }
});
