// Commands and logs over WebSockets, by the first protocols that there were. Upstream: test/e2e/common/node/pods.go.

import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { shell, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

const STDOUT = 1;

export function podStreamTests(conformance: Conformance): void {
  const says = shell(untilTold('echo container is alive'));

  conformance('[sig-node] Pods should support remote command execution over websockets', async (scene) => {
    await scene.create('pod', { containers: [says] });
    await scene.whenReady('pod');
    const query = new URLSearchParams({ stdout: '1', stderr: '1', container: 'main', command: 'echo' });
    query.append('command', 'remote execution test');
    const messages = await messagesFrom(scene, `exec?${query}`, 'channel.k8s.io');
    const told = messages.filter((message) => message.length > 1);
    assert.deepEqual(
      told.filter(([channel]) => channel !== STDOUT),
      [],
    );
    assert.equal(text(told.map((message) => message.subarray(1))), 'remote execution test\n');
  });

  conformance('[sig-node] Pods should support retrieving logs from the container over websockets', async (scene) => {
    await scene.create('pod', { containers: [says] });
    await scene.whenReady('pod');
    assert.equal(text(await messagesFrom(scene, 'log?container=main', 'binary.k8s.io')), 'container is alive\n');
  });
}

/** Everything that the server sends until it closes. */
async function messagesFrom({ access, namespace }: Scene, path: string, protocol: string): Promise<readonly Buffer[]> {
  const { host, ca, client } = access;
  const options = { ca, cert: client.certificate, key: client.key };
  const socket = new WebSocket(`wss://${host}/api/v1/namespaces/${namespace}/pods/pod/${path}`, [protocol], options);
  const messages: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => messages.push(data));
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  return messages;
}

function text(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString('utf8');
}
