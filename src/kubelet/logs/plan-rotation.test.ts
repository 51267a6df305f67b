import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planRotation, rotationStamp } from './plan-rotation.ts';

describe('planRotation', () => {
  const cases: readonly (readonly [
    name: string,
    files: readonly string[],
    maxFiles: number,
    remove: readonly string[],
    compress: readonly string[],
  ])[] = [
    ['nothing the first time', [], 5, [], []],
    ['compresses all but what is rotated now', ['0.log.2', '0.log.1.gz'], 5, [], ['0.log.2']],
    ['removes the oldest', ['0.log.4', '0.log.3.gz', '0.log.2.gz', '0.log.1.gz'], 5, ['0.log.1.gz'], ['0.log.4']],
    ['keeps none where only two are wanted', ['0.log.2', '0.log.1'], 2, ['0.log.1', '0.log.2'], []],
    [
      'removes what a broken-off compression has left',
      ['0.log.2.tmp', '0.log.2', '0.log.1', '0.log.1.gz'],
      5,
      ['0.log.2.tmp', '0.log.1'],
      ['0.log.2'],
    ],
  ];
  for (const [name, files, maxFiles, remove, compress] of cases) {
    test(name, () => assert.deepEqual(planRotation(files, maxFiles), { remove, compress }));
  }
});

test('rotationStamp sorts by time', () => {
  assert.equal(rotationStamp(Date.UTC(2026, 0, 31, 23, 59, 59, 999)), '20260131-235959');
});
