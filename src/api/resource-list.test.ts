import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addResources, formatResources, mostResources, remainingResources, sameResources } from './resource-list.ts';

test('addResources and mostResources have the names of both', () => {
  assert.deepEqual(addResources({ cpu: '1', a: '2' }, { cpu: '500m', b: '3' }), { cpu: '1500m', a: '2', b: '3' });
  assert.deepEqual(mostResources({ cpu: '1', a: '2' }, { cpu: '1500m', b: '3' }), { cpu: '1500m', a: '2', b: '3' });
  const odd = JSON.parse('{"__proto__": "1"}');
  assert.deepEqual(Object.entries(addResources(odd, odd)), [['__proto__', '2']]);
});

test('remainingResources is nothing rather than less', () => {
  assert.deepEqual(remainingResources({ cpu: '1', a: '2' }, { cpu: '1500m', b: '3' }), { cpu: '0', a: '2', b: '0' });
});

test('sameResources compares amounts, not how they are written', () => {
  assert.equal(sameResources({ cpu: '1' }, { cpu: '1000m' }), true);
  assert.equal(sameResources({ cpu: '1' }, { cpu: '1', memory: '0' }), false);
  assert.equal(sameResources(undefined, {}), true);
});

test('formatResources is in the order of the names', () => {
  assert.equal(formatResources({ memory: '1Gi', cpu: '1' }), 'cpu=1,memory=1Gi');
});
