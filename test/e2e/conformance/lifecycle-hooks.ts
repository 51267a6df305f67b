// What is done when containers have begun and before they end. Another pod sees that it was: it is asked for by the hook
// itself, or by a sidecar to which the hook's request goes. Upstream: test/e2e/common/node/lifecycle_hook.go and
// test/e2e/node/pre_stop.go.

import assert from 'node:assert/strict';
import type { ContainerInput } from '../../support/kubelet-objects.ts';
import { shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { receivedBy, startReceiver } from './received-requests.ts';

export function lifecycleHookTests(conformance: Conformance): void {
  for (const [word, hook] of [
    ['poststart', 'postStart'],
    ['prestop', 'preStop'],
  ] as const) {
    for (const action of ['exec', 'http'] as const) {
      const name = `when create a pod with lifecycle hook should execute ${word} ${action} hook properly`;
      conformance(`[sig-node] Container Lifecycle Hook ${name}`, (scene) => executes(scene, hook, action));
    }
  }

  conformance('[sig-node] PreStop should call prestop when killing a pod', async (scene) => {
    const { create, whenReady, remove, isGone } = scene;
    const address = await startReceiver(scene, 'server');
    const said = '{"Source": "prestop"}';
    const command = ['wget', '-O-', `--post-data=${said}`, `http://${address}/write`];
    await create('tester', { containers: [shell(untilTold(), { lifecycle: { preStop: { exec: { command } } } })] });
    await whenReady('tester');
    assert.deepEqual(await receivedBy(scene, 'server'), []);
    await remove('tester');
    await until('the pod is gone', () => isGone('tester'));
    assert.deepEqual(await receivedBy(scene, 'server'), [{ method: 'POST', target: '/write', body: said }]);
  });
}

async function executes(scene: Scene, hook: 'postStart' | 'preStop', action: 'exec' | 'http'): Promise<void> {
  const { create, whenReady, remove, isGone } = scene;
  const address = await startReceiver(scene, 'receiver');
  const tell = `wget -q -O - http://${address}/echo?msg=${hook}`;
  const handler = {
    exec: { exec: { command: ['sh', '-c', tell] } },
    http: { httpGet: { path: '/cgi-bin/tell', port: 8080 } },
  }[action];
  await create('hooked', {
    terminationGracePeriodSeconds: 15,
    initContainers: [teller(tell)],
    containers: [shell(untilTold(), { lifecycle: { [hook]: handler } })],
  });
  await whenReady('hooked');
  const targets = async () => (await receivedBy(scene, 'receiver')).map(({ target }) => target);
  assert.deepEqual(await targets(), hook === 'postStart' ? ['/echo?msg=postStart'] : []);
  await remove('hooked', 15);
  await until('the pod is gone', () => isGone('hooked'));
  assert.deepEqual(await targets(), [`/echo?msg=${hook}`]);
}

/** Runs the command for whoever asks for /cgi-bin/tell, from before the other containers begin until they have ended. */
function teller(command: string): ContainerInput {
  const script = `#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\nexec ${command}\n`;
  const serve =
    'mkdir -p /www/cgi-bin; echo "$SCRIPT" > /www/cgi-bin/tell; chmod +x /www/cgi-bin/tell; httpd -p 8080 -h /www';
  return shell(untilTold(serve), {
    name: 'teller',
    restartPolicy: 'Always',
    env: [{ name: 'SCRIPT', value: script }],
    startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 30 },
  });
}
