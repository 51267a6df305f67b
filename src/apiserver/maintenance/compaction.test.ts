import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest } from '../../../test/support/api-requests.ts';
import { FakeClock } from '../../base/clock.ts';
import { CompactedError, prefixRange } from '../../store/store.ts';
import { COMPACTION_PERIOD_MS } from './compaction.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';

test('compaction forgets what is older than a period, and then only when there is something', async () => {
  const clock = new FakeClock();
  await using api = await apiUnderTest({ clock });
  const compacted: number[] = [];
  const compact = api.store.compact.bind(api.store);
  api.store.compact = async (revision) => {
    compacted.push(revision);
    await compact(revision);
  };
  const create = (name: string) => api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name } } });
  for (const name of ['a', 'b', 'c']) await create(name);
  await clock.advance(COMPACTION_PERIOD_MS);
  assert.deepEqual(compacted, []);
  await create('d');
  await clock.advance(COMPACTION_PERIOD_MS);
  assert.deepEqual(compacted, [3]);
  await assert.rejects(api.store.list(prefixRange('/registry/'), { revision: 2 }), CompactedError);
  const watch = await api.stream(`${CONFIG_MAPS}?watch=1&resourceVersion=2`);
  assert.match(Buffer.from((await watch.next()).value).toString(), /"reason":"Expired"/);
  await clock.advance(COMPACTION_PERIOD_MS);
  await clock.advance(COMPACTION_PERIOD_MS);
  assert.deepEqual(compacted, [3]);
});
