import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CpuRates } from './cpu-rates.ts';
import type { Figures } from './figures.ts';
import { resourceMetricsText } from './resource-metrics.ts';
import { statsSummary } from './stats-summary.ts';

const NOW = Date.UTC(2026, 0, 1);
const cpu = (seconds: number) => ({ atMs: NOW, usageCoreNanoSeconds: seconds * 1e9, usageNanoCores: 250_000_000 });
const memory = (workingSetBytes: number) => ({ atMs: NOW, workingSetBytes, usageBytes: workingSetBytes * 2 });
const eth0 = { name: 'eth0', rxBytes: 1, rxErrors: 0, txBytes: 2, txErrors: 0 };
const FIGURES: Figures = {
  node: {
    name: 'node1',
    startedMs: NOW - 3_600_000,
    cpu: cpu(100),
    memory: memory(4096),
    fs: { atMs: NOW, usedBytes: 5, capacityBytes: 10, availableBytes: 4 },
    processes: { atMs: NOW, most: 100, current: 7 },
  },
  pods: [
    {
      name: 'web',
      namespace: 'default',
      uid: 'uid-web',
      startedMs: NOW - 60_000,
      containers: [
        { name: 'main', startedMs: NOW - 50_500, cpu: cpu(1.5), memory: memory(1024) },
        {
          name: 'side',
          startedMs: NOW - 50_000,
          swap: { atMs: NOW, usageBytes: 10, availableBytes: 90 },
          rootFs: { atMs: NOW, usedBytes: 3, inodesUsed: 1 },
        },
      ],
      cpu: cpu(2),
      memory: memory(2048),
      network: { atMs: NOW, defaultInterface: eth0, interfaces: [eth0] },
      processes: 3,
    },
  ],
};

describe('resourceMetricsText', () => {
  test('has upstream’s names, labels and times, and nothing of what was not measured', () => {
    const samples = resourceMetricsText(FIGURES)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const main = '{container="main",namespace="default",pod="web"}';
    const side = '{container="side",namespace="default",pod="web"}';
    assert.deepEqual(samples, [
      `container_cpu_usage_seconds_total${main} 1.5 ${NOW}`,
      `container_memory_working_set_bytes${main} 1024 ${NOW}`,
      `container_start_time_seconds${main} ${(NOW - 50_500) / 1000}`,
      `container_start_time_seconds${side} ${(NOW - 50_000) / 1000}`,
      `container_swap_limit_bytes${side} 100 ${NOW}`,
      `container_swap_usage_bytes${side} 10 ${NOW}`,
      `node_cpu_usage_seconds_total 100 ${NOW}`,
      `node_memory_working_set_bytes 4096 ${NOW}`,
      `pod_cpu_usage_seconds_total{namespace="default",pod="web"} 2 ${NOW}`,
      `pod_memory_working_set_bytes{namespace="default",pod="web"} 2048 ${NOW}`,
      'resource_scrape_error 0',
      'scrape_error 0',
    ]);
  });

  test('says so when there is nothing to be had', () => {
    assert.match(resourceMetricsText(undefined), /^resource_scrape_error 1$/m);
  });
});

test('statsSummary has the form of the kubelet’s', () => {
  const time = '2026-01-01T00:00:00Z';
  const used = (seconds: number, bytes: number) => ({
    cpu: { time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: seconds * 1e9 },
    memory: { time, workingSetBytes: bytes, usageBytes: bytes * 2 },
  });
  assert.deepEqual(JSON.parse(JSON.stringify(statsSummary(FIGURES))), {
    node: {
      nodeName: 'node1',
      startTime: '2025-12-31T23:00:00Z',
      ...used(100, 4096),
      fs: { time, usedBytes: 5, capacityBytes: 10, availableBytes: 4 },
      rlimit: { time, maxpid: 100, curproc: 7 },
    },
    pods: [
      {
        podRef: { name: 'web', namespace: 'default', uid: 'uid-web' },
        startTime: '2025-12-31T23:59:00Z',
        containers: [
          { name: 'main', startTime: '2025-12-31T23:59:09Z', ...used(1.5, 1024) },
          {
            name: 'side',
            startTime: '2025-12-31T23:59:10Z',
            swap: { time, swapAvailableBytes: 90, swapUsageBytes: 10 },
            rootfs: { time, usedBytes: 3, inodesUsed: 1 },
          },
        ],
        ...used(2, 2048),
        network: { time, ...eth0, interfaces: [eth0] },
        process_stats: { process_count: 3 },
      },
    ],
  });
});

test('CpuRates tells what is used since the last time somebody asked', () => {
  const rates = new CpuRates();
  const rate = (atMs: number, seconds: number) =>
    rates.figures('a', { atMs, usageCoreNanoSeconds: seconds * 1e9 }).usageNanoCores;
  assert.equal(rate(NOW, 10), undefined);
  assert.equal(rate(NOW + 10_000, 15), 500_000_000);
  assert.equal(rate(NOW + 10_500, 16), 500_000_000, 'too soon for another');
  assert.equal(rate(NOW + 20_000, 14), undefined, 'it was started again');
  assert.equal(rate(NOW + 900_000, 15), undefined, 'too long ago');
  rates.keepOnly([]);
  assert.equal(rate(NOW + 901_000, 16), undefined);
});
