import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from './command.ts';
import { kubeletConfigFrom } from './kubelet-config.ts';

const directory = mkdtempSync(join(tmpdir(), 't8s-cli-'));
after(() => rmSync(directory, { recursive: true }));

test('kubeletConfigFrom reads a file, and says which one it was and what is wrong with it', () => {
  const file = join(directory, 'kubelet.yaml');
  assert.equal(kubeletConfigFrom(undefined), undefined);
  writeFileSync(file, 'maxPods: 20\n');
  assert.deepEqual(kubeletConfigFrom(file), { maxPods: 20 });
  writeFileSync(file, 'maxPods: 20\nmaxBods: 20\n');
  const isSaid = (message: RegExp) => (error: unknown) => error instanceof UsageError && message.test(error.message);
  assert.throws(() => kubeletConfigFrom(file), isSaid(/^--kubelet-config .*kubelet\.yaml: unknown field "maxBods" \(/));
  assert.throws(() => kubeletConfigFrom(join(directory, 'missing')), isSaid(/ENOENT/));
});
