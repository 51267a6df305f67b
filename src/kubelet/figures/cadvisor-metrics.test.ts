import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cadvisorMetricsText } from './cadvisor-metrics.ts';
import type { Figures } from './figures.ts';

const NOW = Date.UTC(2026, 0, 1);
const cpu = (seconds: number) => ({ atMs: NOW, usageCoreNanoSeconds: seconds * 1e9 });
const memory = { atMs: NOW, workingSetBytes: 10, usageBytes: 20, rssBytes: 5, pageFaults: 7, majorPageFaults: 1 };
const eth0 = { name: 'eth0', rxBytes: 1, rxErrors: 0, txBytes: 2, txErrors: 0 };
const FIGURES: Figures = {
  node: { name: 'node1', startedMs: NOW, cpu: cpu(100), memory: { ...memory, availableBytes: 90 } },
  pods: [
    {
      ...{ name: 'web', namespace: 'default', uid: 'u', startedMs: NOW },
      containers: [{ name: 'main', id: 'c1', image: 'nginx', startedMs: NOW, cpu: cpu(1.5), memory }],
      cpu: cpu(2),
      network: { atMs: NOW, defaultInterface: eth0, interfaces: [eth0] },
    },
  ],
};

test('cadvisorMetricsText has cadvisor’s names, labels and times, and nothing of what was not measured', () => {
  const samples = cadvisorMetricsText(FIGURES)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const main = 'container="main",id="/kubepods/podu/c1",image="nginx",name="c1",namespace="default",pod="web"';
  const pod = 'container="",id="/kubepods/podu",image="",name="",namespace="default",pod="web"';
  const machine = 'container="",id="/",image="",name="",namespace="",pod=""';
  const expected = [
    `container_cpu_usage_seconds_total{${machine},cpu="total"} 100 ${NOW}`,
    `container_cpu_usage_seconds_total{${pod},cpu="total"} 2 ${NOW}`,
    `container_cpu_usage_seconds_total{${main},cpu="total"} 1.5 ${NOW}`,
    `container_memory_working_set_bytes{${main}} 10 ${NOW}`,
    `container_memory_rss{${main}} 5 ${NOW}`,
    `container_memory_failures_total{${main},failure_type="pgfault",scope="container"} 7 ${NOW}`,
    `container_memory_failures_total{${main},failure_type="pgmajfault",scope="container"} 1 ${NOW}`,
    `container_network_receive_bytes_total{${pod},interface="eth0"} 1`,
    `container_network_transmit_bytes_total{${pod},interface="eth0"} 2`,
    `machine_memory_bytes 100 ${NOW}`,
  ];
  for (const sample of expected) assert.ok(samples.includes(sample), `${sample}\n${samples.join('\n')}`);
  assert.equal(
    samples.some((sample) => sample.startsWith(`container_memory_working_set_bytes{${pod}}`)),
    false,
  );
});
