import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '../api/kind.ts';
import { FakeClock } from '../base/clock.ts';
import { planClaims } from './claim-objects.ts';
import { PendingWrites } from './pending-writes.ts';
import { slowStart } from './slow-start.ts';

function object(
  name: string,
  { owner, label = 'yes', going = false }: { owner?: string; label?: string; going?: boolean } = {},
): AnyObject {
  const ownerReferences =
    owner === undefined ? [] : [{ apiVersion: 'v1', kind: 'X', name: owner, uid: owner, controller: true }];
  const metadata = {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '',
    labels: { mine: label },
    ownerReferences,
    ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}

test('planClaims keeps, adopts and releases', () => {
  const matches = ({ metadata }: AnyObject) => metadata.labels?.['mine'] === 'yes';
  const objects = [
    object('mine', { owner: 'me' }),
    object('relabelled', { owner: 'me', label: 'no' }),
    object('orphan'),
    object('stranger', { label: 'no' }),
    object('going', { going: true }),
    object('other', { owner: 'you' }),
  ];
  const names = (owner: AnyObject) => {
    const { kept, adopt, release } = planClaims(owner, matches, objects);
    return [kept, adopt, release].map((list) => list.map(({ metadata }) => metadata.name));
  };
  assert.deepEqual(names(object('me')), [['mine'], ['orphan'], ['relabelled']]);
  assert.deepEqual(names(object('me', { going: true })), [['mine'], [], []]);
});

test('slowStart doubles its batches and stops at the first that fails', async () => {
  const indexes: number[] = [];
  let underWay = 0;
  let most = 0;
  const counted = slowStart(100, async (index) => {
    indexes.push(index);
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
  });
  assert.deepEqual(await counted, { succeeded: 100, error: undefined });
  assert.deepEqual(
    indexes,
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.equal(most, 32);
  let calls = 0;
  const error = new Error('no');
  const failing = slowStart(500, async () => {
    if (++calls > 2) throw error;
  });
  assert.deepEqual(await failing, { succeeded: 2, error });
  assert.equal(calls, 3);
});

test('PendingWrites hold a key back until its informers show what was written', async () => {
  const clock = new FakeClock();
  const writes = new PendingWrites({ clock });
  let seen = 4;
  const cached = new Map([['p', object('p')]]);
  const informer = {
    hasSeen: (version: string) => seen >= Number(version),
    get: (ref: string | { readonly name: string }) => cached.get(typeof ref === 'string' ? ref : ref.name),
  };
  assert.equal(writes.settled('key'), true);
  writes.wrote('key', informer, { metadata: { ...object('x').metadata, resourceVersion: '5' } });
  writes.deleted('key', informer, object('p'));
  assert.equal(writes.settled('key'), false);
  assert.equal(writes.settled('another'), true);
  seen = 5;
  assert.equal(writes.settled('key'), false);
  cached.set('p', object('p', { going: true }));
  assert.equal(writes.settled('key'), true);
  writes.deleted('key', informer, object('p'));
  writes.forget('key');
  assert.equal(writes.settled('key'), true);
  writes.wrote('key', { hasSeen: () => false }, object('lost'));
  await clock.advance(4 * 60_000);
  assert.equal(writes.settled('key'), false);
  await clock.advance(60_000);
  assert.equal(writes.settled('key'), true, 'nothing is waited for without end');
});
