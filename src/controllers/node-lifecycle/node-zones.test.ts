import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import { FakeClock } from '../../base/clock.ts';
import { EvictionTurns } from './eviction-turns.ts';
import { evictionsPerSecond, type ZoneHealth, zoneHealth, zoneOf, zoneStates } from './node-zones.ts';

const node = (status: string, labels: Record<string, string> = {}) =>
  ({
    metadata: { name: 'n', labels },
    spec: {},
    status: { conditions: [{ type: 'Ready', status }] },
  }) as unknown as Node;
const nodes = (ready: number, silent: number, labels = {}) => [
  ...Array.from({ length: ready }, () => node('True', labels)),
  ...Array.from({ length: silent }, () => node('Unknown', labels)),
];

test('zoneHealth and evictionsPerSecond spare pods when it is not the nodes that are at fault', () => {
  const cases: readonly (readonly [number, number, ZoneHealth, number])[] = [
    [0, 0, 'normal', 0.1],
    [10, 1, 'normal', 0.1],
    [1, 1, 'normal', 0.1],
    [1, 2, 'normal', 0.1],
    [4, 6, 'partial', 0],
    [22, 28, 'partial', 0],
    [40, 60, 'partial', 0.01],
    [0, 1, 'full', 0.1],
    [0, 20, 'full', 0.1],
  ];
  for (const [ready, silent, health, rate] of cases) {
    const all = nodes(ready, silent);
    assert.equal(zoneHealth(all), health, `${ready} ${silent}`);
    assert.equal(evictionsPerSecond({ health: zoneHealth(all), size: all.length }), rate, `${ready} ${silent}`);
  }
});

test('zoneStates tells zones apart by their labels and leaves excluded nodes out', () => {
  const a = { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'a' };
  const b = { 'failure-domain.beta.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'b' };
  assert.deepEqual([zoneOf(node('True', a)), zoneOf(node('True', b)), zoneOf(node('True'))], ['r:a', 'r:b', ':']);
  const excluded = { ...a, 'node.kubernetes.io/exclude-disruption': '' };
  assert.deepEqual(
    [...zoneStates([...nodes(2, 1, a), ...nodes(0, 2, b), ...nodes(0, 5, excluded)])],
    [
      ['r:a', { health: 'normal', size: 3 }],
      ['r:b', { health: 'full', size: 2 }],
    ],
  );
});

test('EvictionTurns: nodes of a zone take turns in order, zones do not wait for each other', async () => {
  const clock = new FakeClock();
  const turns = new EvictionTurns({ clock });
  assert.equal(turns.takeTurn('a', 'one'), 0);
  assert.equal(turns.takeTurn('a', 'two'), 10_000);
  assert.equal(turns.takeTurn('a', 'three'), 20_000);
  assert.equal(turns.takeTurn('b', 'four'), 0);
  await clock.advance(10_000);
  assert.equal(turns.takeTurn('a', 'three'), 10_000, 'two was here first');
  assert.equal(turns.takeTurn('a', 'two'), 0);
  turns.leave('three');
  await clock.advance(10_000);
  assert.equal(turns.takeTurn('a', 'five'), 0);
});

test('EvictionTurns: nobody has a turn while every zone is out, nor at once after that', async () => {
  const clock = new FakeClock();
  const turns = new EvictionTurns({ clock });
  const states = (a: ZoneHealth, b: ZoneHealth) =>
    new Map([
      ['a', { health: a, size: 10 }],
      ['b', { health: b, size: 10 }],
    ]);
  assert.equal(turns.follow(states('normal', 'full')), 'changed');
  assert.equal(turns.follow(states('normal', 'full')), 'same');
  assert.equal(turns.takeTurn('b', 'one'), 0, 'a zone that is out is given up when others are not');
  assert.equal(turns.follow(states('partial', 'full')), 'changed');
  assert.equal(turns.takeTurn('a', 'two'), Number.POSITIVE_INFINITY);
  assert.equal(turns.follow(states('full', 'full')), 'changed');
  assert.ok(turns.isSuspended);
  assert.equal(turns.takeTurn('b', 'three'), Number.POSITIVE_INFINITY);
  await clock.advance(60_000);
  assert.equal(turns.follow(states('normal', 'full')), 'resumed');
  assert.equal(turns.takeTurn('a', 'two'), 10_000);
});
