import { appendFile, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { FakeClock } from '../../base/clock.ts';
import { type LogOptions, readContainerLog } from './container-log.ts';

const ALL: LogOptions = {
  follow: false,
  timestamps: false,
  tailLines: undefined,
  sinceMs: undefined,
  limitBytes: undefined,
  stream: undefined,
};

const line = (text: string) => `2026-01-01T00:00:00.000000000Z stdout F ${text}\n`;
const lines = (...texts: readonly string[]) => texts.map(line).join('');

/** A log, and a reader that follows it. */
async function followedLog() {
  const directory = await mkdtemp(join(tmpdir(), 't8s-log-'));
  const path = join(directory, '0.log');
  const clock = new FakeClock();
  const closed = new AbortController();
  let seen = '';
  let isEnded = false;
  let done: Promise<void> | undefined;
  await writeFile(path, '');
  return {
    path,
    start(options: Partial<LogOptions> = {}) {
      const deps = { clock, ended: async () => isEnded };
      const read = async () => {
        for await (const chunk of readContainerLog(deps, path, { ...ALL, ...options }, closed.signal)) seen += chunk;
      };
      done = read();
    },
    /** Time goes on until the reader has told this much. */
    shows: (...texts: readonly string[]) =>
      until(async () => {
        await clock.advance(100);
        return seen === texts.map((text) => `${text}\n`).join('');
      }),
    async ends() {
      isEnded = true;
      let isDone = false;
      done?.finally(() => {
        isDone = true;
      });
      await until(async () => {
        await clock.advance(1_000);
        return isDone;
      });
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new Error('the test is over'));
      await done?.catch(() => {});
      await rm(directory, { recursive: true });
    },
  };
}

describe('readContainerLog', () => {
  test('follows the log over a rotation, with what is written to the old file after the new one is there', async () => {
    await using log = await followedLog();
    await appendFile(log.path, lines('a'));
    log.start({ follow: true });
    await log.shows('a');
    await rename(log.path, `${log.path}.1`);
    await writeFile(log.path, lines('c'));
    await appendFile(`${log.path}.1`, lines('b'));
    await log.shows('a', 'b', 'c');
    await appendFile(log.path, lines('d'));
    await log.ends();
    await log.shows('a', 'b', 'c', 'd');
  });

  test('reads what was rotated away while it was behind, and nothing from before it began', async () => {
    await using log = await followedLog();
    await writeFile(`${log.path}.0`, lines('before'));
    await appendFile(log.path, lines('a'));
    log.start({ follow: true });
    await log.shows('a');
    await utimes(log.path, 1, 1); // Rotations are seconds apart.
    await rm(`${log.path}.0`);
    await rename(log.path, `${log.path}.1`);
    await writeFile(`${log.path}.1.gz`, 'its compression');
    await rm(`${log.path}.1`);
    await writeFile(`${log.path}.2`, lines('b'));
    await writeFile(log.path, lines('c'));
    await log.shows('a', 'b', 'c');
  });

  test('shows what is in the file that is being written, and nothing that was rotated', async () => {
    await using log = await followedLog();
    await writeFile(`${log.path}.1`, lines('before'));
    await appendFile(log.path, lines('a', 'b', 'c'));
    log.start({ tailLines: 2 });
    await log.ends();
    await log.shows('b', 'c');
  });

  test('ends with its container, though the log was rotated just before', async () => {
    await using log = await followedLog();
    await appendFile(log.path, lines('a'));
    log.start({ follow: true });
    await log.shows('a');
    await rename(log.path, `${log.path}.1`);
    await log.ends();
    await log.shows('a');
  });
});
