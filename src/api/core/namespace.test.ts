import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { Namespace } from './namespace.ts';

test('Namespace is labelled with its name', () => {
  const labelled = readInput(Namespace, {
    metadata: { name: 'web', labels: { a: 'b', 'kubernetes.io/metadata.name': 'x' } },
  });
  assert.deepEqual(labelled.metadata.labels, { a: 'b', 'kubernetes.io/metadata.name': 'web' });
  const nameless = readInput(Namespace, { metadata: { generateName: 'web-' } });
  assert.equal(nameless.metadata.labels, undefined);
});

test('Namespace starts active and with its finalizer', () => {
  const namespace = readInput(Namespace, { metadata: { name: 'web' }, spec: { finalizers: ['a/b'] } });
  Namespace.prepareForCreate?.(namespace);
  assert.deepEqual(namespace.spec, { finalizers: ['a/b', 'kubernetes'] });
  assert.deepEqual(namespace.status, { phase: 'Active' });
  Namespace.prepareForCreate?.(namespace);
  assert.deepEqual(namespace.spec, { finalizers: ['a/b', 'kubernetes'] });
});

test('Namespace lets finalizers be changed by finalize alone', () => {
  const input = { metadata: { name: 'web' }, spec: { finalizers: ['kubernetes'] } };
  const previous = readInput(Namespace, input);
  const namespace = readInput(Namespace, { ...input, spec: { finalizers: [] }, status: { phase: 'Terminating' } });
  const { finalize } = Namespace.subresources;
  assert.equal(finalize?.type, 'view');
  finalize.prepare?.(namespace, previous);
  assert.deepEqual(namespace.spec, {});
  assert.deepEqual(namespace.status, { phase: 'Active' });
  Namespace.prepareForUpdate?.(namespace, previous);
  assert.deepEqual(namespace.spec, { finalizers: ['kubernetes'] });
});
