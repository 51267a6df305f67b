import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nodeUsage, parseUsage, podUsage } from './usage-sample.ts';

const NOW = Date.UTC(2026, 0, 1);

interface Figures {
  readonly atMs: number;
  readonly cpu: number;
  readonly memory?: number;
  readonly startedMs?: number;
}

function sample(containers: Readonly<Record<string, Figures>>, atMs: number) {
  const lines = Object.entries(containers).flatMap(([container, { atMs: at, cpu, memory = 1024, startedMs = 0 }]) => {
    const labels = `{container="${container}",namespace="default",pod="web"}`;
    return [
      `container_start_time_seconds${labels} ${startedMs / 1000}`,
      `container_cpu_usage_seconds_total${labels} ${cpu} ${at}`,
      `container_memory_working_set_bytes${labels} ${memory} ${at}`,
    ];
  });
  lines.push(`node_cpu_usage_seconds_total 100 ${atMs}`, `node_memory_working_set_bytes 1000 ${atMs}`);
  return parseUsage(lines.join('\n'), NOW);
}

describe('parseUsage', () => {
  test('reads a node, its pods and their containers, and nothing else', () => {
    const { node, pods } = parseUsage(
      [
        '# HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node in core-seconds',
        '# TYPE node_cpu_usage_seconds_total counter',
        'node_cpu_usage_seconds_total 12.5 1767225600000',
        'node_memory_working_set_bytes 2.5e+09 1767225600000',
        'pod_cpu_usage_seconds_total{namespace="default",pod="web"} 3 1767225600000',
        'container_cpu_usage_seconds_total{container="a",namespace="default",pod="web"} 1.5',
        'container_memory_working_set_bytes{container="a",namespace="default",pod="web"} 4096',
        'container_start_time_seconds{container="a",namespace="default",pod="web"} 1.7672256e+09',
        'container_cpu_usage_seconds_total{container="half",namespace="default",pod="web"} 1.5',
        'scrape_error 0',
        '',
      ].join('\n'),
      NOW,
    );
    assert.deepEqual(node, { atMs: NOW, cpuSeconds: 12.5, memoryBytes: 2.5e9, startedMs: undefined });
    const a = { atMs: NOW, cpuSeconds: 1.5, memoryBytes: 4096, startedMs: NOW };
    assert.deepEqual([...pods], [['default/web', new Map([['a', a]])]]);
  });
});

describe('podUsage', () => {
  const cases: readonly [string, Parameters<typeof sample>[0], Parameters<typeof sample>[0], expected: object][] = [
    [
      'a container on average over the window',
      { a: { atMs: NOW, cpu: 10 } },
      { a: { atMs: NOW + 10_000, cpu: 11, memory: 5000 } },
      { a: { atMs: NOW + 10_000, windowMs: 10_000, cpuNanoCores: 100_000_000, memoryBytes: 5000 } },
    ],
    [
      'a container that began since, from its beginning',
      {},
      { a: { atMs: NOW + 10_000, cpu: 1, startedMs: NOW + 6000 } },
      { a: { atMs: NOW + 10_000, windowMs: 4000, cpuNanoCores: 250_000_000, memoryBytes: 1024 } },
    ],
    [
      'a container that was started again',
      { a: { atMs: NOW, cpu: 10 } },
      { a: { atMs: NOW + 10_000, cpu: 11, startedMs: NOW + 8000 } },
      { a: { atMs: NOW + 10_000, windowMs: 2000, cpuNanoCores: 5_500_000_000, memoryBytes: 1024 } },
    ],
  ];
  for (const [title, before, after, expected] of cases) {
    test(`measures ${title}`, () => {
      const usages = podUsage(sample(before, NOW), sample(after, NOW + 10_000), 'default/web');
      assert.deepEqual(Object.fromEntries(usages ?? []), expected);
    });
  }

  const unknown: readonly [string, Parameters<typeof sample>[0], Parameters<typeof sample>[0]][] = [
    ['a pod of which nothing is told', {}, {}],
    ['a container that has only just begun', {}, { a: { atMs: NOW + 10_000, cpu: 1, startedMs: NOW + 9500 } }],
    ['a container that was overlooked before', {}, { a: { atMs: NOW + 10_000, cpu: 1, startedMs: NOW - 9500 } }],
    ['a reading that is no newer', { a: { atMs: NOW, cpu: 1 } }, { a: { atMs: NOW, cpu: 1 } }],
    ['a counter that went back', { a: { atMs: NOW, cpu: 2 } }, { a: { atMs: NOW + 10_000, cpu: 1 } }],
    [
      'a pod of which a part is not known',
      { a: { atMs: NOW, cpu: 1 } },
      { a: { atMs: NOW + 10_000, cpu: 2 }, b: { atMs: NOW + 10_000, cpu: 1, startedMs: NOW - 1 } },
    ],
  ];
  for (const [title, before, after] of unknown) {
    test(`does not measure ${title}`, () => {
      assert.equal(podUsage(sample(before, NOW), sample(after, NOW + 10_000), 'default/web'), undefined);
    });
  }
});

test('nodeUsage measures a node over the window', () => {
  const earlier = parseUsage('node_cpu_usage_seconds_total 1 1000\nnode_memory_working_set_bytes 5 1000', NOW);
  const later = parseUsage('node_cpu_usage_seconds_total 4 3000\nnode_memory_working_set_bytes 7 3000', NOW);
  const expected = { atMs: 3000, windowMs: 2000, cpuNanoCores: 1_500_000_000, memoryBytes: 7 };
  assert.deepEqual(nodeUsage(earlier, later), expected);
});
