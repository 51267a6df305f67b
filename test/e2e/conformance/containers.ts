// What a container runs, by its image and by the pod. The image has a program of its own (a script that starts what it is
// given) and arguments for it (a server). Upstream: test/e2e/common/node/containers.go.

import assert from 'node:assert/strict';
import { until } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

export function containerTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Containers should ${name}`, body);
  const image = { name: 'main', image: 'redis:5-alpine', imagePullPolicy: 'IfNotPresent' } as const;
  /** What the first process was started as, and that it is not the server. */
  const SAY = ['sh', '-c', 'echo "$0 $*"'];

  test('use the image defaults if command and args are blank', async ({ create, logOf, whenReady }) => {
    await create('defaults', { restartPolicy: 'Never', containers: [image] });
    await whenReady('defaults');
    await until('the server has started', async () => /Ready to accept connections/.test(await logOf('defaults')));
  });

  test("be able to override the image's default arguments (container cmd)", async ({ run }) => {
    // An option is what only the image's script makes a server of.
    assert.match(await run({ ...image, command: [], args: ['--version'] }), /^Redis server v=/);
  });

  test("be able to override the image's default command (container entrypoint)", async ({ run }) => {
    assert.equal(await run({ ...image, command: [...SAY, 'override'] }), 'override \n');
  });

  test("be able to override the image's default command and arguments", async ({ run }) => {
    assert.equal(await run({ ...image, command: SAY, args: ['override', 'arguments'] }), 'override arguments\n');
  });
}
