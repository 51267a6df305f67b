// Parts of volumes (upstream: test/e2e/storage/subpath.go and the tests of testsuites/subpath.go that it calls).

import assert from 'node:assert/strict';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { until } from '../../support/node-pods.ts';
import type { Conformance } from './conformance-suite.ts';
import { printedWith, type VolumeSourceInput } from './volume-readers.ts';

interface Part {
  readonly name: string;
  readonly source: VolumeSourceInput;
  readonly subPath: string;
  /** Absent: a directory that is not there yet. */
  readonly at?: string;
  readonly contents: string;
}

const PARTS: readonly Part[] = [
  {
    name: 'secret pod',
    source: { secret: { secretName: 'my-secret' } },
    subPath: 'secret-key',
    contents: 'secret-value',
  },
  {
    name: 'configmap pod',
    source: { configMap: { name: 'my-configmap' } },
    subPath: 'configmap-key',
    contents: 'configmap-value',
  },
  {
    name: 'configmap pod with mountPath of existing file',
    source: { configMap: { name: 'my-configmap' } },
    subPath: 'configmap-key',
    at: '/etc/resolv.conf',
    contents: 'configmap-value',
  },
  {
    name: 'downward pod',
    source: { downwardAPI: { items: [{ path: 'downward/podname', fieldRef: { fieldPath: 'metadata.name' } }] } },
    subPath: 'downward/podname',
    contents: 'reader',
  },
  {
    name: 'projected pod',
    source: {
      projected: {
        sources: [
          { configMap: { name: 'my-configmap', items: [{ key: 'configmap-key', path: 'projected/configmap-key' }] } },
        ],
      },
    },
    subPath: 'projected/configmap-key',
    contents: 'configmap-value',
  },
];

export function subPathTests(conformance: Conformance): void {
  for (const { name, source, subPath, at = '/test-volume', contents } of PARTS) {
    conformance(`[sig-storage] Subpath Atomic writer volumes should support subpaths with ${name}`, async (scene) => {
      const { client, namespace, remove, isGone } = scene;
      await client.create(Secret, {
        metadata: { name: 'my-secret', namespace },
        stringData: { 'secret-key': 'secret-value' },
      });
      await client.create(ConfigMap, {
        metadata: { name: 'my-configmap', namespace },
        data: { 'configmap-key': 'configmap-value' },
      });
      const text = await printedWith(scene, `cat ${at}`, {
        ...{ source, at, subPath },
        terminationGracePeriodSeconds: 1,
        securityContext: { seLinuxOptions: { level: 's0:c0,c1' } },
      });
      assert.equal(text, contents);
      await remove('reader');
      await until('the pod is gone', () => isGone('reader'));
    });
  }
}
