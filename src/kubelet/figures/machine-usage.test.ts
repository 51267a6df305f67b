import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readFilesystemUsage, readMachineUsage, readNetworkUsage, readProcessUsage } from './machine-usage.ts';

const NOW = Date.UTC(2026, 0, 1);
const FILES = {
  stat: 'cpu  100 20 30 5000 400 5 6 7 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nbtime 1700000000\n',
  meminfo: [
    'MemTotal:       1000 kB\nMemFree:         400 kB\nMemAvailable:    700 kB\nInactive:        300 kB',
    'Inactive(file):  200 kB\nAnonPages:       150 kB\nSwapTotal:       100 kB\nSwapFree:         90 kB\n',
  ].join('\n'),
  vmstat: 'nr_free_pages 1\npgfault 77\npgmajfault 8\n',
  loadavg: '0.10 0.20 0.30 2/345 6789\n',
  'net/dev': [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0',
    '  eth0:    1000      10    1    0    0     0          0         0     2000      20    2    0    0     0       0          0',
    '  eth1:3000      30    0    0    0     0          0         0     4000      40    0    0    0     0       0          0',
  ].join('\n'),
  'net/route': [
    'Iface\tDestination\tGateway \tFlags',
    'eth0\t0000000A\t00000000\t0001',
    'eth1\t00000000\t0100000A\t0003',
  ].join('\n'),
  'sys/kernel/pid_max': '32768\n',
};

describe('machine usage', () => {
  let proc: string;
  before(async () => {
    proc = await mkdtemp(join(tmpdir(), 't8s-proc-'));
    for (const directory of ['net', 'sys/kernel']) await mkdir(join(proc, directory), { recursive: true });
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(proc, name), text);
  });
  after(() => rm(proc, { recursive: true }));

  test('CPU time without what was idle, memory without what can be taken back', async () => {
    assert.deepEqual(await readMachineUsage(proc, NOW), {
      startedMs: 1_700_000_000_000,
      cpuNanoSeconds: 1_680_000_000,
      memory: {
        atMs: NOW,
        availableBytes: 600 * 1024,
        usageBytes: 600 * 1024,
        workingSetBytes: 400 * 1024,
        rssBytes: 150 * 1024,
        pageFaults: 77,
        majorPageFaults: 8,
      },
      swap: { atMs: NOW, availableBytes: 90 * 1024, usageBytes: 10 * 1024 },
    });
  });

  test('interfaces, and the one that leads out', async () => {
    const eth0 = { name: 'eth0', rxBytes: 1000, rxErrors: 1, txBytes: 2000, txErrors: 2 };
    const eth1 = { name: 'eth1', rxBytes: 3000, rxErrors: 0, txBytes: 4000, txErrors: 0 };
    assert.deepEqual(await readNetworkUsage(proc, NOW), {
      atMs: NOW,
      defaultInterface: eth1,
      interfaces: [eth0, eth1],
    });
  });

  test('processes and the file system', async () => {
    assert.deepEqual(await readProcessUsage(proc, NOW), { atMs: NOW, most: 32_768, current: 345 });
    const { capacityBytes = 0, usedBytes, availableBytes = 0 } = await readFilesystemUsage(proc, NOW);
    assert.ok(usedBytes > 0 && usedBytes + availableBytes <= capacityBytes);
  });
});
