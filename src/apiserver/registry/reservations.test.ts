import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiUnderTest } from '../../../test/support/api-requests.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { forbidden } from '../../api/status-error.ts';
import type { StorageHook } from './storage-hook.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';

/** A hook that sets a number aside for each write and writes down what became of it. */
function recordingHook(): { hook: StorageHook; story: string[] } {
  const story: string[] = [];
  let number = 0;
  const set = (what: string) => {
    const id = ++number;
    story.push(`${what} ${id}`);
    return {
      commit: ({ metadata }: { metadata: { resourceVersion: string } }) =>
        void story.push(`commit ${id} @${metadata.resourceVersion}`),
      release: () => void story.push(`release ${id}`),
    };
  };
  const hook: StorageHook = {
    kind: ConfigMap,
    async beforeCreate(draft) {
      if (draft.metadata.name === 'refused')
        throw forbidden({ group: '', resource: 'configmaps' }, 'refused', 'none left');
      draft['data'] = { number: String(number + 1) };
      return set('create');
    },
    async beforeUpdate(draft, previous) {
      draft['data'] = { ...(previous['data'] as object), changed: 'yes' };
      return set('update');
    },
    afterDelete: ({ metadata }) => void story.push(`deleted ${metadata.name}`),
  };
  return { hook, story };
}

describe('storage hooks', () => {
  test('change what is stored and are told what became of it', async () => {
    const { hook, story } = recordingHook();
    await using api = await apiUnderTest({ parts: () => ({ hooks: [hook] }) });
    const created = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'a' } } });
    assert.deepEqual(created.at('data'), { number: '1' });
    const body = { metadata: { name: 'a', labels: { b: 'c' } } };
    assert.deepEqual((await api.send(`PUT ${CONFIG_MAPS}/a`, { body })).at('data'), { number: '1', changed: 'yes' });
    await api.send(`PUT ${CONFIG_MAPS}/a?dryRun=All`, { body: { metadata: { name: 'a' } } });
    await api.send(`DELETE ${CONFIG_MAPS}/a?dryRun=All`);
    await api.send(`DELETE ${CONFIG_MAPS}/a`);
    assert.deepEqual(story, [
      'create 1',
      'commit 1 @1',
      'update 2',
      'commit 2 @2',
      'update 3',
      'release 3',
      'deleted a',
    ]);
  });

  test('refuse a write', async () => {
    const { hook, story } = recordingHook();
    await using api = await apiUnderTest({ parts: () => ({ hooks: [hook] }) });
    const refused = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'refused' } } });
    assert.equal(refused.status, 403);
    assert.deepEqual(story, []);
  });

  test('get back what was set aside for writes that lost, and keep what was for those that won', async () => {
    const { hook, story } = recordingHook();
    await using api = await apiUnderTest({ parts: () => ({ hooks: [hook] }) });
    await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'a' } } });
    const label = (value: string) =>
      api.send(`PUT ${CONFIG_MAPS}/a`, { body: { metadata: { name: 'a', labels: { value } } } });
    const answers = await Promise.all(['1', '2', '3', '4'].map(label));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    const count = (what: string) => story.filter((line) => line.startsWith(what)).length;
    assert.equal(count('commit'), 5);
    assert.equal(count('update'), 4 + count('release'));
    assert.ok(count('release') > 0);
  });

  test('of a finalizer that goes are told of the end of its object', async () => {
    const { hook, story } = recordingHook();
    await using api = await apiUnderTest({ parts: () => ({ hooks: [hook] }) });
    await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'a', finalizers: ['example.com/a'] } } });
    await api.send(`DELETE ${CONFIG_MAPS}/a`);
    assert.ok(!story.includes('deleted a'));
    await api.send(`PATCH ${CONFIG_MAPS}/a`, {
      body: { metadata: { finalizers: null } },
      contentType: 'application/merge-patch+json',
    });
    assert.equal(story.at(-1), 'deleted a');
  });
});
