import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedParameters } from './shared-parameters.ts';

test('SharedParameters says parameters once and refers to them', () => {
  const shared = new SharedParameters();
  const limit = { name: 'limit', in: 'query', type: 'integer' };
  const other = { name: 'limit', in: 'query', type: 'string' };
  assert.deepEqual(shared.share(limit), { $ref: '#/parameters/limit-query' });
  assert.deepEqual(shared.share(other), { $ref: '#/parameters/limit-query-2' });
  assert.deepEqual(shared.share({ ...limit }), { $ref: '#/parameters/limit-query' });
  assert.deepEqual(shared.entries, [
    ['limit-query', limit],
    ['limit-query-2', other],
  ]);
});

test('SharedParameters leaves alone what kubectl looks for in operations', () => {
  const shared = new SharedParameters();
  for (const name of ['dryRun', 'fieldValidation', 'name']) {
    const parameter = { name, in: 'query' };
    assert.equal(shared.share(parameter), parameter);
  }
  assert.deepEqual(shared.entries, []);
});
