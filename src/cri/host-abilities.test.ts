import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { canMountOverlay, capabilityIn, findBinary } from './host-abilities.ts';

describe('capabilityIn', () => {
  const cases: readonly [effective: string, capability: bigint, has: boolean][] = [
    ['000001ffffffffff', 24n, true],
    ['000001fffeffffff', 24n, false],
    ['0000000001000000', 24n, true],
    ['0000000000000000', 0n, false],
    ['0000010000000000', 40n, true],
  ];
  for (const [effective, capability, has] of cases) {
    test(`finds capability ${capability} ${has ? '' : 'not '}in ${effective}`, () => {
      const status = `Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t${effective}\nCapBnd:\t000001ffffffffff\n`;
      assert.equal(capabilityIn(status, capability), has);
    });
  }
});

test('findBinary gives the full path, or names the package to install', async () => {
  assert.match(await findBinary('sh'), /^\/.*\/sh$/);
  await assert.rejects(findBinary('no-such-program', 'its-package'), /install the package its-package/);
});

test('canMountOverlay leaves nothing where it tried', async () => {
  const directory = await mkdtemp(join(tmpdir(), 't8s-overlay-'));
  assert.equal(typeof (await canMountOverlay(directory)), 'boolean');
  assert.deepEqual(await readdir(directory), []);
  await rm(directory, { recursive: true });
});
