import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { findDaemon, sendSignal, startDaemon, stopProcess, writePidFile } from './daemon-process.ts';
import { isRunning, processAt } from './process-table.ts';

describe('daemon process', { skip: process.platform === 'linux' ? false : '/proc is Linux' }, () => {
  let directory: string;
  const clock = systemClock;
  const files = (name: string) => ({
    pidFile: join(directory, `${name}.pid`),
    logFile: join(directory, `${name}.log`),
  });
  const sleeper = ['sleep', '1000'] as const;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 't8s-daemon-'));
  });
  after(async () => {
    await rm(directory, { recursive: true });
  });

  test('startDaemon starts it detached and findDaemon finds it by its pid file', async () => {
    const started = await startDaemon(sleeper, files('found'));
    const found = await findDaemon(files('found').pidFile);
    assert.deepEqual([found?.pid, found?.startTicks], [started.pid, started.startTicks]);
    const session = await sessionOf(started.pid);
    assert.equal(session, started.pid, 'it leads a session of its own');
    await stopProcess({ clock }, started, { timeoutMs: 5000 });
    assert.equal(await isRunning(started), false);
    assert.equal(await findDaemon(files('found').pidFile), undefined);
  });

  test('findDaemon takes no other process for it', async () => {
    const { pidFile } = files('foreign');
    const self = (await processAt(process.pid))!;
    await writePidFile(pidFile, { ...self, startTicks: self.startTicks + 1 });
    assert.equal(await findDaemon(pidFile), undefined);
    assert.equal(await sendSignal({ ...self, startTicks: self.startTicks + 1 }, 'SIGKILL'), false);
    for (const text of ['', 'nonsense', `${process.pid}`, `${process.pid} ${self.startTicks}`]) {
      await writeFile(pidFile, text);
      assert.equal(await findDaemon(pidFile), undefined);
    }
    assert.equal(await findDaemon(join(directory, 'missing.pid')), undefined);
  });

  test('startDaemon appends the output to the log file and puts a long one aside', async () => {
    const { logFile, pidFile } = files('log');
    const speak = (word: string) => startDaemon(['sh', '-c', `echo ${word}; exec sleep 1000`], { logFile, pidFile });
    const logged = async (text: string) => {
      const deadline = performance.now() + 10_000;
      while ((await readFile(logFile, 'utf8')) !== text) assert.ok(performance.now() < deadline, 'nothing is logged');
    };
    for (const [word, text] of [
      ['one', 'one\n'],
      ['two', 'one\ntwo\n'],
    ] as const) {
      const daemon = await speak(word);
      await logged(text);
      await stopProcess({ clock }, daemon, { timeoutMs: 5000 });
    }
    await truncate(logFile, 17 * 1024 * 1024);
    const daemon = await speak('three');
    await logged('three\n');
    assert.equal((await stat(`${logFile}.1`)).size, 17 * 1024 * 1024);
    await stopProcess({ clock }, daemon, { timeoutMs: 5000 });
  });

  test('startDaemon throws for a program that is not there', async () => {
    await assert.rejects(startDaemon([join(directory, 'missing')], files('missing')), { code: 'ENOENT' });
  });

  test('stopProcess kills what does not end when asked', async () => {
    const { pidFile, logFile } = files('deaf');
    const deaf = await startDaemon(['sh', '-c', 'trap "" TERM; echo deaf; while :; do sleep 1; done'], {
      pidFile,
      logFile,
    });
    const deadline = performance.now() + 10_000;
    while ((await readFile(logFile, 'utf8')) !== 'deaf\n') assert.ok(performance.now() < deadline);
    await stopProcess({ clock }, deaf, { timeoutMs: 50 });
    assert.equal(await isRunning(deaf), false);
  });

  test('stopProcess gives up waiting with the reason of the signal', async () => {
    const { pidFile, logFile } = files('waiting');
    const deaf = await startDaemon(['sh', '-c', 'trap "" TERM; echo deaf; while :; do sleep 1; done'], {
      pidFile,
      logFile,
    });
    const deadline = performance.now() + 10_000;
    while ((await readFile(logFile, 'utf8')) !== 'deaf\n') assert.ok(performance.now() < deadline);
    const reason = new Error('enough');
    const stopped = stopProcess({ clock }, deaf, { timeoutMs: 60_000, signal: AbortSignal.abort(reason) });
    await assert.rejects(stopped, reason);
    await stopProcess({ clock }, deaf, { timeoutMs: 0 });
  });
});

/** The session's number is field 6 of the process's stat. */
async function sessionOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[3]);
}
