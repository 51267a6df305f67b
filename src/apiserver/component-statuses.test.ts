import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest } from '../../test/support/api-requests.ts';
import type { AnyObject } from '../api/kind.ts';
import { componentStatusSource } from './component-statuses.ts';

const STATUSES = '/api/v1/componentstatuses';

test('componentstatuses tells of each part whether it is healthy', async () => {
  const stopped = new Error('the scheduler has stopped');
  await using api = await apiUnderTest({
    parts: () => ({
      sources: componentStatusSource([
        { name: 'scheduler', check: () => Promise.reject(stopped) },
        { name: 'etcd-0', check: () => {} },
      ]),
    }),
  });
  const list = await api.send(`GET ${STATUSES}`);
  const told = (list.at('items') as AnyObject[]).map(({ metadata, conditions }) => [metadata.name, conditions]);
  assert.deepEqual(told, [
    ['etcd-0', [{ type: 'Healthy', status: 'True', message: 'ok' }]],
    ['scheduler', [{ type: 'Healthy', status: 'False', error: stopped.message }]],
  ]);
  assert.equal((await api.send(`GET ${STATUSES}/etcd-0`)).at('conditions.0.message'), 'ok');
  assert.equal((await api.send(`GET ${STATUSES}/etcd-1`)).status, 404);
});
