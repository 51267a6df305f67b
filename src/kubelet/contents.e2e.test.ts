// What containers are told and given: their environment, and their volumes with what is in them. With real containers:
// needs Linux and root.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../test/support/kubelet-node.ts';
import { namespace, nodePods, shell, until, untilTold } from '../../test/support/node-pods.ts';
import { ConfigMap } from '../api/core/config-map.ts';
import { Pod } from '../api/core/pod.ts';
import { Secret } from '../api/core/secret.ts';
import { Service } from '../api/core/service.ts';

const skip = await installNodeTools();

describe('contents', { skip: skip ?? false, concurrency: 4 }, () => {
  let node: KubeletNode;

  before(async () => {
    node = await kubeletNode();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, podWhen, whenReady, eventsOf, output } = nodePods(() => node);

  test('the environment: values, references, fields, config maps, secrets, services', async () => {
    await node.client.create(ConfigMap, {
      metadata: { name: 'env', namespace },
      data: { COLOUR: 'green', other: 'x' },
    });
    await node.client.create(Secret, { metadata: { name: 'env', namespace }, stringData: { PASSWORD: 'pa$$word' } });
    await node.client.create(Service, {
      metadata: { name: 'kv-store', namespace },
      spec: { clusterIP: '10.96.7.7', ports: [{ port: 6379 }] },
    });
    await create('env', {
      containers: [
        shell(untilTold(), {
          envFrom: [{ prefix: 'CM_', configMapRef: { name: 'env' } }, { secretRef: { name: 'env' } }],
          env: [
            { name: 'FIRST', value: 'one' },
            { name: 'SECOND', value: '$(FIRST) and $(CM_COLOUR), not $$(FIRST) or $(NOBODY)' },
            { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'env', key: 'other' } } },
            { name: 'MAYBE', valueFrom: { secretKeyRef: { name: 'nobody', key: 'k', optional: true } } },
            { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          ],
          resources: { limits: { memory: '64Mi' } },
        }),
      ],
    });
    const { status } = await whenReady('env');
    const variables = new Map(
      (await output('env', 'env'))
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const expected = {
      ...{
        CM_COLOUR: 'green',
        CM_other: 'x',
        PASSWORD: 'pa$$word',
        FIRST: 'one',
        NAME: 'env',
        KEY: 'x',
        MEMORY: '64',
      },
      SECOND: 'one and green, not $(FIRST) or $(NOBODY)',
      IP: status.podIP,
      KV_STORE_SERVICE_HOST: '10.96.7.7',
      KV_STORE_PORT: 'tcp://10.96.7.7:6379',
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(variables.get(name), value, name);
    assert.equal(variables.has('MAYBE'), false);
  });

  test('a missing config map keeps a container waiting until it is there', async () => {
    await create('waits', { containers: [shell(untilTold(), { envFrom: [{ configMapRef: { name: 'later' } }] })] });
    const waiting = await podWhen(
      'waits',
      'waits',
      ({ status }) => status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
    assert.equal(waiting.status.containerStatuses?.[0]?.state?.waiting?.message, 'configmap "later" not found');
    const since = performance.now();
    await node.client.create(ConfigMap, { metadata: { name: 'later', namespace }, data: {} });
    await whenReady('waits');
    assert.ok(performance.now() - since < 3_000, 'the config map wakes the pod');
  });

  test('volumes have the contents, the modes and the places that the pod asks for, and follow changes', async () => {
    await node.client.create(ConfigMap, {
      metadata: { name: 'files', namespace },
      data: { 'a.conf': 'one', 'b.conf': 'b' },
    });
    await node.client.create(Secret, { metadata: { name: 'files', namespace }, stringData: { key: 'secret' } });
    await create(
      'volumes',
      {
        serviceAccountName: 'default',
        securityContext: { fsGroup: 1234, runAsUser: 1000 },
        volumes: [
          {
            name: 'config',
            configMap: { name: 'files', defaultMode: 0o440, items: [{ key: 'a.conf', path: 'sub/a' }] },
          },
          { name: 'whole', configMap: { name: 'files' } },
          { name: 'absent', configMap: { name: 'absent', optional: true } },
          { name: 'secret', secret: { secretName: 'files' } },
          {
            name: 'downward',
            downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
          },
          {
            name: 'projected',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token', audience: 'vault' } },
                { configMap: { name: 'files' } },
              ],
            },
          },
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
          { name: 'disk', emptyDir: {} },
          { name: 'host', hostPath: { path: node.dataDir, type: 'Directory' } },
        ],
        containers: [
          shell(untilTold(), {
            volumeMounts: [
              { name: 'config', mountPath: '/config' },
              { name: 'whole', mountPath: '/whole' },
              { name: 'whole', mountPath: '/one-file', subPath: 'b.conf' },
              { name: 'absent', mountPath: '/absent' },
              { name: 'secret', mountPath: '/secret' },
              { name: 'downward', mountPath: '/downward' },
              { name: 'projected', mountPath: '/projected' },
              { name: 'memory', mountPath: '/memory' },
              { name: 'disk', mountPath: '/disk' },
              { name: 'disk', mountPath: '/part', subPathExpr: 'of/$(NAME)' },
              { name: 'host', mountPath: '/host', readOnly: true },
            ],
            env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          }),
        ],
      },
      { labels: { tier: 'back' } },
    );
    await whenReady('volumes');
    assert.equal(await output('volumes', 'cat /config/sub/a; stat -L -c " %a %g" /config/sub/a'), 'one 440 1234');
    assert.equal(await output('volumes', 'cat /whole/a.conf /whole/b.conf /one-file'), 'onebb');
    assert.equal(await output('volumes', 'cat /secret/key; stat -f -c " %T" /secret'), 'secret tmpfs');
    assert.equal(await output('volumes', 'cat /downward/labels'), 'tier="back"');
    assert.equal(
      await output('volumes', 'stat -f -c %T /memory; df -m /memory | tail -1 | awk "{print \\$2}"'),
      'tmpfs\n8',
    );
    assert.equal(
      await output('volumes', 'echo x > /disk/x; echo y > /part/y; stat -c %g /disk/x; cat /disk/of/volumes/y'),
      '1234\ny',
    );
    assert.equal(
      await output('volumes', 'test -d /host/pods && ! touch /host/x 2>/dev/null && ls /absent && echo sealed'),
      'sealed',
    );
    const [, claims = ''] = (await output('volumes', 'cat /projected/token')).split('.');
    const token = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    assert.deepEqual(token.aud, ['vault']);
    assert.equal(token['kubernetes.io'].pod.name, 'volumes');

    await node.client.patch(
      ConfigMap,
      { name: 'files', namespace },
      { type: 'merge', body: { data: { 'a.conf': 'two', 'b.conf': null } } },
    );
    await node.client.create(ConfigMap, { metadata: { name: 'absent', namespace }, data: { now: 'here' } });
    await node.client.patch(
      Pod,
      { name: 'volumes', namespace },
      { type: 'merge', body: { metadata: { labels: { tier: 'front' } } } },
    );
    const seen = () =>
      output('volumes', 'cat /config/sub/a /absent/now /downward/labels 2>/dev/null; ls /whole /projected');
    await until(
      'the changes arrive',
      async () => (await seen().catch(() => '')) === 'twoheretier="front"/projected:\na.conf\ntoken\n\n/whole:\na.conf',
    );
  });

  test('a volume that cannot be made says so, and is made as soon as it can be', async () => {
    await create('unmounted', { volumes: [{ name: 'config', secret: { secretName: 'soon' } }] });
    const told = await until('it is told', async () =>
      (await eventsOf('unmounted')).find(({ reason }) => reason === 'FailedMount'),
    );
    assert.equal(told.message, 'MountVolume.SetUp failed for volume "config" : secret "soon" not found');
    await node.client.create(Secret, { metadata: { name: 'soon', namespace }, stringData: {} });
    await whenReady('unmounted');
  });
});
