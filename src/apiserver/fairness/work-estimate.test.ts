import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateList, estimateWrite, type ListedObjects, ONE_SEAT } from './work-estimate.ts';

const PODS: ListedObjects = { count: 1000, sizeBytes: 2_500_000, limit: 0, single: false };
const lists: readonly [title: string, ListedObjects, maxSeats: number, seats: number][] = [
  ['nothing', { ...PODS, count: 0, sizeBytes: 0 }, 10, 1],
  ['a seat for every 100 KB', { ...PODS, count: 100, sizeBytes: 250_000 }, 10, 3],
  ['at most 1 MB at a time', PODS, 100, 10],
  ['no more than its level allows', PODS, 4, 4],
  ['a page', { ...PODS, limit: 100 }, 10, 3],
  ['a page longer than what there is', { ...PODS, count: 10, sizeBytes: 25_000, limit: 500 }, 10, 1],
  ['one object', { ...PODS, single: true }, 10, 1],
];
for (const [title, objects, maxSeats, initialSeats] of lists) {
  test(`estimateList: ${title}`, () => {
    assert.deepEqual(estimateList(objects, maxSeats), { ...ONE_SEAT, initialSeats });
  });
}

const writes: readonly [watchers: number, maxSeats: number, finalSeats: number, additionalLatencyMs: number][] = [
  [0, 10, 0, 0],
  [9, 10, 0, 0],
  [10, 10, 1, 5],
  [45, 10, 5, 5],
  [1000, 10, 10, 50],
  [1000, 2, 2, 250],
];
for (const [watchers, maxSeats, finalSeats, additionalLatencyMs] of writes) {
  test(`estimateWrite: ${watchers} watchers, at most ${maxSeats} seats`, () => {
    assert.deepEqual(estimateWrite(watchers, maxSeats), { initialSeats: 1, finalSeats, additionalLatencyMs });
  });
}
