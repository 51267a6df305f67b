import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ProjectedFiles, writeAtomically } from './atomic-directory.ts';

const files = (contents: Readonly<Record<string, string>>, mode = 0o644): ProjectedFiles =>
  new Map(Object.entries(contents).map(([path, text]) => [path, { content: Buffer.from(text), mode }]));

describe('writeAtomically', () => {
  let root: string;
  let directory: string;
  let count = 0;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 't8s-atomic-'));
  });
  after(() => rm(root, { recursive: true }));
  const fresh = async () => {
    directory = join(root, String(count++));
    await mkdir(directory);
  };
  const read = (path: string) => readFile(join(directory, path), 'utf8');

  test('shows files through a link to a set of them', async () => {
    await fresh();
    assert.equal(await writeAtomically(directory, files({ a: '1', 'sub/b': '2', 'sub/deep/c': '3' }), 'one'), true);
    assert.deepEqual((await readdir(directory)).sort(), ['..data', '..one', 'a', 'sub']);
    assert.deepEqual(
      [await readlink(join(directory, '..data')), await readlink(join(directory, 'a'))],
      ['..one', '..data/a'],
    );
    assert.deepEqual([await read('a'), await read('sub/b'), await read('sub/deep/c')], ['1', '2', '3']);
  });

  test('changes nothing when nothing changes', async () => {
    await fresh();
    await writeAtomically(directory, files({ a: '1' }), 'one');
    assert.equal(await writeAtomically(directory, files({ a: '1' }), 'two'), false);
    assert.equal(await readlink(join(directory, '..data')), '..one');
  });

  const changes: readonly (readonly [string, ProjectedFiles, readonly string[]])[] = [
    ['a content', files({ a: '2', b: 'x' }), ['a', 'b']],
    ['a mode', files({ a: '1', b: 'x' }, 0o600), ['a', 'b']],
    ['a file that comes', files({ a: '1', b: 'x', c: 'y' }), ['a', 'b', 'c']],
    ['a file that goes', files({ a: '1' }), ['a']],
    ['a file that becomes a directory', files({ 'a/in': '1', b: 'x' }), ['a', 'b']],
    ['nothing at all', new Map(), []],
  ];
  for (const [name, next, visible] of changes) {
    test(`replaces the set for ${name}, and leaves no other`, async () => {
      await fresh();
      await writeAtomically(directory, files({ a: '1', b: 'x' }), 'one');
      assert.equal(await writeAtomically(directory, next, 'two'), true);
      assert.deepEqual((await readdir(directory)).sort(), ['..data', '..two', ...visible]);
      for (const [path, { content, mode }] of next) {
        assert.equal(await read(path), content.toString());
        assert.equal((await stat(join(directory, path))).mode & 0o7777, mode);
      }
    });
  }

  test('takes away what was left in the middle of it', async () => {
    await fresh();
    await mkdir(join(directory, '..half'));
    await writeFile(join(directory, '..data_tmp'), '');
    await writeAtomically(directory, files({ a: '1' }), 'one');
    assert.deepEqual((await readdir(directory)).sort(), ['..data', '..one', 'a']);
  });

  test('never shows a reader a mixture', async () => {
    await fresh();
    await writeAtomically(directory, files({ a: '0', b: '0' }), 'set0');
    let going = true;
    const reading = (async () => {
      const seen: (readonly [string, string])[] = [];
      while (going) {
        // What a program does that wants both as they belong together: it opens the set, then reads in it.
        const set = await readlink(join(directory, '..data'));
        const pair = await Promise.all([read(`${set}/a`), read(`${set}/b`)]).catch(() => undefined);
        if (pair) seen.push(pair as [string, string]);
      }
      return seen;
    })();
    for (let round = 1; round <= 40; round++) {
      await writeAtomically(directory, files({ a: String(round), b: String(round) }), `set${round}`);
    }
    going = false;
    const seen = await reading;
    assert.ok(seen.length > 0);
    assert.deepEqual(
      seen.filter(([a, b]) => a !== b),
      [],
    );
  });

  for (const path of ['../out', '/etc/passwd', 'a/../../b', '..data', '']) {
    test(`refuses the path ${JSON.stringify(path)}`, async () => {
      await fresh();
      await assert.rejects(writeAtomically(directory, files({ [path]: 'x' }), 'one'), RangeError);
      assert.deepEqual(await readdir(directory), []);
    });
  }
});
