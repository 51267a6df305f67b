import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Cycle } from '../../test/support/scheduling-cycle.ts';
import { type PodShape, podInfo } from '../../test/support/scheduling-objects.ts';
import type { PodDisruptionBudget } from '../api/policy/pod-disruption-budget.ts';
import { CycleState } from './framework.ts';
import { type Candidate, leastHarmful, selectVictims } from './victims.ts';

const NOW = Date.UTC(2026, 0, 1);

const running = (name: string, priority: number, cpu: string, more: PodShape = {}): PodShape => ({
  name,
  nodeName: 'n',
  priority,
  requests: { cpu },
  ...more,
});
const started = (at: string): PodShape => ({ status: { phase: 'Running', startTime: at } });

const budget = (app: string, disruptionsAllowed: number, disruptedPods: object = {}): PodDisruptionBudget =>
  ({
    metadata: { name: app, namespace: 'default' },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, disruptedPods },
  }) as unknown as PodDisruptionBudget;

interface Case {
  readonly name: string;
  /** On one node of four CPUs. */
  readonly pods: readonly PodShape[];
  readonly cpu: string;
  readonly budgets?: readonly PodDisruptionBudget[];
  /** Names of the victims, the most important first; or why there are none. */
  readonly expected: readonly string[] | string;
  readonly violations?: number;
}

const cases: readonly Case[] = [
  {
    name: 'only pods of lower priority',
    pods: [running('equal', 10, '2'), running('higher', 20, '2')],
    cpu: '2',
    expected: 'No preemption victims found for incoming pod',
  },
  {
    name: 'not even without all of them',
    pods: [running('low', 1, '1'), running('high', 20, '3')],
    cpu: '2',
    expected: 'Insufficient cpu',
  },
  {
    name: 'the least important first, and no more than needed',
    pods: [running('five', 5, '1'), running('one', 1, '1'), running('three', 3, '1'), running('two', 2, '1')],
    cpu: '2',
    expected: ['two', 'one'],
  },
  {
    name: 'one large pod of low priority rather than two small ones above it',
    pods: [running('large', 1, '2'), running('a', 2, '1'), running('b', 3, '1')],
    cpu: '2',
    expected: ['large'],
  },
  {
    name: 'of equal priority those that run for the shortest time',
    pods: [
      running('old', 1, '2', started('2025-01-01T00:00:00Z')),
      running('young', 1, '2', started('2025-12-01T00:00:00Z')),
    ],
    cpu: '2',
    expected: ['young'],
  },
  {
    name: 'protected pods stay, though others are more important',
    pods: [running('guarded', 1, '2', { labels: { app: 'web' } }), running('free', 5, '2')],
    cpu: '2',
    budgets: [budget('web', 0)],
    expected: ['free'],
  },
  {
    name: 'a budget allows so many',
    pods: [
      running('one', 1, '1', { labels: { app: 'web' } }),
      running('two', 1, '1', { labels: { app: 'web' } }),
      running('free', 2, '2'),
    ],
    cpu: '1',
    budgets: [budget('web', 1)],
    expected: ['one'],
  },
  {
    name: 'a budget is broken when there is no other way',
    pods: [running('a', 2, '2', { labels: { app: 'web' } }), running('b', 1, '2', { labels: { app: 'web' } })],
    cpu: '4',
    budgets: [budget('web', 1)],
    expected: ['a', 'b'],
    violations: 1,
  },
  {
    name: 'a pod whose disruption was counted already breaks no budget',
    pods: [running('a', 1, '4', { labels: { app: 'web' } })],
    cpu: '4',
    budgets: [budget('web', 0, { a: '2026-01-01T00:00:00Z' })],
    expected: ['a'],
    violations: 0,
  },
];

function select({ pods, cpu, budgets = [] }: Case) {
  const cycle = new Cycle({ nodes: [{ name: 'n' }], pods });
  cycle.cache.updateSnapshot(cycle.snapshot);
  const preemptor = podInfo({ name: 'preemptor', priority: 10, requests: { cpu } });
  const state = new CycleState();
  cycle.profile.preFilter(state, preemptor, cycle.snapshot.nodes);
  const node = cycle.snapshot.get('n');
  assert.ok(node);
  return selectVictims(cycle.handle, state, preemptor, node.clone(), budgets, NOW);
}

describe('selectVictims', () => {
  for (const each of cases) {
    test(each.name, () => {
      const result = select(each);
      if (typeof each.expected === 'string') {
        assert.ok('reasons' in result);
        assert.deepEqual(result.reasons, [each.expected]);
      } else {
        assert.ok('victims' in result);
        assert.deepEqual(
          result.victims.map(({ pod }) => pod.metadata.name),
          each.expected,
        );
        assert.equal(result.violations, each.violations ?? 0);
      }
    });
  }
});

describe('leastHarmful', () => {
  const candidate = (nodeName: string, violations: number, ...victims: PodShape[]): Candidate => ({
    nodeName,
    violations,
    victims: victims.map((shape, i) => podInfo({ name: `${nodeName}-${i}`, ...shape })),
  });
  const table: readonly [string, readonly Candidate[], string][] = [
    ['fewest broken budgets', [candidate('a', 1, { priority: 1 }), candidate('b', 0, { priority: 9 })], 'b'],
    [
      'lowest highest priority',
      [candidate('a', 0, { priority: 5 }), candidate('b', 0, { priority: 4 }, { priority: 4 })],
      'b',
    ],
    [
      'lowest sum of priorities, negative ones too',
      [candidate('a', 0, { priority: -2 }, { priority: -3 }), candidate('b', 0, { priority: -2 })],
      'b',
    ],
    [
      'most important victims that started latest',
      [
        candidate('a', 0, { priority: 1, ...started('2025-01-01T00:00:00Z') }),
        candidate('b', 0, { priority: 1, ...started('2025-06-01T00:00:00Z') }),
      ],
      'b',
    ],
    ['else the first', [candidate('a', 0, { priority: 1 }), candidate('b', 0, { priority: 1 })], 'a'],
  ];
  for (const [name, candidates, expected] of table) {
    test(name, () => assert.equal(leastHarmful(candidates, NOW)?.nodeName, expected));
  }
});
