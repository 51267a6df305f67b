import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { type TarEntry, writeTar } from './tar.ts';

const data = (text: string) => new TextEncoder().encode(text);

/** What the system's own tar says that the archive holds: mode, owner, size, name and target. */
function listing(archive: Uint8Array): string[] {
  const { status, stdout, stderr } = spawnSync('tar', ['--list', '--verbose', '--numeric-owner', '--utc', '-f', '-'], {
    input: archive,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '));
}

describe('writeTar', () => {
  test('writes what tar reads', () => {
    const long = `${'directory/'.repeat(12)}file`;
    const entries: readonly TarEntry[] = [
      { type: 'directory', path: 'bin' },
      { type: 'directory', path: 'tmp', mode: 0o1777 },
      { type: 'file', path: 'bin/sh', mode: 0o755, data: data('#!') },
      { type: 'file', path: 'empty', data: data('') },
      { type: 'file', path: 'block', data: data('x'.repeat(512)) },
      { type: 'symlink', path: 'link', target: 'bin/sh' },
      { type: 'hardlink', path: 'hard', target: 'bin/sh' },
      { type: 'file', path: long, data: data('deep') },
      { type: 'symlink', path: 'far', target: long },
      { type: 'file', path: 'n'.repeat(100), data: data('') },
    ];
    const when = '1970-01-01 00:00';
    assert.deepEqual(listing(writeTar(entries)), [
      `drwxr-xr-x 0/0 0 ${when} bin/`,
      `drwxrwxrwt 0/0 0 ${when} tmp/`,
      `-rwxr-xr-x 0/0 2 ${when} bin/sh`,
      `-rw-r--r-- 0/0 0 ${when} empty`,
      `-rw-r--r-- 0/0 512 ${when} block`,
      `lrwxrwxrwx 0/0 0 ${when} link -> bin/sh`,
      `hrwxrwxrwx 0/0 0 ${when} hard link to bin/sh`,
      `-rw-r--r-- 0/0 4 ${when} ${long}`,
      `lrwxrwxrwx 0/0 0 ${when} far -> ${long}`,
      `-rw-r--r-- 0/0 0 ${when} ${'n'.repeat(100)}`,
    ]);
  });

  test('holds files byte for byte', () => {
    const archive = writeTar([
      { type: 'file', path: 'first', data: data('a'.repeat(700)) },
      { type: 'file', path: 'second', data: data('grüße\n') },
    ]);
    const { stdout } = spawnSync('tar', ['--extract', '--to-stdout', '-f', '-', 'second'], { input: archive });
    assert.equal(stdout.toString(), 'grüße\n');
    assert.equal(archive.length % 512, 0);
  });

  // The length of a pax record counts its own digits, which is easy to get wrong where it gains one.
  for (const length of [101, 120, 985, 986, 987, 988, 989, 990, 991, 992, 993, 994, 995, 1000]) {
    test(`writes a name of ${length} bytes`, () => {
      const name = `${'d'.repeat(99)}/`
        .repeat(20)
        .slice(0, length - 1)
        .padEnd(length, 'x');
      assert.match(listing(writeTar([{ type: 'file', path: name, data: data('') }]))[0] ?? '', new RegExp(` ${name}$`));
    });
  }
});
