// Templates of pods, as objects. Upstream: test/e2e/common/node/podtemplates.go.

import assert from 'node:assert/strict';
import { PodTemplate } from '../../../src/api/core/pod-template.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

const TEMPLATE = { spec: { containers: [{ name: 'nginx', image: 'nginx' }] } };

export function podTemplateTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] PodTemplates should ${name}`, body);

  test('run the lifecycle of PodTemplates', async ({ client, namespace }) => {
    const metadata = { name: 'template', namespace, labels: { 'podtemplate-static': 'true' } };
    const list = async () => (await client.list(PodTemplate, { labelSelector: 'podtemplate-static=true' })).items;
    assert.deepEqual(await list(), []);
    await client.create(PodTemplate, { metadata, template: TEMPLATE });
    assert.equal((await client.get(PodTemplate, metadata)).metadata.name, 'template');
    const body = { metadata: { labels: { podtemplate: 'patched' } } };
    await client.patch(PodTemplate, metadata, { type: 'strategic', body });
    assert.equal((await client.get(PodTemplate, metadata)).metadata.labels?.['podtemplate'], 'patched');
    await client.delete(PodTemplate, metadata);
    assert.deepEqual(await list(), []);
  });

  test('delete a collection of pod templates', async ({ client, namespace }) => {
    for (const name of ['test-podtemplate-1', 'test-podtemplate-2', 'test-podtemplate-3']) {
      const metadata = { name, namespace, labels: { 'podtemplate-set': 'true' } };
      await client.create(PodTemplate, { metadata, template: TEMPLATE });
    }
    const those = { namespace, labelSelector: 'podtemplate-set=true' };
    assert.equal((await client.list(PodTemplate, those)).items.length, 3);
    await client.deleteCollection(PodTemplate, those);
    assert.deepEqual((await client.list(PodTemplate, those)).items, []);
  });

  test('replace a pod template', async ({ client, namespace }) => {
    const created = await client.create(PodTemplate, { metadata: { name: 'template', namespace }, template: TEMPLATE });
    const metadata = { ...created.metadata, annotations: { updated: 'true' } };
    const replaced = await client.update(PodTemplate, { ...created, metadata });
    assert.equal(replaced.metadata.annotations?.['updated'], 'true');
    const stale = client.update(PodTemplate, { ...created, metadata });
    await assert.rejects(stale, (error) => isStatusError(error, 'Conflict'));
  });
}
