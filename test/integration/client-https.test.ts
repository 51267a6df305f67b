import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createClient } from '../../src/client/create-client.ts';
import { createHttpsTransport } from '../../src/client/https-transport.ts';
import { createInformer } from '../../src/client/informer.ts';
import { connectionOf, loadKubeconfig } from '../../src/client/kubeconfig.ts';
import { servedCluster } from '../support/served-cluster.ts';
import { until } from '../support/until.ts';

const NAMESPACE = 'default';

test('a client from a kubeconfig does over HTTPS what one in the process does', async () => {
  await using cluster = await servedCluster();
  const deps = { clock: systemClock, random: systemRandom, log: silentLogger };
  const { transport } = await connectionOf({ clock: systemClock, env: {} }, await loadKubeconfig([cluster.kubeconfig]));
  await using client = createClient(createHttpsTransport(deps, transport), { userAgent: 'test' });

  const version = (await client.request('GET', '/version')) as { readonly minor: string };
  assert.equal(version.minor, '36');
  await using informer = createInformer({ ...deps, client }, ConfigMap, {
    namespace: NAMESPACE,
    labelSelector: 'mine',
  });
  await informer.synced();

  const labels = { mine: 'yes' };
  const data = { text: 'x'.repeat(2000) };
  const names = Array.from({ length: 150 }, (_, i) => `map-${i}`);
  await Promise.all(
    names.map((name) => client.create(ConfigMap, { metadata: { namespace: NAMESPACE, name, labels }, data })),
  );
  await until(() => informer.list().length === names.length);
  // 3 MB: the answer is a stream of chunks.
  const { items, metadata } = await client.list(ConfigMap, { namespace: NAMESPACE, labelSelector: 'mine=yes' });
  assert.equal(items.length, names.length);
  assert.deepEqual(
    informer.get({ namespace: NAMESPACE, name: 'map-7' }),
    items.find((map) => map.metadata.name === 'map-7'),
  );
  const page = await client.list(ConfigMap, { namespace: NAMESPACE, labelSelector: 'mine', limit: 40 });
  assert.equal(page.items.length, 40);
  assert.notEqual(page.metadata.continue ?? '', '');

  const [first] = items;
  assert.ok(first);
  const changed = await client.update(ConfigMap, { ...first, data: { text: 'new' } });
  await assert.rejects(client.update(ConfigMap, { ...first, data: { text: 'late' } }), (error) =>
    isStatusError(error, 'Conflict'),
  );
  await client.patch(ConfigMap, changed.metadata, { type: 'json', body: [{ op: 'remove', path: '/data/text' }] });
  assert.equal(
    await client.delete(ConfigMap, changed.metadata, { preconditions: { uid: first.metadata.uid } }),
    undefined,
  );
  await assert.rejects(client.get(ConfigMap, changed.metadata), (error) => isStatusError(error, 'NotFound'));
  await client.deleteCollection(ConfigMap, { namespace: NAMESPACE, labelSelector: 'mine' });
  await until(() => informer.list().length === 0);

  const past = Number(metadata.resourceVersion) - 1;
  const events: string[] = [];
  for await (const batch of client.watch(ConfigMap, {
    namespace: NAMESPACE,
    labelSelector: 'mine',
    resourceVersion: String(past),
  })) {
    events.push(...batch.map(({ type }) => type));
    if (events.length >= 152) break;
  }
  assert.equal(events.filter((type) => type === 'DELETED').length, 150);
  assert.deepEqual(cluster.errors, []);
});
