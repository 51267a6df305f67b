import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { until } from '../../../test/support/until.ts';
import { FakeClock } from '../../base/clock.ts';
import { createLogger, type LogRecord } from '../../base/log.ts';
import { type LogRotationDeps, type LogRotationOptions, rotateLogs } from './log-rotation.ts';

/** A runtime with one container, whose log is made anew when the runtime is told so. */
async function loggingRuntime(options: LogRotationOptions) {
  const logsDir = await mkdtemp(join(tmpdir(), 't8s-logs-'));
  const directory = join(logsDir, 'default_pod_uid', 'main');
  const path = join(directory, '3.log');
  await mkdir(directory, { recursive: true });
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const complaints: LogRecord[] = [];
  const runtime = { refuses: false, looks: 0 };
  const labels = {
    'io.kubernetes.pod.namespace': 'default',
    'io.kubernetes.pod.name': 'pod',
    'io.kubernetes.pod.uid': 'uid',
    'io.kubernetes.container.name': 'main',
  };
  const cri = {
    async listContainers() {
      runtime.looks++;
      return { containers: [{ id: 'id', labels, metadata: { name: 'main', attempt: 3 } }] };
    },
    async reopenContainerLog() {
      if (runtime.refuses) throw new Error('the runtime is busy');
      await writeFile(path, '');
      return {};
    },
  } as unknown as LogRotationDeps['cri'];
  const log = createLogger((record) => complaints.push(record), { level: 'warn' });
  const rotation = rotateLogs({ cri, clock, log, logsDir }, options);
  return {
    path,
    complaints,
    runtime,
    files: async () => (await readdir(directory)).sort(),
    text: (name: string) => readFile(join(directory, name)),
    /** Until the log has been looked at once more. */
    async look() {
      const { looks } = runtime;
      await clock.advance(10_000);
      await until(() => runtime.looks > looks);
    },
    async [Symbol.asyncDispose]() {
      await rotation[Symbol.asyncDispose]();
      await rm(logsDir, { recursive: true });
    },
  };
}

describe('rotateLogs', () => {
  test('puts a log aside that is too long, and keeps no more files than it may', async () => {
    await using node = await loggingRuntime({ containerLogMaxSize: '10', containerLogMaxFiles: 3 });
    const rotated = async (text: string, expected: readonly string[]) => {
      await writeFile(node.path, text);
      await node.look();
      await until(async () => (await node.files()).join() === expected.join());
    };
    await rotated('short', ['3.log']);
    await rotated('long enough 1', ['3.log', '3.log.20260101-000020']);
    await rotated('long enough 2', ['3.log', '3.log.20260101-000020.gz', '3.log.20260101-000030']);
    await rotated('long enough 3', ['3.log', '3.log.20260101-000030.gz', '3.log.20260101-000040']);
    assert.equal((await node.text('3.log.20260101-000040')).toString(), 'long enough 3');
    const unzipped = await promisify(gunzip)(await node.text('3.log.20260101-000030.gz'));
    assert.equal(unzipped.toString(), 'long enough 2');
    assert.equal((await node.text('3.log')).length, 0);
    assert.deepEqual(node.complaints, []);
  });

  test('leaves the log where it is while the runtime begins no other', async () => {
    await using node = await loggingRuntime({ containerLogMaxSize: '10' });
    await writeFile(node.path, 'long enough');
    node.runtime.refuses = true;
    await node.look();
    await until(() => node.complaints.length === 1);
    assert.deepEqual(await node.files(), ['3.log']);
    node.runtime.refuses = false;
    await node.look();
    await until(async () => (await node.files()).length === 2);
  });

  test('has a log made that somebody has taken away', async () => {
    await using node = await loggingRuntime({});
    await node.look();
    await until(async () => (await node.files()).length === 1);
  });

  test('does nothing where logs are not to be rotated, and refuses to keep less than two', async () => {
    await using node = await loggingRuntime({ containerLogMaxSize: '-1' });
    assert.equal(node.runtime.looks, 0);
    const deps = { logsDir: '/' } as LogRotationDeps;
    assert.throws(() => rotateLogs(deps, { containerLogMaxFiles: 1 }), /^Error: invalid MaxFiles 1, must be > 1$/);
  });
});
