import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isAlive, livePid, removeProcessFile, writeProcessFile } from './process-file.ts';

const directory = mkdtempSync(join(tmpdir(), 't8s-process-'));
after(() => rmSync(directory, { recursive: true }));

describe('livePid', () => {
  test('is the pid of the process that wrote the file, while it lives', () => {
    const path = join(directory, 'self.pid');
    writeProcessFile(path);
    assert.equal(livePid(path), process.pid);
    removeProcessFile(path);
    assert.equal(livePid(path), undefined);
  });

  test('is nothing once the process has ended', async () => {
    const path = join(directory, 'ended.pid');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    writeProcessFile(path, child.pid);
    assert.equal(livePid(path), child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(livePid(path), undefined);
  });

  test('is nothing when the pid belongs to another process by now', { skip: process.platform !== 'linux' }, () => {
    const path = join(directory, 'reused.pid');
    writeProcessFile(path);
    const record = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...record, startTicks: '1' }));
    assert.equal(livePid(path), undefined);
  });

  test('is nothing when the file was never finished', () => {
    const path = join(directory, 'half.pid');
    writeFileSync(path, '{"pid":');
    assert.equal(livePid(path), undefined);
  });
});

test('isAlive is false for a pid that nobody has', () => {
  assert.equal(isAlive(2 ** 22 + 1), false);
});
