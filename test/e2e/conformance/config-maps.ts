// ConfigMaps as pods see them in their environment (upstream: test/e2e/common/node/configmap.go).

import assert from 'node:assert/strict';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { shell } from '../../support/node-pods.ts';
import type { Conformance } from './conformance-suite.ts';

export function configMapTests(conformance: Conformance): void {
  conformance(
    '[sig-node] ConfigMap should be consumable via environment variable',
    async ({ client, namespace, create, printed }) => {
      await client.create(ConfigMap, { metadata: { name: 'values', namespace }, data: { 'data-1': 'value-1' } });
      const env = [{ name: 'CONFIG_DATA_1', valueFrom: { configMapKeyRef: { name: 'values', key: 'data-1' } } }];
      await create('reader', { restartPolicy: 'Never', containers: [shell('env', { env })] });
      assert.match(await printed('reader'), /^CONFIG_DATA_1=value-1$/m);
    },
  );
}
