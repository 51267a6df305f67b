import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { killTree, removeTree } from './cgroup-tree.ts';

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
/** A hierarchy that this process can make groups in. */
const hierarchy = (await isThere('/sys/fs/cgroup/cgroup.controllers')) ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids';
const canMakeGroups = process.getuid?.() === 0 && (await isThere(join(hierarchy, 'cgroup.procs')));

test('removeTree takes what is below as well, and is content where there is nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 't8s-groups-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
  await mkdir(join(directory, 'a', 'b'), { recursive: true });
  await removeTree(join(directory, 'a'));
  await removeTree(join(directory, 'a'));
  assert.equal(await isThere(join(directory, 'a')), false);
});

test('killTree ends what is left in a group', {
  skip: canMakeGroups ? false : 'only root makes control groups',
}, async () => {
  const root = join(hierarchy, `t8s-test-${randomBytes(3).toString('hex')}`);
  const inner = join(root, 'inner');
  await mkdir(inner, { recursive: true });
  const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' });
  const ended = once(sleeper, 'exit');
  await writeFile(join(inner, 'cgroup.procs'), String(sleeper.pid));
  await assert.rejects(removeTree(root), { code: 'EBUSY' });
  await killTree({ clock: systemClock }, root);
  assert.equal(await isThere(root), false);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});
