// Images as volumes of pods (upstream: test/e2e/common/node/image_volume.go).

import assert from 'node:assert/strict';
import { shell, untilTold } from '../../support/node-pods.ts';
import type { Conformance } from './conformance-suite.ts';

export function imageVolumeTests(conformance: Conformance): void {
  conformance(
    '[sig-node] ImageVolume should succeed with pod and pull policy of Always',
    async ({ create, whenReady, output }) => {
      await create('test-pod', {
        containers: [shell(untilTold(), { volumeMounts: [{ name: 'volume', mountPath: '/volume' }] })],
        volumes: [{ name: 'volume', image: { reference: 'nginx:alpine', pullPolicy: 'Always' } }],
      });
      await whenReady('test-pod');
      assert.match(await output('test-pod', 'cat /volume/usr/share/nginx/html/index.html'), /Welcome to nginx/);
      assert.match(await output('test-pod', 'cat /volume/etc/os-release'), /nginx of Debian/);
    },
  );
}
