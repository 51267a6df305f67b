// ConfigMaps as objects, and as pods see them in their environment. Upstream: test/e2e/common/node/configmap.go.

import assert from 'node:assert/strict';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { assertPrinted, PREFIXES, VALUES, variablesWith } from './environment-sources.ts';

export function configMapTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] ConfigMap should ${name}`, body);
  const createValues = async ({ client, namespace }: Scene) => {
    await client.create(ConfigMap, { metadata: { name: 'values', namespace }, data: VALUES });
  };
  const allWith = (prefixes: readonly string[]) => ({
    envFrom: prefixes.map((prefix) => ({ ...(prefix ? { prefix } : {}), configMapRef: { name: 'values' } })),
  });

  test('be consumable via environment variable', async (scene) => {
    await createValues(scene);
    const env = [{ name: 'CONFIG_DATA_1', valueFrom: { configMapKeyRef: { name: 'values', key: 'data-1' } } }];
    assertPrinted(await scene.run({ env }), ['CONFIG_DATA_1=value-1']);
  });

  test('be consumable via the environment', async (scene) => {
    await createValues(scene);
    assertPrinted(await scene.run(allWith(['', 'p-'])), variablesWith(['', 'p-']));
  });

  test('be consumable as environment variable names with various prefixes', async (scene) => {
    await createValues(scene);
    assertPrinted(await scene.run(allWith(PREFIXES)), variablesWith(PREFIXES));
  });

  test('fail to create ConfigMap with empty key', async ({ client, namespace }) => {
    const creating = client.create(ConfigMap, { metadata: { name: 'empty-key', namespace }, data: { '': 'value-1' } });
    await assert.rejects(creating, (error) => isStatusError(error, 'Invalid'));
  });

  test('update ConfigMap successfully', async (scene) => {
    const { client, namespace } = scene;
    await createValues(scene);
    const metadata = { name: 'values', namespace };
    await client.update(ConfigMap, { metadata, data: { data: 'value' } });
    assert.deepEqual((await client.get(ConfigMap, metadata)).data, { data: 'value' });
  });

  test('run through a ConfigMap lifecycle', async ({ client, namespace }) => {
    const metadata = { name: 'one', namespace, labels: { 'test-configmap-static': 'true' } };
    await client.create(ConfigMap, { metadata, data: { valueName: 'value' } });
    const created = await client.get(ConfigMap, metadata);
    assert.deepEqual([created.data, created.metadata.labels], [{ valueName: 'value' }, metadata.labels]);

    const body = { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } };
    await client.patch(ConfigMap, metadata, { type: 'strategic', body });
    const { items } = await client.list(ConfigMap, { labelSelector: 'test-configmap=patched' });
    assert.deepEqual(
      items.map((item) => [item.metadata.namespace, item.metadata.name, item.metadata.labels, item.data]),
      [[namespace, 'one', { ...metadata.labels, 'test-configmap': 'patched' }, { valueName: 'value1' }]],
    );

    const labelSelector = 'test-configmap-static=true';
    await client.deleteCollection(ConfigMap, { namespace, labelSelector });
    assert.deepEqual((await client.list(ConfigMap, { namespace, labelSelector })).items, []);
  });
}
