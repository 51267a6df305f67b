import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { cgroupsOf, isRunning, listProcesses, parseStat, processAt } from './process-table.ts';

describe('parseStat', () => {
  const rest = '1 7 7 0 -1 4194560 168 0 0 0 0 0 0 0 20 0 1 0 4711 2375680 11 18446744073709551615';
  for (const name of ['sh', 'a b', 'x) S 99 (', '']) {
    test(`reads state, parent and start behind the name "${name}"`, () => {
      assert.deepEqual(parseStat(`42 (${name}) S ${rest}`), { state: 'S', parentPid: 1, startTicks: 4711 });
    });
  }
});

describe('process table', { skip: process.platform === 'linux' ? false : '/proc is Linux' }, () => {
  test('processAt knows this process', async () => {
    const self = await processAt(process.pid);
    assert.equal(self?.parentPid, process.ppid);
    assert.equal(self.commandLine[0], process.argv0);
    assert.ok(await isRunning(self));
  });

  test('isRunning tells a process from another with its number', async () => {
    const self = (await processAt(process.pid))!;
    assert.equal(await isRunning({ ...self, startTicks: self.startTicks - 1 }), false);
    assert.equal(await isRunning({ ...self, bootId: 'another boot' }), false);
  });

  test('processAt and listProcesses leave out what has ended', async () => {
    const child = spawn('true', { stdio: 'ignore' });
    const pid = child.pid!;
    await once(child, 'exit');
    assert.equal(await processAt(pid), undefined);
    assert.deepEqual(await cgroupsOf(pid), []);
    const pids = (await listProcesses()).map((process) => process.pid);
    assert.ok(!pids.includes(pid));
    assert.ok(pids.includes(process.pid));
  });

  test('processAt counts a zombie as ended', async () => {
    // The shell never waits for its child, which stays a zombie until the shell ends.
    const shell = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(shell.stdout!, 'data')) as [Buffer];
    const deadline = performance.now() + 10_000;
    while (await processAt(Number(line))) assert.ok(performance.now() < deadline, 'the child does not end');
    shell.kill('SIGKILL');
    await once(shell, 'exit');
  });

  test('cgroupsOf says where this process is', async () => {
    assert.ok((await cgroupsOf(process.pid)).every((path) => path.startsWith('/')));
  });
});
