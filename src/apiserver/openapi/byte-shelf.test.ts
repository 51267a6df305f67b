import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteShelf, type Make } from './byte-shelf.ts';

function counted(sizeBytes: number): Make & { made: number } {
  const make = Object.assign(
    async () => {
      make.made++;
      return new Uint8Array(sizeBytes);
    },
    { made: 0 },
  );
  return make;
}

test('ByteShelf keeps what was asked for last, up to its limit', async () => {
  const shelf = new ByteShelf({ limitBytes: 10 });
  const [a, b, c] = [counted(5), counted(5), counted(5)];
  for (const make of [a, b, a, c, a, b]) await shelf.get(make);
  assert.deepEqual([a.made, b.made, c.made], [1, 2, 1]);
});

test('ByteShelf does not keep what is larger than it', async () => {
  const shelf = new ByteShelf({ limitBytes: 10 });
  const make = counted(11);
  for (let time = 0; time < 2; time++) assert.equal((await shelf.get(make)).length, 11);
  assert.equal(make.made, 2);
});

test('ByteShelf makes a thing once for all who wait, one thing at a time, and goes on after a failure', async () => {
  const shelf = new ByteShelf({ limitBytes: 10 });
  const make = counted(1);
  let isFailing = true;
  const failing: Make = async () => {
    if (isFailing) throw new Error('no');
    return make();
  };
  const refused = assert.rejects(shelf.get(failing), /no/);
  await Promise.all([refused, shelf.get(make), shelf.get(make)]);
  assert.equal(make.made, 1);
  isFailing = false;
  await shelf.get(failing);
  assert.equal(make.made, 2);
});
