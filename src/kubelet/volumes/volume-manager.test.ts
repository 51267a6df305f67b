import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput } from '../../../test/support/kubelet-objects.ts';
import { claim, refTo, volume } from '../../../test/support/volume-objects.ts';
import type { ConfigMap } from '../../api/core/config-map.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Secret } from '../../api/core/secret.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import type { Client } from '../../client/client.ts';
import type { Mounter } from '../mounter.ts';
import { claimedVolume } from './claimed-volume.ts';
import { VolumeManager } from './volume-manager.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
type Volume = NonNullable<PodSpecInput['volumes']>[number];

describe('VolumeManager', () => {
  let podsDir: string;
  let stamps = 0;
  const mounted = new Map<string, number | string | undefined>();
  const released: string[] = [];
  const objects = {
    configMaps: {} as Record<string, Partial<ConfigMap> | undefined>,
    secrets: {} as Record<string, Partial<Secret> | undefined>,
    tokens: 0,
  };
  /** Only notes what is mounted: tmpfs needs privileges, and is tried with real containers. */
  const mounter: Mounter = {
    isMountPoint: async (path) => mounted.has(path),
    mountTmpfs: async (path, { sizeBytes }) => {
      await chmod(path, 0o1777);
      mounted.set(path, sizeBytes);
    },
    mount: async (path, { source }) => void mounted.set(path, source),
    unmount: async (path) => {
      for (const point of mounted.keys()) if (point === path || point.startsWith(`${path}/`)) mounted.delete(point);
    },
  };
  let manager: VolumeManager;
  before(async () => {
    podsDir = await mkdtemp(join(tmpdir(), 't8s-volumes-'));
    manager = new VolumeManager({
      podsDir,
      mounter,
      images: { release: async (uid, name) => void released.push(`${uid} ${name}`) },
      stamp: () => `stamp${stamps++}`,
      persistentVolume: async (pod, volume, claimName) => claimedVolume(client, pod, volume, claimName),
      sources: {
        configMap: async (_namespace, name) => objects.configMaps[name] as ConfigMap | undefined,
        secret: async (_namespace, name) => objects.secrets[name] as Secret | undefined,
        token: async (_pod, audience, seconds) => `token-${audience}-${seconds}-${objects.tokens}`,
        fields: { status: () => ({ podIP: '10.244.0.5' }), hostIp: () => '', allocatable: () => ({ cpu: '2' }) },
      },
    });
  });
  after(() => rm(podsDir, { recursive: true }));
  const client = {
    get: async (kind: Kind, { name }: { readonly name: string }) => {
      const found = storage.find((object) => object.kind === kind.kind && object.metadata.name === name);
      if (!found) throw new Error(`${kind.plural} "${name}" not found`);
      return found;
    },
  } as unknown as Pick<Client, 'get'>;

  let storage: readonly AnyObject[] = [];
  let pods = 0;
  function podWith(
    volume: Omit<Volume, 'name'>,
    more: Partial<PodSpecInput> & { labels?: Record<string, string> } = {},
  ): Pod {
    const { labels, ...spec } = more;
    return kubeletPod({
      name: `pod${pods++}`,
      metadata: labels ? { labels } : {},
      spec: { volumes: [{ name: 'v', ...volume }], ...spec },
    });
  }
  async function mounting(volume: Omit<Volume, 'name'>, more: Parameters<typeof podWith>[1] = {}) {
    const pod = podWith(volume, more);
    await manager.mount(pod);
    const path = manager.pathOf(pod, 'v');
    return {
      ...{ pod, path },
      read: (name: string) => readFile(join(path, name), 'utf8'),
      names: async () => (await readdir(path)).filter((name) => !name.startsWith('..')).sort(),
      modeOf: async (name: string) => (await stat(join(path, name))).mode & 0o7777,
    };
  }

  test('config maps: all keys, with text and bytes, and their changes', async () => {
    objects.configMaps['c'] = { data: { a: 'one' }, binaryData: { b: base64('two') } };
    const { pod, read, names, modeOf } = await mounting({ configMap: { name: 'c' } });
    assert.deepEqual(
      [await names(), await read('a'), await read('b'), await modeOf('a')],
      [['a', 'b'], 'one', 'two', 0o644],
    );
    objects.configMaps['c'] = { data: { a: 'three' } };
    await manager.refresh(pod);
    assert.deepEqual([await names(), await read('a')], [['a'], 'three']);
  });

  test('config maps: the keys that are picked, where and how they are wanted', async () => {
    objects.configMaps['c'] = { data: { a: 'one', b: 'two' } };
    const items = [{ key: 'a', path: 'sub/x', mode: 0o400 }];
    const { names, read, modeOf } = await mounting({ configMap: { name: 'c', items, defaultMode: 0o600 } });
    assert.deepEqual([await names(), await read('sub/x'), await modeOf('sub/x')], [['sub'], 'one', 0o400]);
  });

  const failures: readonly (readonly [string, Omit<Volume, 'name'>, string])[] = [
    ['a config map', { configMap: { name: 'x' } }, 'configmap "x" not found'],
    ['a secret', { secret: { secretName: 'x' } }, 'secret "x" not found'],
    [
      'a key',
      { configMap: { name: 'c', items: [{ key: 'x', path: 'x' }] } },
      'configmap references non-existent config key: x',
    ],
    [
      'a key of a secret',
      { secret: { secretName: 's', items: [{ key: 'x', path: 'x' }] } },
      'references non-existent secret key: x',
    ],
    [
      'a directory',
      { hostPath: { path: '/nowhere', type: 'Directory' } },
      'hostPath type check failed: /nowhere is not a directory',
    ],
    ['huge pages', { emptyDir: { medium: 'HugePages' } }, 'medium HugePages cannot be had on this node'],
    [
      'a kind that is not served',
      { nfs: { server: 's', path: '/' } },
      'volume "v" is of kind nfs, which this node cannot mount',
    ],
  ];
  for (const [name, volume, why] of failures) {
    test(`says which volume lacks ${name}`, async () => {
      objects.configMaps['c'] = { data: { a: 'one' } };
      objects.secrets['s'] = { data: {} };
      const message = `MountVolume.SetUp failed for volume "v" : ${why}`;
      await assert.rejects(mounting(volume), { name: 'VolumeError', message });
    });
  }

  test('optional sources may come later', async () => {
    delete objects.secrets['late'];
    const { pod, names, read } = await mounting({ secret: { secretName: 'late', optional: true } });
    assert.deepEqual(await names(), []);
    objects.secrets['late'] = { data: { k: base64('here') } };
    await manager.refresh(pod);
    assert.equal(await read('k'), 'here');
  });

  test('a source that goes takes nothing from a pod that has it, and holds up no other', async () => {
    objects.configMaps['going'] = { data: { a: 'one' } };
    objects.configMaps['staying'] = { data: { a: 'one' } };
    const names = ['going', 'staying'];
    const pod = kubeletPod({
      name: 'half',
      spec: { volumes: names.map((name) => ({ name, configMap: { name } })) },
    });
    const contents = () => Promise.all(names.map((name) => readFile(join(manager.pathOf(pod, name), 'a'), 'utf8')));
    await manager.mount(pod);
    delete objects.configMaps['going'];
    objects.configMaps['staying'] = { data: { a: 'two' } };
    const message = 'MountVolume.SetUp failed for volume "going" : configmap "going" not found';
    await assert.rejects(manager.refresh(pod), { name: 'VolumeError', message });
    assert.deepEqual(await contents(), ['one', 'two']);
    await manager.mount(pod);
    assert.deepEqual(await contents(), ['one', 'two']);
  });

  test('secrets and projections lie in memory, config maps need not', async () => {
    objects.secrets['s'] = { data: { k: base64('v') } };
    objects.configMaps['c'] = { data: {} };
    assert.equal(mounted.has((await mounting({ secret: { secretName: 's' } })).path), true);
    assert.equal(mounted.has((await mounting({ projected: { sources: [] } })).path), true);
    assert.equal(mounted.has((await mounting({ configMap: { name: 'c' } })).path), false);
  });

  test('the downward API follows the pod', async () => {
    const items = [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' }, mode: 0o400 },
    ];
    const { pod, read, modeOf } = await mounting({ downwardAPI: { items } }, { labels: { tier: 'back' } });
    assert.deepEqual([await read('labels'), await read('cpu'), await modeOf('cpu')], ['tier="back"', '2', 0o400]);
    await manager.refresh({ ...pod, metadata: { ...pod.metadata, labels: { tier: 'front' } } });
    assert.equal(await read('labels'), 'tier="front"');
  });

  test('projections put several sources into one volume, and renew tokens', async () => {
    objects.configMaps['c'] = { data: { 'ca.crt': 'CA', both: 'config map' } };
    objects.secrets['s'] = { data: { both: base64('secret') } };
    const sources = [
      { serviceAccountToken: { path: 'token', expirationSeconds: 600, audience: 'vault' } },
      { configMap: { name: 'c' } },
      { secret: { name: 's' } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      { configMap: { name: 'absent', optional: true } },
    ];
    const { pod, names, read } = await mounting({ projected: { sources } }, { serviceAccountName: 'default' });
    assert.deepEqual(await names(), ['both', 'ca.crt', 'namespace', 'token']);
    assert.deepEqual([await read('token'), await read('both')], ['token-vault-600-0', 'secret']);
    objects.tokens++;
    await manager.refresh(pod);
    assert.equal(await read('token'), 'token-vault-600-1');
  });

  const token: Omit<Volume, 'name'> = { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } };
  const owners: readonly (readonly [string, Partial<PodSpecInput>, number, number, number])[] = [
    ['whoever may read the pod’s files', {}, 0o644, 0, 0],
    ['the user of the pod', { securityContext: { runAsUser: 1000 } }, 0o600, 1000, 0],
    [
      'the user of all containers',
      { containers: [{ name: 'main', securityContext: { runAsUser: 1001 } }] },
      0o600,
      1001,
      0,
    ],
    [
      'everybody where containers differ',
      { containers: [{ name: 'main', securityContext: { runAsUser: 1 } }, { name: 'b' }] },
      0o644,
      0,
      0,
    ],
    ['the group of the volumes', { securityContext: { fsGroup: 2000 } }, 0o640, 0, 2000],
  ];
  const isRoot = process.getuid?.() === 0;
  for (const [name, spec, mode, uid, gid] of owners) {
    test(`a token is for ${name}`, { skip: isRoot ? false : 'only root gives files away' }, async () => {
      const { path } = await mounting(token, { serviceAccountName: 'default', ...spec });
      const found = await stat(join(path, 'token'));
      assert.deepEqual([found.mode & 0o7777, found.uid, found.gid], [mode, uid, gid]);
    });
  }

  test('files of a group are its own to read, and no more', {
    skip: isRoot ? false : 'only root gives files away',
  }, async () => {
    objects.configMaps['c'] = { data: { a: 'one' } };
    for (const [defaultMode, expected] of [
      [0o644, 0o644],
      [0o400, 0o440],
      [0o600, 0o640],
    ] as const) {
      const { path } = await mounting(
        { configMap: { name: 'c', defaultMode } },
        { securityContext: { fsGroup: 2000 } },
      );
      const found = await stat(join(path, 'a'));
      assert.deepEqual([found.mode & 0o7777, found.gid], [expected, 2000]);
    }
  });

  test('an empty directory is everybody’s, keeps what is in it, and may be memory', async () => {
    const { pod, path } = await mounting({ emptyDir: {} });
    assert.equal((await stat(path)).mode & 0o7777, 0o777);
    await writeFile(join(path, 'kept'), 'x');
    await manager.mount(pod);
    assert.deepEqual(await readdir(path), ['kept']);
    const memory = await mounting({ emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } });
    assert.equal(mounted.get(memory.path), 8 * 1024 * 1024);
    assert.equal((await stat(memory.path)).mode & 0o7777, 0o1777);
    const shared = await mounting({ emptyDir: { medium: 'Memory' } }, { securityContext: { fsGroup: 2000 } });
    assert.equal((await stat(shared.path)).mode & 0o7777, 0o3777);
  });

  test('paths of the host are made where they may be, and are what they should be', async () => {
    const directory = join(podsDir, 'host', 'made');
    assert.equal((await mounting({ hostPath: { path: directory, type: 'DirectoryOrCreate' } })).path, directory);
    assert.ok((await stat(directory)).isDirectory());
    await mounting({ hostPath: { path: join(directory, 'file'), type: 'FileOrCreate' } });
    assert.ok((await stat(join(directory, 'file'))).isFile());
    await mounting({ hostPath: { path: '/dev/null', type: 'CharDevice' } });
    await mounting({ hostPath: { path: '/nowhere' } });
    await assert.rejects(mounting({ hostPath: { path: directory, type: 'File' } }), /is not a file/);
    await assert.rejects(mounting({ hostPath: { path: directory, type: 'Socket' } }), /is not a socket file/);
  });

  test('a claim is the path of the volume that it is bound to, to the end of the pod, and what is in it stays', async () => {
    const [here, set] = [join(podsDir, 'host', 'claimed'), join(podsDir, 'host', 'set-aside')];
    const bound = (name: string) => claim(name, { spec: { volumeName: `pv-${name}` }, status: { phase: 'Bound' } });
    const source = (name: string, spec: object) => volume(`pv-${name}`, { spec: { claimRef: refTo(name), ...spec } });
    storage = [
      ...[bound('a'), source('a', { hostPath: { path: here, type: 'DirectoryOrCreate' } })],
      ...[bound('b'), source('b', { hostPath: undefined, local: { path: set } })],
    ];
    const { pod, path } = await mounting({ persistentVolumeClaim: { claimName: 'a' } });
    assert.equal(path, here);
    await writeFile(join(path, 'kept'), 'x');
    await manager.refresh(pod);
    const [ofA, ...others] = storage;
    storage = [{ ...ofA!, metadata: { ...ofA!.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, ...others];
    await manager.mount(pod);
    await manager.remove(pod.metadata.uid);
    assert.deepEqual(await readdir(here), ['kept']);
    await assert.rejects(manager.mount(pod), { message: /persistentvolumeclaim "a" is being deleted$/ });
    const local = { persistentVolumeClaim: { claimName: 'b' } };
    await assert.rejects(mounting(local), { message: new RegExp(`: path "${set}" does not exist$`) });
    await mkdir(set);
    assert.equal((await mounting(local)).path, set);
  });

  const unbound: readonly (readonly [title: string, objects: readonly AnyObject[], why: string])[] = [
    ['is not there', [], 'persistentvolumeclaims "a" not found'],
    ['waits', [claim('a')], 'error processing PVC default/a: PVC is not bound'],
    [
      'is going',
      [claim('a', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
      'error processing PVC default/a: persistentvolumeclaim "a" is being deleted',
    ],
    [
      'names the volume of another one',
      [
        claim('a', { spec: { volumeName: 'pv' }, status: { phase: 'Bound' } }),
        volume('pv', { spec: { claimRef: refTo('b') } }),
      ],
      'error processing PVC default/a: PV pv is not bound to it',
    ],
    [
      'is bound to what cannot be mounted',
      [
        claim('a', { spec: { volumeName: 'pv' }, status: { phase: 'Bound' } }),
        volume('pv', { spec: { claimRef: refTo('a'), hostPath: undefined, nfs: { server: 's', path: '/' } } as never }),
      ],
      'volume "pv" is of kind nfs, which this node cannot mount',
    ],
  ];
  for (const [title, objects, why] of unbound) {
    test(`says why there is no volume for a claim that ${title}`, async () => {
      storage = objects;
      const message = `MountVolume.SetUp failed for volume "v" : ${why}`;
      await assert.rejects(mounting({ persistentVolumeClaim: { claimName: 'a' } }), { name: 'VolumeError', message });
    });
  }

  test('unmount takes the volumes, remove all that is the pod’s', async () => {
    objects.secrets['s'] = { data: { k: base64('v') } };
    const { pod, path } = await mounting({ secret: { secretName: 's' } });
    const { uid } = pod.metadata;
    await writeFile(join(podsDir, uid, 'last-words'), 'x');
    await manager.unmount(uid);
    assert.deepEqual([mounted.has(path), await readdir(join(podsDir, uid))], [false, ['last-words']]);
    assert.ok((await manager.uids()).includes(uid));
    await manager.remove(uid);
    await manager.remove(uid);
    assert.equal((await manager.uids()).includes(uid), false);
  });

  test('images are let go of with the pod, as far as they were mounted here', async () => {
    const { pod, path } = await mounting({ image: { reference: 'busybox' } });
    await mkdir(path, { recursive: true });
    await manager.unmount(pod.metadata.uid);
    await manager.unmount(pod.metadata.uid);
    assert.deepEqual(released, [`${pod.metadata.uid} v`]);
  });

  test('pathOf rejects a name that the pod does not have', () => {
    assert.throws(() => manager.pathOf(podWith({ emptyDir: {} }), 'x'), { name: 'VolumeError' });
  });
});
