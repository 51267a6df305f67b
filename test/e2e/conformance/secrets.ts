// Secrets as objects, and as pods see them in their environment. Upstream: test/e2e/common/node/secrets.go.

import assert from 'node:assert/strict';
import { Secret } from '../../../src/api/core/secret.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { assertPrinted, PREFIXES, VALUES, variablesWith } from './environment-sources.ts';

export function secretTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Secrets should ${name}`, body);
  const createValues = async ({ client, namespace }: Scene) => {
    const lines = Object.entries(VALUES).map(([name, value]) => [name, `${value}\n`]);
    await client.create(Secret, { metadata: { name: 'values', namespace }, stringData: Object.fromEntries(lines) });
  };
  const allWith = (prefixes: readonly string[]) => ({
    envFrom: prefixes.map((prefix) => ({ ...(prefix ? { prefix } : {}), secretRef: { name: 'values' } })),
  });

  test('be consumable from pods in env vars', async (scene) => {
    await createValues(scene);
    const env = [{ name: 'SECRET_DATA', valueFrom: { secretKeyRef: { name: 'values', key: 'data-1' } } }];
    assertPrinted(await scene.run({ env }), ['SECRET_DATA=value-1']);
  });

  test('be consumable via the environment', async (scene) => {
    await createValues(scene);
    assertPrinted(await scene.run(allWith(['', 'p-'])), variablesWith(['', 'p-']));
  });

  test('be consumable as environment variable names variable names with various prefixes', async (scene) => {
    await createValues(scene);
    assertPrinted(await scene.run(allWith(PREFIXES)), variablesWith(PREFIXES));
  });

  test('fail to create secret due to empty secret key', async ({ client, namespace }) => {
    const creating = client.create(Secret, { metadata: { name: 'empty-key', namespace }, data: { '': bytes('x') } });
    await assert.rejects(creating, (error) => isStatusError(error, 'Invalid'));
  });

  test('patch a secret', async ({ client, namespace }) => {
    const metadata = { name: 'one', namespace, labels: { 'testsecret-constant': 'true' } };
    const labelSelector = 'testsecret-constant=true';
    const names = async () => (await client.list(Secret, { labelSelector })).items.map((item) => item.metadata.name);
    await client.create(Secret, { metadata, data: { key: bytes('value') }, type: 'Opaque' });
    assert.deepEqual(await names(), ['one']);

    const body = { metadata: { labels: { testsecret: 'true' } }, data: { key: bytes('value1') } };
    await client.patch(Secret, metadata, { type: 'strategic', body });
    assert.deepEqual((await client.get(Secret, metadata)).data, { key: bytes('value1') });

    await client.deleteCollection(Secret, { namespace, labelSelector: 'testsecret=true' });
    assert.deepEqual(await names(), []);
  });
}

function bytes(text: string): string {
  return Buffer.from(text).toString('base64');
}
