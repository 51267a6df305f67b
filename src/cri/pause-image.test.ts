import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Architecture } from './oci-image.ts';
import { pauseImage, pauseProgram } from './pause-image.ts';

const here = ({ x64: 'amd64', arm64: 'arm64' } as Record<string, Architecture>)[process.arch];
const isRoot = process.getuid?.() === 0;
const SKIP_REASON = 'the program runs on Linux on x86-64 and arm64';

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await delay(5);
  }
}

/** The process is the program, and it sleeps: waiting for a signal is all it ever sleeps in. */
const waiting = (pid: number) =>
  until('the program waits', async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return /^Name:\tpause$/m.test(status) && /^State:\tS/m.test(status) ? true : undefined;
  });

describe('pauseProgram', { skip: process.platform === 'linux' && here ? false : SKIP_REASON }, () => {
  let directory: string;
  let path: string;
  const started: ChildProcess[] = [];

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 't8s-pause-'));
    path = join(directory, 'pause');
    writeFileSync(path, pauseProgram(here!), { mode: 0o755 });
  });
  after(() => {
    for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`exits with 0 at ${signal}`, async () => {
      const child = spawn(path, { stdio: 'ignore' });
      started.push(child);
      await waiting(child.pid!);
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    });
  }

  test('as process 1 of a namespace it reaps orphans and ends at SIGTERM', {
    skip: !isRoot && 'needs root',
  }, async () => {
    // The shell becomes the program; the inner shell dies before its child, which falls to process 1 and then dies too.
    const script = `( ( sleep 0.2; exit 3 ) & ) ; exec ${path}`;
    const child = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sh', '-c', script], { stdio: 'ignore' });
    started.push(child);
    const childrenOf = async (pid: number) => {
      const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
      return text.trim() === '' ? [] : text.trim().split(' ').map(Number);
    };
    const pause = await until('process 1', async () => (await childrenOf(child.pid!))[0]);
    await waiting(pause);
    await until('the orphan is collected', async () => ((await childrenOf(pause)).length === 0 ? true : undefined));
    process.kill(pause, 'SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.ok(!(await readdir('/proc')).includes(String(pause)));
  });
});

for (const architecture of ['amd64', 'arm64'] as const) {
  test(`pauseProgram for ${architecture} is a small static ELF file with all of its code`, () => {
    const program = Buffer.from(pauseProgram(architecture));
    assert.equal(program.subarray(0, 4).toString('latin1'), '\x7fELF');
    assert.equal(program.length, { amd64: 278, arm64: 292 }[architecture]);
    assert.equal(program.readBigUInt64LE(96), BigInt(program.length), 'the segment is the whole file');
    assert.equal(program.readBigUInt64LE(24), program.readBigUInt64LE(80) + 176n, 'it starts behind the headers');
    assert.equal(program.readUIntLE(program.length - 8, 6), 0x14002, 'the set of signals ends it');
  });

  test(`pauseImage for ${architecture} never changes`, () => {
    // A cluster keeps the image it has: a change of the program or of its packing needs a new tag too.
    const digests = {
      amd64: 'sha256:396a07a5e9164954fcf5a553fb17a55b98332ab2ea8091d17e052578d0ac6842',
      arm64: 'sha256:160ed4d4078b5414025e9070a542b8ee5cc08998f18593dd98177c433ac4f3b0',
    };
    assert.equal(pauseImage(architecture).manifest.digest, digests[architecture]);
  });
}
