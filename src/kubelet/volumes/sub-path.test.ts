import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openSubPath, SubPathError } from './sub-path.ts';

describe('openSubPath', () => {
  let root: string;
  let volume: string;
  let outside: string;
  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 't8s-sub-')));
    [volume, outside] = [join(root, 'volume'), join(root, 'outside')];
    await mkdir(volume);
    await chmod(volume, 0o2777);
    await mkdir(outside);
    await writeFile(join(volume, 'file'), 'x');
    await mkdir(join(volume, 'there'));
    await symlink('there', join(volume, 'inner'));
    await symlink(outside, join(volume, 'outer'));
    await symlink('../outside', join(volume, 'relative'));
    await symlink('/nowhere', join(volume, 'dangling'));
  });
  after(() => rm(root, { recursive: true }));

  test('finds what is there', async () => {
    assert.equal(await openSubPath(volume, 'there'), join(volume, 'there'));
    assert.equal(await openSubPath(volume, 'file'), join(volume, 'file'));
    assert.equal(await openSubPath(volume, './there/'), join(volume, 'there'));
  });

  test('makes what is not there, with the mode of the volume', async () => {
    assert.equal(await openSubPath(volume, 'new/deep'), join(volume, 'new/deep'));
    for (const path of ['new', 'new/deep']) assert.equal((await stat(join(volume, path))).mode & 0o7777, 0o2777);
  });

  test('follows links that stay within the volume', async () => {
    assert.equal(await openSubPath(volume, 'inner'), join(volume, 'there'));
    assert.equal(await openSubPath(volume, 'inner/more'), join(volume, 'there/more'));
  });

  for (const subPath of [
    'outer',
    'outer/made',
    'relative',
    'relative/made',
    'there/../../outside',
    '../outside',
    '/etc',
  ]) {
    test(`does not leave the volume by ${subPath}, nor make anything outside`, async () => {
      await assert.rejects(openSubPath(volume, subPath), SubPathError);
      assert.deepEqual(await readdir(outside), []);
    });
  }

  test('rejects a link to nowhere', async () => {
    await assert.rejects(openSubPath(volume, 'dangling'), { code: 'ENOENT' });
  });

  test('rejects a way through a file', async () => {
    await assert.rejects(openSubPath(volume, 'file/more'), { code: 'ENOTDIR' });
  });
});
