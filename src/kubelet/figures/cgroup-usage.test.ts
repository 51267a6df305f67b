import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCgroupUsage } from './cgroup-usage.ts';

describe('readCgroupUsage', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 't8s-cgroups-'));
  });
  after(() => rm(root, { recursive: true }));

  const put = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  };
  const expected = {
    cpuNanoSeconds: 1_500_000_000,
    usageBytes: 10_000,
    workingSetBytes: 7000,
    rssBytes: 4000,
    pageFaults: 12,
    majorPageFaults: 3,
    swapBytes: 50,
    processes: 2,
  };

  test('of version 2', async () => {
    await put({
      'v2/pod/cpu.stat': 'usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n',
      'v2/pod/memory.current': '10000\n',
      'v2/pod/memory.stat': 'anon 4000\nfile 6000\ninactive_file 3000\npgfault 12\npgmajfault 3\n',
      'v2/pod/memory.swap.current': '50\n',
      'v2/pod/pids.current': '2\n',
    });
    assert.deepEqual(await readCgroupUsage(join(root, 'v2'), '/pod', { unified: true }), expected);
  });

  test('of version 1, with what is in the groups below', async () => {
    const stat = [
      'rss 1\ninactive_file 1\npgfault 1',
      'total_rss 4000\ntotal_swap 50\ntotal_inactive_file 3000\ntotal_pgfault 12\ntotal_pgmajfault 3\n',
    ];
    await put({
      'v1/cpuacct/pod/cpuacct.usage': '1500000000\n',
      'v1/memory/pod/memory.usage_in_bytes': '10000\n',
      'v1/memory/pod/memory.stat': stat.join('\n'),
      'v1/pids/pod/pids.current': '2\n',
    });
    assert.deepEqual(await readCgroupUsage(join(root, 'v1'), '/pod', { unified: false }), expected);
  });

  test('of a group that is not there', async () => {
    assert.equal(await readCgroupUsage(root, '/gone', { unified: true }), undefined);
    assert.equal(await readCgroupUsage(root, '/gone', { unified: false }), undefined);
  });
});
