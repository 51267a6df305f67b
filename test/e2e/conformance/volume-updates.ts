// ConfigMaps and Secrets that change, or may not, while pods have them as files (upstream: configmap_volume.go,
// secrets_volume.go, projected_configmap.go and projected_secret.go in test/e2e/common/storage).

import assert from 'node:assert/strict';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { shell } from '../../support/node-pods.ts';
import { ORIGINS, type Origin } from './config-origins.ts';
import type { Conformance } from './conformance-suite.ts';
import { follow, untilItSays } from './volume-readers.ts';

export function volumeUpdateTests(conformance: Conformance): void {
  optionalUpdates(conformance, '[sig-storage] ConfigMap', ORIGINS.configMap);
  optionalUpdates(conformance, '[sig-storage] Secrets', ORIGINS.secret);
  optionalUpdates(conformance, '[sig-storage] Projected configMap', ORIGINS.projectedConfigMap);
  optionalUpdates(conformance, '[sig-storage] Projected secret', ORIGINS.projectedSecret);
  updates(conformance, '[sig-storage] ConfigMap', ORIGINS.configMap);
  updates(conformance, '[sig-storage] Projected configMap', ORIGINS.projectedConfigMap);
  immutable(conformance, '[sig-storage] ConfigMap', ConfigMap);
  immutable(conformance, '[sig-storage] Secrets', Secret);
}

/** One source is deleted while the pod runs, one gets another key, one comes to be. */
function optionalUpdates(conformance: Conformance, subject: string, origin: Origin): void {
  conformance(`${subject} optional updates should be reflected in volume`, async (scene) => {
    const { client, namespace, create, whenReady } = scene;
    const refOf = (name: string) => ({ name, namespace });
    for (const name of ['deleted', 'updated']) await origin.create(client, refOf(name), { 'data-1': 'value-1' });
    const files = { deleted: 'data-1', updated: 'data-3', created: 'data-1' };
    await create('reader', {
      restartPolicy: 'Never',
      volumes: Object.keys(files).map((name) => ({ name, ...origin.source(name, { optional: true }) })),
      containers: Object.entries(files).map(([name, file]) =>
        shell(follow(`/etc/${name}/${file}`), {
          name,
          volumeMounts: [{ name, mountPath: `/etc/${name}`, readOnly: true }],
        }),
      ),
    });
    await whenReady('reader');
    await untilItSays(scene, 'reader', 'absent', 'created');
    await untilItSays(scene, 'reader', 'absent', 'updated');
    await untilItSays(scene, 'reader', 'value-1', 'deleted');
    await origin.remove(client, refOf('deleted'));
    await origin.update(client, refOf('updated'), { 'data-3': 'value-3' });
    await origin.create(client, refOf('created'), { 'data-1': 'value-1' });
    await untilItSays(scene, 'reader', 'value-1', 'created');
    await untilItSays(scene, 'reader', 'value-3', 'updated');
    await untilItSays(scene, 'reader', 'absent', 'deleted');
  });
}

function updates(conformance: Conformance, subject: string, origin: Origin): void {
  conformance(`${subject} updates should be reflected in volume`, async (scene) => {
    const { client, namespace, create, whenReady } = scene;
    const ref = { name: 'values', namespace };
    await origin.create(client, ref, { 'data-1': 'value-1' });
    await create('reader', {
      restartPolicy: 'Never',
      volumes: [{ name: 'values', ...origin.source('values') }],
      containers: [
        shell(follow('/etc/values/data-1'), {
          volumeMounts: [{ name: 'values', mountPath: '/etc/values', readOnly: true }],
        }),
      ],
    });
    await whenReady('reader');
    await untilItSays(scene, 'reader', 'value-1');
    await origin.update(client, ref, { 'data-1': 'value-2' });
    await untilItSays(scene, 'reader', 'value-2');
  });
}

function immutable(conformance: Conformance, subject: string, kind: typeof ConfigMap | typeof Secret): void {
  conformance(`${subject} should be immutable if \`immutable\` field is set`, async ({ client, namespace }) => {
    const ref = { name: 'values', namespace };
    const encoded = { 'data-1': 'dmFsdWUtMQ==' };
    const created = await client.create(kind, { metadata: ref, data: encoded });
    const changed = await client.update(kind, { ...created, data: { ...encoded, 'data-4': 'dmFsdWUtNA==' } });
    const fixed = await client.update(kind, { ...changed, immutable: true });
    const isInvalid = (error: unknown) => isStatusError(error, 'Invalid');
    await assert.rejects(client.update(kind, { ...fixed, data: { ...fixed.data, 'data-5': '' } }), isInvalid);
    assert.equal((await client.get(kind, ref)).immutable, true);
    await assert.rejects(client.update(kind, { ...fixed, immutable: false }), isInvalid);
    const labels = { label1: 'value1' };
    const labelled = await client.update(kind, { ...fixed, metadata: { ...fixed.metadata, labels } });
    assert.deepEqual(labelled.metadata.labels, labels);
    assert.deepEqual(labelled.data, changed.data);
    await client.delete(kind, ref);
    await assert.rejects(client.get(kind, ref), (error) => isStatusError(error, 'NotFound'));
  });
}
