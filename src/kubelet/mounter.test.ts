import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withShortLayers } from './mounter.ts';

describe('withShortLayers', () => {
  const cases: readonly (readonly [string, readonly string[], string, readonly string[]])[] = [
    [
      'names layers from the directory that they have in common',
      ['index=off', 'lowerdir=/c/snapshots/12/fs:/c/snapshots/1/fs', 'ro'],
      '/c/snapshots',
      ['index=off', 'lowerdir=12/fs:1/fs', 'ro'],
    ],
    ['leaves what has nothing in common', ['lowerdir=/a/fs:/b/fs'], '/', ['lowerdir=/a/fs:/b/fs']],
    ['leaves what is no overlay', ['rbind', 'ro'], '/', ['rbind', 'ro']],
  ];
  for (const [name, options, workingDir, expected] of cases) {
    test(name, () => {
      const mount = { type: 'overlay', source: 'overlay' };
      assert.deepEqual(withShortLayers({ ...mount, options }), { ...mount, options: expected, workingDir });
    });
  }
});
