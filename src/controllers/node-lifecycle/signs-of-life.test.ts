import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lease } from '../../api/coordination/lease.ts';
import type { Node } from '../../api/core/node.ts';
import { formatTime } from '../../api/time.ts';
import { FakeClock } from '../../base/clock.ts';
import { SignsOfLife } from './signs-of-life.ts';

const START = new FakeClock().now();

function node(heartbeat?: string, createdAtMs = START): Node {
  const conditions = heartbeat === undefined ? [] : [{ type: 'Ready', status: 'True', lastHeartbeatTime: heartbeat }];
  return {
    metadata: { name: 'n', creationTimestamp: formatTime(createdAtMs) },
    spec: {},
    status: { conditions },
  } as unknown as Node;
}
const lease = (renewTime: string) => ({ metadata: { name: 'n' }, spec: { renewTime } }) as unknown as Lease;

test('SignsOfLife: a node is missed 50 s after its last sign', async () => {
  const clock = new FakeClock();
  const signs = new SignsOfLife({ clock });
  signs.observeNode({ type: 'added', object: node('a') });
  assert.equal(signs.silentInMs(node('a')), 50_000);
  await clock.advance(20_000);
  signs.observeLease({ type: 'updated', previous: lease('1'), object: lease('1') });
  signs.observeNode({ type: 'updated', previous: node('a'), object: node('a') });
  assert.equal(signs.silentInMs(node('a')), 30_000, 'what others write is no sign');
  signs.observeLease({ type: 'updated', previous: lease('1'), object: lease('2') });
  assert.equal(signs.silentInMs(node('a')), 50_000);
  await clock.advance(60_000);
  assert.equal(signs.silentInMs(node('a')), -10_000);
  signs.observeNode({ type: 'updated', previous: node('a'), object: node('b') });
  assert.equal(signs.silentInMs(node('b')), 50_000);
});

test('SignsOfLife: a node without a status has 60 s from its creation, or from its last lease', async () => {
  const clock = new FakeClock();
  const signs = new SignsOfLife({ clock });
  const young = node(undefined, START - 40_000);
  signs.observeNode({ type: 'added', object: young });
  assert.equal(signs.silentInMs(young), 20_000);
  signs.observeLease({ type: 'added', object: lease('1') });
  assert.equal(signs.silentInMs(young), 60_000);
  signs.observeNode({ type: 'deleted', object: young });
  signs.observeLease({ type: 'added', object: lease('1') });
  signs.observeNode({ type: 'added', object: young });
  assert.equal(signs.silentInMs(young), 60_000, 'the lease may be seen first');
});
