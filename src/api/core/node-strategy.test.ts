import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { Node } from './node.ts';

const source = { configMap: { namespace: 'a', name: 'b', kubeletConfigKey: 'c' } };
const configured = () => readInput(Node, { spec: { configSource: source }, status: { config: { error: 'd' } } });
const plain = readInput(Node, {}) as unknown as Node;

test('a node is not configured through the API', () => {
  const node = configured();
  Node.prepareForCreate?.(node);
  assert.equal(node.spec.configSource, undefined);
  assert.equal(node.status.config, undefined);
});

test('a node is configured further if it has been', () => {
  const before = configured() as unknown as Node;
  const [kept, dropped] = [configured(), configured()];
  Node.prepareForUpdate?.(kept, before);
  Node.prepareForStatusUpdate?.(kept, before);
  assert.deepEqual([kept.spec.configSource, kept.status.config], [source, { error: 'd' }]);
  Node.prepareForUpdate?.(dropped, plain);
  Node.prepareForStatusUpdate?.(dropped, plain);
  assert.deepEqual([dropped.spec.configSource, dropped.status.config], [undefined, undefined]);
});

test('a node with what nobody reads is warned of', () => {
  const node = readInput(Node, { spec: { configSource: source, externalID: 'a' } }) as unknown as Node;
  assert.deepEqual(Node.warnings?.(node, undefined), [
    'spec.configSource: the feature is removed',
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
  ]);
  assert.deepEqual(Node.warnings?.(plain, undefined), []);
});
