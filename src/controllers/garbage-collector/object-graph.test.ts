import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '../../api/kind.ts';
import { ObjectGraph } from './object-graph.ts';

const KIND = { apiVersion: 'v1', kind: 'ConfigMap' };

function object(name: string, owners: readonly string[] = [], more: Partial<AnyObject['metadata']> = {}): AnyObject {
  const ownerReferences = owners.map((owner) => ({ ...KIND, name: owner, uid: owner, blockOwnerDeletion: true }));
  const metadata = {
    name,
    uid: name,
    namespace: 'default',
    resourceVersion: '1',
    creationTimestamp: '',
    ownerReferences,
    ...more,
  };
  return { ...KIND, metadata };
}

function open() {
  const graph = new ObjectGraph();
  const tell = (type: 'added' | 'deleted', one: AnyObject) => {
    const { check, orphan } = graph.observe(KIND, [{ type, object: one }]);
    return { check: [...check].sort(), orphan: [...orphan].sort() };
  };
  return { graph, add: (one: AnyObject) => tell('added', one), remove: (one: AnyObject) => tell('deleted', one) };
}

const GOING = { deletionTimestamp: '2026-01-01T00:00:00Z' };

test('ObjectGraph has nothing checked while every owner is there', () => {
  const { add } = open();
  for (const one of [object('a'), object('b', ['a']), object('c', ['a', 'b'])]) assert.deepEqual(add(one).check, []);
});

test('ObjectGraph has an owner checked that nobody has seen', () => {
  const { graph, add } = open();
  assert.deepEqual(add(object('b', ['a'])).check, ['a']);
  assert.equal(graph.get('a')?.isSeen, false);
  assert.deepEqual(add(object('a')).check, []);
  assert.equal(graph.get('a')?.isSeen, true);
});

test('ObjectGraph has dependents checked when their owner goes, and forgets it when they have gone', () => {
  const { graph, add, remove } = open();
  add(object('a'));
  add(object('b', ['a']));
  assert.deepEqual(remove(object('a')).check, ['b']);
  assert.equal(graph.get('a')?.isSeen, false);
  assert.deepEqual(add(object('late', ['a'])).check, ['late']);
  remove(object('b'));
  remove(object('late'));
  assert.equal(graph.size, 0);
});

test('ObjectGraph follows a foreground deletion up and down', () => {
  const { graph, add, remove } = open();
  add(object('a'));
  add(object('b', ['a']));
  const waiting = object('a', [], { ...GOING, finalizers: ['foregroundDeletion'] });
  assert.deepEqual(add(waiting).check, ['a', 'b']);
  assert.deepEqual(add(waiting).check, []);
  assert.deepEqual(
    graph.blockingDependents('a').map(({ identity }) => identity.uid),
    ['b'],
  );
  assert.deepEqual(add(object('late', ['a'])).check, ['late']);
  assert.deepEqual(remove(object('late', ['a'])).check, ['a']);
  assert.deepEqual(add(object('b')).check, ['a'], 'a reference that goes may be what was waited for');
});

test('ObjectGraph asks for dependents to be orphaned', () => {
  const { add } = open();
  add(object('a'));
  assert.deepEqual(add(object('a', [], { ...GOING, finalizers: ['orphan'] })), { check: [], orphan: ['a'] });
});

test('ObjectGraph doubts an owner that is named wrongly or from another namespace', () => {
  const { add } = open();
  add(object('a'));
  assert.deepEqual(add(object('b', ['a'], { namespace: 'other' })).check, ['b']);
  const misnamed = [{ ...KIND, name: 'another', uid: 'a' }];
  assert.deepEqual(add(object('c', [], { ownerReferences: misnamed })).check, ['c']);
});

test('ObjectGraph tells of owners in other namespaces, whichever comes first, once', () => {
  const told = (...objects: readonly AnyObject[]) => {
    const graph = new ObjectGraph();
    return objects.flatMap((one) =>
      graph
        .observe(KIND, [{ type: 'added', object: one }])
        .misplaced.map(({ dependent, reference }) => `${dependent.name} of ${reference.name}`),
    );
  };
  const owner = object('a');
  const far = object('b', ['a'], { namespace: 'other' });
  const near = object('c', ['a']);
  assert.deepEqual(told(owner, far, near, far), ['b of a']);
  assert.deepEqual(told(far, near, owner, owner), ['b of a']);
  const { namespace: _, ...clusterWide } = far.metadata;
  assert.deepEqual(told(owner, { ...far, metadata: clusterWide }), ['b of a'], 'an object without a namespace');
  const { namespace: __, ...anywhere } = owner.metadata;
  assert.deepEqual(told({ ...owner, metadata: anywhere }, far, near), [], 'an owner without one is everywhere');
});
