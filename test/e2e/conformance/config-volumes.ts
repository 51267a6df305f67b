// ConfigMaps and Secrets as files, in volumes of their own and in projected ones (upstream: configmap_volume.go,
// secrets_volume.go, projected_configmap.go and projected_secret.go in test/e2e/common/storage).

import assert from 'node:assert/strict';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import type { PodSpecInput } from '../../support/kubelet-objects.ts';
import { shell, untilTold } from '../../support/node-pods.ts';
import { ORIGINS, type Origin, type OriginName, type VolumeOptions } from './config-origins.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { follow, printedWith, show, untilItSays } from './volume-readers.ts';

const DATA: Readonly<Record<string, string>> = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };

interface Consumed {
  readonly name: string;
  readonly from: OriginName;
  readonly options?: VolumeOptions;
  readonly securityContext?: NonNullable<PodSpecInput['securityContext']>;
  /** What the file has to have. */
  readonly mode: '-rw-r--r--' | '-r--r-----' | '-r--------';
}

const MAPPED = { key: 'data-2', path: 'path/to/data-2' };
const NON_ROOT = { runAsUser: 1000 };

const CONSUMED: readonly Consumed[] = [
  {
    name: '[sig-storage] ConfigMap should be consumable from pods in volume',
    from: 'configMap',
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] ConfigMap should be consumable from pods in volume with defaultMode set',
    from: 'configMap',
    options: { defaultMode: 0o400 },
    mode: '-r--------',
  },
  {
    name: '[sig-storage] ConfigMap should be consumable from pods in volume as non-root',
    from: 'configMap',
    securityContext: NON_ROOT,
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] ConfigMap should be consumable from pods in volume with mappings',
    from: 'configMap',
    options: { items: [MAPPED] },
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] ConfigMap should be consumable from pods in volume with mappings and Item mode set',
    from: 'configMap',
    options: { items: [{ ...MAPPED, mode: 0o400 }] },
    mode: '-r--------',
  },
  {
    name: '[sig-storage] ConfigMap should be consumable from pods in volume with mappings as non-root',
    from: 'configMap',
    options: { items: [MAPPED] },
    securityContext: NON_ROOT,
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Secrets should be consumable from pods in volume',
    from: 'secret',
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Secrets should be consumable from pods in volume with defaultMode set',
    from: 'secret',
    options: { defaultMode: 0o400 },
    mode: '-r--------',
  },
  {
    name: '[sig-storage] Secrets should be consumable from pods in volume as non-root with defaultMode and fsGroup set',
    from: 'secret',
    options: { defaultMode: 0o440 },
    securityContext: { ...NON_ROOT, fsGroup: 1001 },
    mode: '-r--r-----',
  },
  {
    name: '[sig-storage] Secrets should be consumable from pods in volume with mappings',
    from: 'secret',
    options: { items: [MAPPED] },
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Secrets should be consumable from pods in volume with mappings and Item Mode set',
    from: 'secret',
    options: { items: [{ ...MAPPED, mode: 0o400 }] },
    mode: '-r--------',
  },
  {
    name: '[sig-storage] Projected configMap should be consumable from pods in volume',
    from: 'projectedConfigMap',
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Projected configMap should be consumable from pods in volume with defaultMode set',
    from: 'projectedConfigMap',
    options: { defaultMode: 0o400 },
    mode: '-r--------',
  },
  {
    name: '[sig-storage] Projected configMap should be consumable from pods in volume as non-root',
    from: 'projectedConfigMap',
    securityContext: NON_ROOT,
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Projected configMap should be consumable from pods in volume with mappings',
    from: 'projectedConfigMap',
    options: { items: [MAPPED] },
    mode: '-rw-r--r--',
  },
  {
    // Upstream sets the mode of the volume here, whatever the name says; the item's is tested with projected secrets.
    name: '[sig-storage] Projected configMap should be consumable from pods in volume with mappings and Item mode set',
    from: 'projectedConfigMap',
    options: { items: [MAPPED], defaultMode: 0o400 },
    mode: '-r--------',
  },
  {
    name: '[sig-storage] Projected configMap should be consumable from pods in volume with mappings as non-root',
    from: 'projectedConfigMap',
    options: { items: [MAPPED] },
    securityContext: NON_ROOT,
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Projected secret should be consumable from pods in volume',
    from: 'projectedSecret',
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Projected secret should be consumable from pods in volume with defaultMode set',
    from: 'projectedSecret',
    options: { defaultMode: 0o400 },
    mode: '-r--------',
  },
  {
    name: '[sig-storage] Projected secret should be consumable from pods in volume as non-root with defaultMode and fsGroup set',
    from: 'projectedSecret',
    options: { defaultMode: 0o440 },
    securityContext: { ...NON_ROOT, fsGroup: 1001 },
    mode: '-r--r-----',
  },
  {
    name: '[sig-storage] Projected secret should be consumable from pods in volume with mappings',
    from: 'projectedSecret',
    options: { items: [MAPPED] },
    mode: '-rw-r--r--',
  },
  {
    name: '[sig-storage] Projected secret should be consumable from pods in volume with mappings and Item Mode set',
    from: 'projectedSecret',
    options: { items: [{ ...MAPPED, mode: 0o400 }] },
    mode: '-r--------',
  },
];

export function configVolumeTests(conformance: Conformance): void {
  for (const { name, from, options = {}, securityContext = {}, mode } of CONSUMED) {
    conformance(name, async (scene) => {
      const { client, namespace } = scene;
      await ORIGINS[from].create(client, { name: 'values', namespace }, DATA);
      const { path, key } = options.items?.[0] ?? { path: 'data-1', key: 'data-1' };
      const source = ORIGINS[from].source('values', options);
      const text = await printedWith(scene, show(`/etc/values/${path}`), {
        source,
        at: '/etc/values',
        securityContext,
      });
      assert.equal(text, `${mode}\n${DATA[key]}\n`);
    });
  }
  inSeveralVolumes(conformance, '[sig-storage] ConfigMap', 'the same pod', ORIGINS.configMap);
  inSeveralVolumes(conformance, '[sig-storage] Secrets', 'a pod', ORIGINS.secret);
  inSeveralVolumes(conformance, '[sig-storage] Projected configMap', 'the same pod', ORIGINS.projectedConfigMap);
  inSeveralVolumes(conformance, '[sig-storage] Projected secret', 'a pod', ORIGINS.projectedSecret);
  conformance('[sig-storage] ConfigMap binary data should be reflected in volume', binaryData);
  conformance(
    '[sig-storage] Secrets should be able to mount in a volume regardless of a different secret existing with same name in different namespace',
    ofOwnNamespace,
  );
}

function inSeveralVolumes(conformance: Conformance, subject: string, pod: string, origin: Origin): void {
  conformance(`${subject} should be consumable in multiple volumes in ${pod}`, async (scene) => {
    const { client, namespace, create, printed } = scene;
    await origin.create(client, { name: 'values', namespace }, DATA);
    const names = ['first', 'second'];
    await create('reader', {
      restartPolicy: 'Never',
      volumes: names.map((name) => ({ name, ...origin.source('values') })),
      containers: [
        shell(names.map((name) => show(`/etc/${name}/data-1`)).join(' && '), {
          volumeMounts: names.map((name) => ({ name, mountPath: `/etc/${name}`, readOnly: true })),
        }),
      ],
    });
    assert.equal(await printed('reader'), '-rw-r--r--\nvalue-1\n-rw-r--r--\nvalue-1\n');
  });
}

async function binaryData(scene: Scene): Promise<void> {
  const { client, namespace, create } = scene;
  await client.create(ConfigMap, {
    metadata: { name: 'values', namespace },
    data: { 'data-1': 'value-1' },
    binaryData: { 'dump.bin': Buffer.from('decafebad0feff', 'hex').toString('base64') },
  });
  const volumeMounts = [{ name: 'values', mountPath: '/etc/values', readOnly: true }];
  await create('reader', {
    restartPolicy: 'Never',
    volumes: [{ name: 'values', ...ORIGINS.configMap.source('values') }],
    containers: [
      shell(follow('/etc/values/data-1'), { name: 'text', volumeMounts }),
      shell(`hexdump -v -e '1/1 "%02x"' /etc/values/dump.bin; echo; ${untilTold()}`, { name: 'binary', volumeMounts }),
    ],
  });
  await untilItSays(scene, 'reader', 'value-1', 'text');
  await untilItSays(scene, 'reader', 'decafebad0feff', 'binary');
}

async function ofOwnNamespace(scene: Scene): Promise<void> {
  const { client, namespace, createNamespace } = scene;
  const other = await createNamespace('other');
  await ORIGINS.secret.create(
    client,
    { name: 'values', namespace: other },
    { 'data-1': 'of the other', 'data-9': 'value-9' },
  );
  await ORIGINS.secret.create(client, { name: 'values', namespace }, DATA);
  const command = `${show('/etc/values/data-1')} && ls /etc/values`;
  const text = await printedWith(scene, command, { source: ORIGINS.secret.source('values'), at: '/etc/values' });
  assert.equal(text, `-rw-r--r--\nvalue-1\n${Object.keys(DATA).join('\n')}\n`);
}
