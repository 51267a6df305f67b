// Images of a registry that wants to know who asks, in real containers. Needs Linux and root.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildTestImage } from '../../../test/support/images.ts';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../../test/support/kubelet-node.ts';
import { namespace, nodePods, shell, untilTold } from '../../../test/support/node-pods.ts';
import { startRegistry } from '../../../test/support/registry.ts';
import { Secret } from '../../api/core/secret.ts';

const skip = await installNodeTools();
const AUTHORIZATION = `Basic ${Buffer.from('robot:word').toString('base64')}`;

/** Lets those through to the registry who say the word. */
async function guardedRegistry(url: string): Promise<Server> {
  const server = createServer((asked, answer) => {
    if (asked.headers.authorization !== AUTHORIZATION) {
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const { host: _, ...headers } = asked.headers;
    const passed = request(new URL(asked.url ?? '/', url), { method: asked.method ?? 'GET', headers }, (found) => {
      answer.writeHead(found.statusCode ?? 500, found.headers);
      found.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    passed.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('image credentials', { skip: skip ?? false }, () => {
  const stack = new AsyncDisposableStack();
  let node: KubeletNode;
  let host = '';

  before(async () => {
    const registry = stack.use(await startRegistry({ images: [] }));
    const busybox = await buildTestImage('busybox:latest');
    for (const repository of ['private/busybox', 'provided/busybox']) await registry.push(busybox, repository, '1');
    const server = await guardedRegistry(registry.url);
    stack.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const directory = await mkdtemp(join(tmpdir(), 't8s-providers-'));
    stack.defer(() => rm(directory, { recursive: true }));
    const configFile = join(directory, 'config.yaml');
    await writeFile(configFile, providersConfig(`${host}/provided`));
    await writeFile(join(directory, 'login'), provider(`${host}/provided`), { mode: 0o755 });
    const credentialProviders = { configFile, binDir: directory, environment: { PATH: '/usr/bin:/bin' } };
    node = stack.use(await kubeletNode({ credentialProviders }));
    const auths = { [host]: { username: 'robot', password: 'word' } };
    for (const name of ['login', 'same']) {
      await node.client.create(Secret, {
        metadata: { name, namespace },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
      });
    }
  });
  after(() => stack.disposeAsync());

  const { create, podWhen, whenReady } = nodePods(() => node);
  const running = (repository: string) => ({
    containers: [shell(untilTold(), { image: `${host}/${repository}/busybox:1` })],
  });
  const isRefused = async (name: string) => {
    const { status } = await podWhen(name, 'is refused its image', ({ status: { containerStatuses } }) =>
      /^(ErrImagePull|ImagePullBackOff)$/.test(containerStatuses?.[0]?.state?.waiting?.reason ?? ''),
    );
    assert.match(status.containerStatuses?.[0]?.state?.waiting?.message ?? '', /failed to pull and unpack image/);
  };

  test('a pod has the image with its secret, and without it not even where it is there already', async () => {
    await create('stranger', running('private'));
    await isRefused('stranger');
    await create('owner', { ...running('private'), imagePullSecrets: [{ name: 'login' }] });
    await whenReady('owner');
    await create('late', running('private'));
    await isRefused('late');
    await create('friend', { ...running('private'), imagePullSecrets: [{ name: 'same' }] });
    await whenReady('friend');
  });

  test('what a program of the machine has credentials for is every pod’s', async () => {
    await create('provided', running('provided'));
    await whenReady('provided');
    await create('another', running('provided'));
    await whenReady('another');
  });
});

const providersConfig = (place: string) => `
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: login
    matchImages: ["${place}"]
    defaultCacheDuration: 1h
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    env: [{ name: WORD, value: word }]
`;

const provider = (place: string) => `#!/bin/sh
grep -q '"image":"${place}/busybox"' || exit 1
cat <<END
{ "kind": "CredentialProviderResponse", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
  "cacheKeyType": "Registry", "auth": { "${place}": { "username": "robot", "password": "$WORD" } } }
END
`;
