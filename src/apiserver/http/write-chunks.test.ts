import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import { writeChunks } from './write-chunks.ts';

/** A peer that takes what it is sent when `take` is called. */
function peer() {
  const taken: number[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk: Uint8Array, _encoding, done) {
      waiting.push(() => {
        taken.push(chunk.length);
        done();
      });
    },
  });
  return { stream, taken, take: () => waiting.shift()?.() };
}

const chunks = [new Uint8Array(8), new Uint8Array(8), new Uint8Array(8)];

describe('writeChunks', () => {
  test('waits for its peer, and is done when everything has been taken', async () => {
    const clock = new FakeClock();
    const { stream, taken, take } = peer();
    let isDone = false;
    const written = writeChunks({ clock, takeMs: 60_000 }, stream, chunks).then(() => {
      isDone = true;
    });
    for (const _ of chunks) {
      await clock.advance(59_000);
      assert.equal(isDone, false);
      take();
    }
    await written;
    assert.deepEqual(taken, [8, 8, 8]);
    assert.equal(clock.pending, 0);
  });

  test('gives up on a peer that takes nothing', async () => {
    const clock = new FakeClock();
    const { stream, taken, take } = peer();
    const written = writeChunks({ clock, takeMs: 60_000 }, stream, chunks);
    take();
    await clock.advance(60_000);
    await written;
    assert.ok(stream.destroyed);
    assert.deepEqual(taken, []);
    assert.equal(clock.pending, 0);
  });

  test('gives up on a peer that leaves the end', async () => {
    const clock = new FakeClock();
    const { stream } = peer();
    const written = writeChunks({ clock, takeMs: 60_000 }, stream, [new Uint8Array(1)]);
    await clock.advance(60_000);
    await written;
    assert.ok(stream.destroyed);
  });

  test('stops where the stream has closed', async () => {
    const clock = new FakeClock();
    const { stream } = peer();
    const written = writeChunks({ clock, takeMs: 60_000 }, stream, chunks);
    stream.destroy();
    await written;
    assert.equal(clock.pending, 0);
  });
});
