import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Namespace, NamespaceCondition } from '../../api/core/namespace.ts';
import { formatTime } from '../../api/time.ts';
import { deletionConditions } from './namespace-conditions.ts';

const NOW = Date.UTC(2026, 0, 1);
const namespace = (conditions: readonly NamespaceCondition[] = []) =>
  ({ status: { conditions } }) as unknown as Namespace;
const nothing = { remaining: [], errors: [] };

test('deletionConditions say that all is well, once', () => {
  const conditions = deletionConditions(namespace(), nothing, NOW);
  assert.deepEqual(
    conditions.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered'],
      ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions'],
      ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted'],
      ['NamespaceContentRemaining', 'False', 'ContentRemoved'],
      ['NamespaceFinalizersRemaining', 'False', 'ContentRemoved'],
    ],
  );
  assert.equal(deletionConditions(namespace(conditions), nothing, NOW + 1000), conditions);
});

test('deletionConditions say what remains, what for, and what failed', () => {
  const remaining = [
    { resource: 'pods.', count: 2, finalizers: new Map([['example.com/a', 2]]) },
    { resource: 'deployments.apps', count: 1, finalizers: new Map([['example.com/a', 1]]) },
    { resource: 'secrets.', count: 0, finalizers: new Map<string, number>() },
  ];
  const before = deletionConditions(namespace(), nothing, NOW);
  const conditions = deletionConditions(namespace(before), { remaining, errors: ['two', 'one'] }, NOW + 5000);
  const messages = new Map(conditions.map(({ type, message }) => [type, message]));
  assert.equal(
    messages.get('NamespaceDeletionContentFailure'),
    'Failed to delete all resource types, 2 remaining: one, two',
  );
  assert.equal(
    messages.get('NamespaceContentRemaining'),
    'Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances',
  );
  assert.equal(
    messages.get('NamespaceFinalizersRemaining'),
    'Some content in the namespace has finalizers remaining: example.com/a in 3 resource instances',
  );
  assert.equal(conditions[3]?.lastTransitionTime, formatTime(NOW + 5000));
  assert.equal(conditions[0]?.lastTransitionTime, formatTime(NOW));
});
