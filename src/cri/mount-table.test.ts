import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { listMounts, mountsBelow, parseMountInfo, unmountBelow } from './mount-table.ts';

const run = promisify(execFile);

describe('parseMountInfo', () => {
  test('reads path and file system, with and without optional fields, and undoes escapes', () => {
    const text = `26 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
36 26 0:32 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro
99 26 0:50 / /run/a\\040b\\134c rw master:3 propagate_from:2 - overlay overlay rw,lowerdir=/x - y
`;
    assert.deepEqual(parseMountInfo(text), [
      { path: '/', fileSystem: 'ext4' },
      { path: '/sys/fs/cgroup', fileSystem: 'tmpfs' },
      { path: '/run/a b\\c', fileSystem: 'overlay' },
    ]);
  });
});

test('mountsBelow finds what is below the directories, not themselves and no namesake', () => {
  const mounts = ['/', '/a', '/a/b', '/ab', '/c/a'].map((path) => ({ path, fileSystem: 'tmpfs' }));
  assert.deepEqual(mountsBelow(mounts, ['/a']), ['/a/b']);
  assert.deepEqual(mountsBelow(mounts, ['/a', '/c']), ['/a/b', '/c/a']);
});

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

test('unmountBelow takes off mounts on mounts', {
  skip: isRoot ? false : 'mounting needs Linux and root',
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 't8s mounts-'));
  for (const path of [join(directory, 'on'), join(directory, 'on'), join(directory, 'on/in')]) {
    await mkdir(path, { recursive: true });
    await run('mount', ['-t', 'tmpfs', 'tmpfs', path]);
  }
  assert.equal(mountsBelow(await listMounts(), [directory]).length, 3);
  await unmountBelow([directory]);
  assert.deepEqual(mountsBelow(await listMounts(), [directory]), []);
  await rm(directory, { recursive: true });
});
