// What pods read of themselves from files: in volumes of the downward API and in projected ones (upstream:
// downwardapi_volume.go, projected_downwardapi.go and projected_combined.go in test/e2e/common/storage).

import assert from 'node:assert/strict';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { quantityValue } from '../../../src/api/quantity.ts';
import { shell } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { follow, printedWith, show, untilItSays, type VolumeInput, type VolumeSourceInput } from './volume-readers.ts';

const RESOURCES = {
  requests: { cpu: '250m', memory: '32Mi' },
  limits: { cpu: '1250m', memory: '64Mi' },
};

/** The file, the field that is in it, and what it holds for these resources: cores and bytes, rounded up. */
const AMOUNTS = [
  { amount: 'cpu limit', path: 'cpu_limit', resource: 'limits.cpu', holds: '2' },
  { amount: 'cpu request', path: 'cpu_request', resource: 'requests.cpu', holds: '1' },
  { amount: 'memory limit', path: 'memory_limit', resource: 'limits.memory', holds: '67108864' },
  { amount: 'memory request', path: 'memory_request', resource: 'requests.memory', holds: '33554432' },
] as const;

type DownwardFile = NonNullable<NonNullable<VolumeInput['downwardAPI']>['items']>[number];
type Modes = { readonly mode?: number; readonly defaultMode?: number };
type Source = (items: DownwardFile[], defaultMode?: number) => VolumeSourceInput;

const SOURCES: Readonly<Record<string, Source>> = {
  '[sig-storage] Downward API volume': (items, defaultMode) => ({
    downwardAPI: { items, ...(defaultMode === undefined ? {} : { defaultMode }) },
  }),
  '[sig-storage] Projected downwardAPI': (items, defaultMode) => ({
    projected: { sources: [{ downwardAPI: { items } }], ...(defaultMode === undefined ? {} : { defaultMode }) },
  }),
};

/** All files at once, as a pod may well have them. */
function filesOf({ mode }: Modes = {}): DownwardFile[] {
  return [
    { path: 'podname', fieldRef: { fieldPath: 'metadata.name' }, ...(mode === undefined ? {} : { mode }) },
    ...AMOUNTS.map(({ path, resource }) => ({ path, resourceFieldRef: { containerName: 'main', resource } })),
  ];
}

export function downwardVolumeTests(conformance: Conformance): void {
  for (const [subject, source] of Object.entries(SOURCES)) {
    const showsName = (modes: Modes, shown: string) => async (scene: Scene) => {
      const options = { source: source(filesOf(modes), modes.defaultMode), at: '/etc/podinfo' };
      assert.equal(await printedWith(scene, show('/etc/podinfo/podname'), options), `${shown}\nreader\n`);
    };
    conformance(`${subject} should provide podname only`, showsName({}, '-rw-r--r--'));
    conformance(`${subject} should set DefaultMode on files`, showsName({ defaultMode: 0o400 }, '-r--------'));
    conformance(`${subject} should set mode on item file`, showsName({ mode: 0o400 }, '-r--------'));
    for (const { amount, path, holds } of AMOUNTS) {
      conformance(`${subject} should provide container's ${amount}`, async (scene) => {
        assert.equal(await amountIn(scene, source, path, RESOURCES), holds);
      });
    }
    for (const resource of ['cpu', 'memory'] as const) {
      const name = `${subject} should provide node allocatable (${resource}) as default ${resource} limit`;
      conformance(`${name} if the limit is not set`, async (scene) => {
        const amount = await amountIn(scene, source, `${resource}_limit`, {});
        const { nodeName = '' } = (await scene.get('reader')).spec;
        const { allocatable } = (await scene.client.get(Node, { name: nodeName })).status;
        assert.match(amount, /^[1-9]\d*$/);
        assert.equal(Number(amount), Math.ceil(quantityValue(allocatable?.[resource] ?? '0')));
      });
    }
    conformance(`${subject} should update labels on modification`, (scene) =>
      followsChange(scene, source, 'labels', {
        before: { key1: 'value1', key2: 'value2' },
        after: { key3: 'value3' },
      }),
    );
    conformance(`${subject} should update annotations on modification`, (scene) =>
      followsChange(scene, source, 'annotations', { before: { builder: 'bar' }, after: { builder: 'foo' } }),
    );
  }
  conformance(
    '[sig-storage] Projected combined should project all components that make up the projection API [Projection]',
    combined,
  );
}

async function amountIn(scene: Scene, source: Source, path: string, resources: object): Promise<string> {
  const volumeMounts = [{ name: 'podinfo', mountPath: '/etc/podinfo' }];
  await scene.create('reader', {
    restartPolicy: 'Never',
    volumes: [{ name: 'podinfo', ...source(filesOf()) }],
    containers: [shell(`cat /etc/podinfo/${path}`, { volumeMounts, resources })],
  });
  return scene.printed('reader');
}

type Change = Readonly<Record<'before' | 'after', Readonly<Record<string, string>>>>;

async function followsChange(
  scene: Scene,
  source: Source,
  field: 'labels' | 'annotations',
  { before, after }: Change,
): Promise<void> {
  const items = [...filesOf(), { path: field, fieldRef: { fieldPath: `metadata.${field}` } }];
  const lines = (map: Readonly<Record<string, string>>) =>
    Object.entries(map).map(([key, value]) => `${key}="${value}"`);
  await scene.create(
    'reader',
    {
      restartPolicy: 'Never',
      volumes: [{ name: 'podinfo', ...source(items) }],
      containers: [
        shell(follow(`/etc/podinfo/${field}`), { volumeMounts: [{ name: 'podinfo', mountPath: '/etc/podinfo' }] }),
      ],
    },
    { [field]: before },
  );
  await scene.whenReady('reader');
  for (const line of lines(before)) await untilItSays(scene, 'reader', line);
  const ref = { name: 'reader', namespace: scene.namespace };
  await scene.client.patch(Pod, ref, { type: 'merge', body: { metadata: { [field]: after } } });
  for (const line of lines(after)) await untilItSays(scene, 'reader', line);
}

async function combined(scene: Scene): Promise<void> {
  const { client, namespace } = scene;
  const metadata = { name: 'values', namespace };
  await client.create(ConfigMap, { metadata, data: { 'configmap-data': 'configmap-value-1' } });
  await client.create(Secret, { metadata, stringData: { 'secret-data': 'secret-value-1' } });
  const source = {
    projected: {
      sources: [
        { downwardAPI: { items: [{ path: 'podname', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { secret: { name: 'values' } },
        { configMap: { name: 'values' } },
      ],
    },
  };
  const command = ['podname', 'secret-data', 'configmap-data'].map((file) => `cat /all/${file} && echo`).join(' && ');
  const text = await printedWith(scene, command, { source, at: '/all' });
  assert.equal(text, 'reader\nsecret-value-1\nconfigmap-value-1\n');
}
