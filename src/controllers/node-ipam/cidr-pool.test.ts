import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CidrPool } from './cidr-pool.ts';

test('CidrPool gives every owner one block and none twice', () => {
  const pool = new CidrPool('10.244.0.0/16', 24);
  const blocks = Array.from({ length: 256 }, (_, i) => pool.allocate(`n${i}`));
  assert.equal(new Set(blocks).size, 256);
  assert.deepEqual([blocks[0], blocks[255]], ['10.244.0.0/24', '10.244.255.0/24']);
  assert.equal(pool.allocate('n7'), '10.244.7.0/24');
  assert.equal(pool.allocate('one too many'), undefined);
  pool.release('n7');
  assert.equal(pool.allocate('late'), '10.244.7.0/24');
});

test('CidrPool knows what is in use and does not give it away', () => {
  const pool = new CidrPool('192.168.4.0/22', 24);
  assert.equal(pool.occupy('192.168.5.0/24', 'a'), true);
  assert.equal(pool.occupy('192.168.5.0/24', 'a'), true);
  assert.equal(pool.occupy('192.168.5.0/24', 'b'), false);
  assert.equal(pool.occupy('10.0.0.0/24', 'elsewhere'), true);
  assert.deepEqual(
    [pool.allocate('a'), pool.allocate('b'), pool.allocate('c'), pool.allocate('d')],
    ['192.168.5.0/24', '192.168.4.0/24', '192.168.6.0/24', '192.168.7.0/24'],
  );
});

test('CidrPool does not give a block back at once', () => {
  const pool = new CidrPool('10.0.0.0/22', 24);
  pool.allocate('a');
  pool.release('a');
  assert.equal(pool.allocate('b'), '10.0.1.0/24');
});

test('CidrPool refuses ranges that cannot be divided', () => {
  for (const [cidr, mask] of [
    ['10.0.0.0/25', 24],
    ['10.0.0.0', 24],
    ['10.0.0.0/16', 31],
  ] as const) {
    assert.throws(() => new CidrPool(cidr, mask), RangeError, `${cidr} ${mask}`);
  }
});
