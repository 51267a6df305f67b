// What the specification's rows say of configuration and of volumes that containers share, where no test of the suite shows
// it. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { PersistentVolumeClaim } from '../../../src/api/core/persistent-volume-claim.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { RoleBinding } from '../../../src/api/rbac/role-binding.ts';
import { isReady, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { follow, printedWith, untilItSays } from './volume-readers.ts';

export function configurationRowTests(conformance: Conformance): void {
  conformance('CF-001 texts of any form are files as they are', textsOfAnyForm);
  conformance(
    'CF-009 CF-010 CF-011 CF-030 files follow a Secret, variables keep its value till a restart',
    secretChanges,
  );
  conformance('CF-010 a container starts again with the files it has when their ConfigMap is gone', sourceGone);
  conformance('CF-020 CF-021 CF-022 one directory has files of all four kinds', allProjections);
  conformance('CF-022 CF-023 files of the downward API follow a resize', followsResize);
  conformance('CF-026 CF-027 CF-028 CF-029 every pod has what a client of the API needs', apiAccess);
  conformance('LC-003 LC-004 LC-014 LC-016 a sidecar reads what the other container writes', sidecar);
  conformance('CB-028 programs read a file that is mounted over one of /proc', fileOverProc);
  conformance('CB-037 CB-041 CB-042 no other container sees what one writes and deletes', ownLayer);
  conformance('CB-049 a pod that replaces another has its disk and nothing else', replacement);
}

async function textsOfAnyForm(scene: Scene): Promise<void> {
  const { client, namespace } = scene;
  const data = {
    'a.json': '{"name": "a", "list": [1, 2]}\n',
    'b.yaml': 'name: b\nlist:\n- 1\n- "2"\n',
    'c.properties': '# comment\nname=c\npath=/a\\:b\n\n',
    'd.conf': 'server {\n\tlisten 80;\n}',
  };
  await client.create(ConfigMap, { metadata: { name: 'texts', namespace }, data });
  const options = { source: { configMap: { name: 'texts' } }, at: '/texts' };
  assert.equal(await printedWith(scene, 'cat /texts/*', options), Object.values(data).join(''));
}

async function secretChanges(scene: Scene): Promise<void> {
  const { client, namespace, create, whenReady, podWhen, output, exec } = scene;
  const ref = { name: 'login', namespace };
  await client.create(Secret, { metadata: ref, stringData: { password: 'first' } });
  await create('reader', {
    volumes: [{ name: 'login', secret: { secretName: 'login' } }],
    containers: [
      shell(follow('/login/password'), {
        env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } }],
        volumeMounts: [{ name: 'login', mountPath: '/login' }],
      }),
    ],
  });
  const variable = () => output('reader', 'printenv PASSWORD');
  const before = await whenReady('reader');
  await untilItSays(scene, 'reader', 'first');
  assert.equal(await variable(), 'first');

  await client.update(Secret, { metadata: ref, stringData: { password: 'second' } });
  await untilItSays(scene, 'reader', 'second');
  assert.equal(await variable(), 'first');
  const [wasRunning] = before.status.containerStatuses ?? [];
  const [isRunning] = (await scene.get('reader')).status.containerStatuses ?? [];
  const identity = ({ imageID, containerID, restartCount }: NonNullable<typeof isRunning>) => [
    imageID,
    containerID,
    restartCount,
  ];
  assert.deepEqual(identity(isRunning!), identity(wasRunning!));

  await exec('reader', ['kill', '1']);
  await podWhen('reader', 'runs again', runsAgain);
  assert.equal(await variable(), 'second');
}

async function sourceGone(scene: Scene): Promise<void> {
  const { client, namespace, create, whenReady, podWhen, output, exec, eventsOf } = scene;
  const ref = { name: 'values', namespace };
  await client.create(ConfigMap, { metadata: ref, data: { key: 'config' } });
  await client.create(Secret, { metadata: ref, stringData: { key: 'first' } });
  await create('reader', {
    volumes: [
      { name: 'config', configMap: { name: 'values' } },
      { name: 'secret', secret: { secretName: 'values' } },
    ],
    containers: [
      shell(follow('/secret/key'), {
        volumeMounts: [
          { name: 'config', mountPath: '/config' },
          { name: 'secret', mountPath: '/secret' },
        ],
      }),
    ],
  });
  await whenReady('reader');
  await client.delete(ConfigMap, ref);
  await until('an event tells', async () =>
    (await eventsOf('reader')).some(
      ({ reason, message = '' }) =>
        `${reason}: ${message}` ===
        'FailedMount: MountVolume.SetUp failed for volume "config" : configmap "values" not found',
    ),
  );
  await client.update(Secret, { metadata: ref, stringData: { key: 'second' } });
  await untilItSays(scene, 'reader', 'second');
  await exec('reader', ['kill', '1']);
  await podWhen('reader', 'runs again', runsAgain);
  assert.equal(await output('reader', 'cat /config/key'), 'config');
}

function runsAgain(pod: Pod): boolean {
  return isReady(pod) && pod.status.containerStatuses?.[0]?.restartCount === 1;
}

async function allProjections({ client, namespace, create, whenReady, output }: Scene): Promise<void> {
  const metadata = { name: 'values', namespace };
  await client.create(ConfigMap, { metadata, data: { colour: 'green' } });
  await client.create(Secret, { metadata, stringData: { password: 'secret' } });
  const limits = { cpu: '1500m', memory: '64Mi' };
  await create(
    'reader',
    {
      volumes: [
        {
          name: 'all',
          projected: {
            sources: [
              { configMap: { name: 'values' } },
              { secret: { name: 'values' } },
              { serviceAccountToken: { path: 'token', audience: 'vault' } },
              {
                downwardAPI: {
                  items: ['name', 'namespace', 'labels', 'annotations'].map((field) => ({
                    path: field,
                    fieldRef: { fieldPath: `metadata.${field}` },
                  })),
                },
              },
            ],
          },
        },
      ],
      containers: [
        shell(untilTold(), {
          env: [
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'CORES', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
            { name: 'MEBIBYTES', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          ],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits },
          volumeMounts: [{ name: 'all', mountPath: '/all' }],
        }),
      ],
    },
    { labels: { tier: 'back' }, annotations: { owner: 'me' } },
  );
  const { spec, status } = await whenReady('reader');
  assert.equal(await output('reader', 'ls /all | xargs'), 'annotations colour labels name namespace password token');
  assert.equal(await output('reader', 'cat /all/colour /all/password'), 'greensecret');
  const fields = await output('reader', 'cd /all; for file in name namespace labels; do cat $file; echo; done');
  assert.equal(fields, `reader\n${namespace}\ntier="back"`);
  assert.match(await output('reader', 'cat /all/annotations'), /^owner="me"$/m);
  const [, claims = ''] = (await output('reader', 'cat /all/token')).split('.');
  assert.deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')).aud, ['vault']);
  const variables = await output('reader', 'echo $IP $NODE $CORES $MEBIBYTES');
  assert.equal(variables, `${status.podIP} ${spec.nodeName} 2 64`);
}

async function followsResize(scene: Scene): Promise<void> {
  const { client, namespace, create, whenReady } = scene;
  const resources = (cpu: string) => ({ requests: { cpu: '10m' }, limits: { cpu } });
  await create('reader', {
    volumes: [
      {
        name: 'info',
        downwardAPI: {
          items: [{ path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' } }],
        },
      },
    ],
    containers: [
      shell(follow('/info/cpu'), {
        resources: resources('100m'),
        volumeMounts: [{ name: 'info', mountPath: '/info' }],
      }),
    ],
  });
  await whenReady('reader');
  await untilItSays(scene, 'reader', '100');
  const body = { spec: { containers: [{ name: 'main', resources: resources('200m') }] } };
  const ref = { name: 'reader', namespace };
  await client.patch(Pod, ref, { type: 'strategic', body }, { subresource: 'resize' });
  await untilItSays(scene, 'reader', '200');
}

async function apiAccess({ client, namespace, create, whenReady, output }: Scene): Promise<void> {
  await create('reader', { containers: [shell(untilTold(), { image: 'curlimages/curl:latest' })] });
  const { spec } = await whenReady('reader');
  const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
  const volume = spec.volumes?.find(({ name }) => /^kube-api-access-[a-z0-9]{5}$/.test(name));
  assert.deepEqual(
    volume?.projected?.sources?.map((source) => Object.keys(source)[0]),
    ['serviceAccountToken', 'configMap', 'downwardAPI'],
  );
  assert.equal(await output('reader', `ls ${directory} | xargs`), 'ca.crt namespace token');
  assert.equal(await output('reader', `touch ${directory}/x 2>/dev/null || echo sealed`), 'sealed');
  const ask = (credentials: string) =>
    output(
      'reader',
      `curl -sS --cacert ${directory}/ca.crt ${credentials} https://kubernetes.default/api/v1/namespaces/$(cat ${directory}/namespace)/pods`,
    );
  const withToken = `-H "Authorization: Bearer $(cat ${directory}/token)"`;
  assert.match(await ask(''), /"code": ?401/);
  assert.match(await ask('-H "Authorization: Bearer nonsense"'), /"code": ?401/);
  const user = `system:serviceaccount:${namespace}:default`;
  assert.ok((await ask(withToken)).includes(`User \\"${user}\\" cannot list resource \\"pods\\"`));
  await client.create(RoleBinding, {
    metadata: { name: 'viewers', namespace },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  });
  const listed = JSON.parse(
    await until('the list', async () => {
      const text = await ask(withToken);
      return text.includes('PodList') ? text : undefined;
    }),
  );
  assert.deepEqual(
    listed.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['reader'],
  );
}

async function sidecar(scene: Scene): Promise<void> {
  const { create, whenReady, output } = scene;
  const volumeMounts = [{ name: 'logs', mountPath: '/logs' }];
  await create('pod', {
    volumes: [{ name: 'logs', emptyDir: {} }],
    initContainers: [
      shell(`touch /logs/app.log; trap 'exit 0' TERM; tail -f /logs/app.log & wait`, {
        name: 'sidecar',
        restartPolicy: 'Always',
        volumeMounts,
      }),
    ],
    containers: [
      shell(untilTold('test -f /logs/app.log && echo started >> /logs/app.log'), {
        image: 'nginx:alpine',
        volumeMounts,
      }),
    ],
  });
  await whenReady('pod');
  await untilItSays(scene, 'pod', 'started', 'sidecar');
  await output('pod', 'touch /tmp/own');
  for (const command of ['hostname', 'ip -o addr | sort']) {
    assert.equal(await output('pod', command), await output('pod', command, 'sidecar'), command);
  }
  assert.equal(await output('pod', 'test -e /tmp/own || echo apart', 'sidecar'), 'apart');
  assert.notEqual(await output('pod', 'cat /etc/os-release'), await output('pod', 'cat /etc/os-release', 'sidecar'));
}

async function fileOverProc(scene: Scene): Promise<void> {
  const { client, namespace } = scene;
  const meminfo = 'MemTotal:  262144 kB\nMemFree:  131072 kB\n';
  await client.create(ConfigMap, { metadata: { name: 'proc', namespace }, data: { meminfo } });
  const text = await printedWith(scene, 'cat /proc/meminfo', {
    source: { configMap: { name: 'proc' } },
    at: '/proc/meminfo',
    subPath: 'meminfo',
  });
  assert.equal(text, meminfo);
}

/** Both containers are of the same image. */
async function ownLayer({ create, whenReady, output }: Scene): Promise<void> {
  await create('pod', { containers: [shell(untilTold()), shell(untilTold(), { name: 'other' })] });
  await whenReady('pod');
  const look = 'ls /etc; cat /etc/passwd /etc/os-release';
  const before = await output('pod', look, 'other');
  await output('pod', 'echo changed > /etc/passwd; echo new > /etc/new; rm /etc/os-release');
  assert.equal(await output('pod', 'cat /etc/passwd /etc/new; ls /etc/os-release || echo gone'), 'changed\nnew\ngone');
  assert.equal(await output('pod', look, 'other'), before);
}

async function replacement({ client, namespace, output }: Scene): Promise<void> {
  await client.create(PersistentVolumeClaim, {
    metadata: { name: 'disk', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  });
  const labels = { app: 'keeper' };
  await client.create(Deployment, {
    metadata: { name: 'keeper', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 5,
          volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }],
          containers: [shell(untilTold(), { volumeMounts: [{ name: 'disk', mountPath: '/disk' }] })],
        },
      },
    },
  });
  const ready = (unlike: string) =>
    until('the pod is ready', async () => {
      const { items } = await client.list(Pod, { namespace, labelSelector: 'app=keeper' });
      return items.find((pod) => isReady(pod) && pod.metadata.uid !== unlike && !pod.metadata.deletionTimestamp);
    });
  const first = await ready('');
  await output(first.metadata.name, 'echo kept > /disk/file; echo lost > /dev/shm/file');
  await client.delete(Pod, { name: first.metadata.name, namespace });
  const second = await ready(first.metadata.uid);
  assert.notEqual(second.status.podIP, first.status.podIP);
  assert.equal(await output(second.metadata.name, 'cat /disk/file; ls /dev/shm'), 'kept');
}
