// What the specification's rows about namespaces, quotas and limits say, done with the real kubectl and its manifests, on
// a simulated node. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { type ServedCluster, servedCluster } from '../../support/served-cluster.ts';
import { until } from '../../support/until.ts';

const MANIFESTS = join(import.meta.dirname, '../../e2e/manifests');

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 1 });
});
after(() => cluster[Symbol.asyncDispose]());

const kubectl: ServedCluster['kubectl'] = (...args) => cluster.kubectl(...args);
type Space = Awaited<ReturnType<ServedCluster['inNamespace']>>;

interface Amounts {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

function pod(name: string, resources: Amounts = {}): string {
  const containers = [{ name: 'c', image: 'nginx:alpine', resources }];
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers } });
}

/** The same for requests and limits. */
const exactly = (cpu: string, memory: string): Amounts => ({ requests: { cpu, memory }, limits: { cpu, memory } });

function claim(name: string, storage: string): string {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };
  return JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec });
}

const limitRange = (...limits: readonly object[]) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits' }, spec: { limits } });

const create = (space: Space, stdin: string) => space.kubectl('create -f -', { stdin });
/** Why it was refused, without the words that all refusals have. */
async function refusal(space: Space, stdin: string): Promise<string> {
  const text = await space.refused('create -f -', { stdin });
  const [, said] = /^Error from server \(Forbidden\): error when creating "STDIN": (.*)\n$/.exec(text) ?? [];
  return said ?? text;
}
const resourcesOf = async (space: Space, name: string) =>
  JSON.parse(await space.kubectl(`get pod ${name} -o jsonpath={.spec.containers[0].resources}`));

describe('namespaces', () => {
  test('QT-001 QT-003 namespaces keep apart what has the same name, and one is the default', async () => {
    const [a, b] = [await cluster.inNamespace('a'), await cluster.inNamespace('b')];
    await create(a, pod('same'));
    await create(b, pod('same'));
    await create(a, pod('other'));
    assert.equal(await a.kubectl('get pods -o name'), 'pod/other\npod/same\n');
    assert.equal(await b.kubectl('get pods -o name'), 'pod/same\n');
    await kubectl('create -f -', { stdin: pod('nowhere') });
    assert.equal(await kubectl('get pod nowhere -o jsonpath={.metadata.namespace}'), 'default');
  });

  test('QT-002 QT-005 a cluster begins with four namespaces that are active', async () => {
    const rows = (await kubectl('get ns --no-headers')).split('\n').map((row) => row.split(/ +/).slice(0, 2).join(' '));
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
      assert.ok(rows.includes(`${name} Active`), name);
    }
  });

  test('QT-008 QT-009 what a user may is bound to a namespace', async () => {
    const [mine, other] = [await cluster.inNamespace('mine'), await cluster.inNamespace('not-mine')];
    await mine.kubectl('create rolebinding editors --clusterrole=edit --user=jane');
    assert.equal(await mine.kubectl('create configmap c --as jane'), 'configmap/c created\n');
    assert.match(
      await other.refused('create configmap c --as jane'),
      /configmaps is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "not-mine"\n$/,
    );
  });
});

describe('quotas', () => {
  let dev: Space;
  before(async () => {
    dev = await cluster.inNamespace('dev-ns');
    await kubectl(`apply -f ${join(MANIFESTS, '19-dev-qt.yaml')}`);
    await until(async () => /^requests\.storage +0 +100Gi$/m.test(await dev.kubectl('describe quota dev-qt')));
  });

  test('QT-004 QT-010 OB-075 a quota is of the namespace that it names', async () => {
    assert.match(await kubectl('get quota -A --no-headers'), /^dev-ns +dev-qt +[^\n]*\n$/);
    const described = await dev.kubectl('describe quota dev-qt');
    for (const [name, used, hard] of [
      ['configmaps', '1', '100'],
      ['count/cronjobs.batch', '0', '1'],
      ['count/deployments.apps', '0', '1'],
      ['count/jobs.batch', '0', '1'],
      ['limits.cpu', '0', '10'],
      ['limits.memory', '0', '20Gi'],
      ['persistentvolumeclaims', '0', '100'],
      ['pods', '0', '100'],
      ['requests.cpu', '0', '10'],
      ['requests.memory', '0', '10Gi'],
      ['requests.storage', '0', '100Gi'],
      ['secrets', '0', '100'],
      ['services', '0', '10'],
    ]) {
      assert.match(described, new RegExp(`^${name} +${used} +${hard}$`, 'm'));
    }
    await create(await cluster.inNamespace('free'), pod('p'));
  });

  test('QT-011 QT-012 the sum of what pods ask for is limited', async () => {
    await create(dev, pod('large', exactly('8', '1Gi')));
    assert.equal(
      await refusal(dev, pod('more', exactly('3', '1Gi'))),
      'pods "more" is forbidden: exceeded quota: dev-qt, requested: limits.cpu=3,requests.cpu=3, used: limits.cpu=8,requests.cpu=8, limited: limits.cpu=10,requests.cpu=10',
    );
    await dev.kubectl('delete pod large');
    await until(async () => /^pods +0 +100$/m.test(await dev.kubectl('describe quota dev-qt')));
    await create(dev, pod('more', exactly('3', '1Gi')));
    await dev.kubectl('delete pod more');
  });

  test('QT-013 so is what claims ask for', async () => {
    await create(dev, claim('small', '1Gi'));
    assert.equal(
      await refusal(dev, claim('large', '100Gi')),
      'persistentvolumeclaims "large" is forbidden: exceeded quota: dev-qt, requested: requests.storage=100Gi, used: requests.storage=1Gi, limited: requests.storage=100Gi',
    );
    await dev.kubectl('delete pvc small');
  });

  test('QT-014 so are the numbers of ConfigMaps and Services', async () => {
    // One is there in every namespace.
    for (let n = 2; n <= 100; n++) {
      await cluster.admin.create(ConfigMap, { metadata: { namespace: 'dev-ns', name: `c${n}` } });
    }
    assert.match(
      await dev.refused('create configmap c101'),
      /configmaps "c101" is forbidden: exceeded quota: dev-qt, requested: configmaps=1, used: configmaps=100, limited: configmaps=100\n$/,
    );
    const services = Array.from({ length: 11 }, (_, n) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `s${n + 1}` },
      spec: { ports: [{ port: 80 }] },
    }));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: services });
    assert.match(
      await dev.refused('create -f -', { stdin: list }),
      /^Error from server \(Forbidden\): error when creating "STDIN": services "s11" is forbidden: exceeded quota: dev-qt, requested: services=1, used: services=10, limited: services=10\n$/,
    );
  });

  test('QT-015 so are the numbers of any kind', async () => {
    const commands = [
      ['deployments.apps', 'create deployment NAME --image=i --replicas=0'],
      ['jobs.batch', 'create job NAME --image=i'],
      ['cronjobs.batch', 'create cronjob NAME --image=i --schedule=@yearly'],
    ] as const;
    for (const [resource, command] of commands) {
      await dev.kubectl(command.replace('NAME', 'first'));
      const counted = `count/${resource}`;
      assert.match(
        await dev.refused(command.replace('NAME', 'second')),
        new RegExp(
          `${resource} "second" is forbidden: exceeded quota: dev-qt, requested: ${counted}=1, used: ${counted}=1, limited: ${counted}=1\\n$`,
        ),
      );
      await dev.kubectl(`delete ${resource} first`);
    }
  });

  test('QT-016 under a quota of amounts pods have to name theirs', async () => {
    assert.equal(
      await refusal(dev, pod('silent')),
      'pods "silent" is forbidden: failed quota: dev-qt: must specify limits.cpu for: c; limits.memory for: c; requests.cpu for: c; requests.memory for: c',
    );
  });

  test('QT-017 QT-021 QT-025 OB-076 limits of the namespace give them what they leave open, and the quota counts it', async () => {
    await kubectl(`apply -f ${join(MANIFESTS, '20-dev-limits.yaml')}`);
    await create(dev, pod('silent'));
    assert.deepEqual(await resourcesOf(dev, 'silent'), {
      limits: { cpu: '500m', memory: '100Mi' },
      requests: { cpu: '200m', memory: '50Mi' },
    });
    await until(async () => {
      const described = await dev.kubectl('describe quota dev-qt');
      return /^limits\.cpu +500m +10$/m.test(described) && /^requests\.memory +50Mi +10Gi$/m.test(described);
    });
    const described = await dev.kubectl('describe limitrange dev-limits');
    assert.match(described, /^Type +Resource +Min +Max +Default Request +Default Limit +Max Limit\/Request Ratio$/m);
    assert.match(described, /^Container +cpu +- +- +200m +500m +-$/m);
    assert.match(described, /^Container +memory +- +- +50Mi +100Mi +-$/m);
    assert.match(described, /^Pod +cpu +- +800m +- +- +-$/m);
    assert.equal(
      await refusal(dev, pod('large', exactly('900m', '100Mi'))),
      'pods "large" is forbidden: maximum cpu usage per Pod is 800m, but limit is 900m',
    );
  });
});

describe('limits', () => {
  test('QT-018 QT-020 QT-023 QT-024 OB-076 a container is as large as its namespace lets it be', async () => {
    const [limited, other] = [await cluster.inNamespace('limited'), await cluster.inNamespace('unlimited')];
    await limited.kubectl(`apply -f ${join(MANIFESTS, '22-example-limit-range.yaml')}`);
    assert.equal(
      await refusal(limited, pod('p', exactly('5', '200Mi'))),
      'pods "p" is forbidden: maximum cpu usage per Container is 4, but limit is 5',
    );
    assert.equal(
      await refusal(limited, pod('p', exactly('200m', '200Mi'))),
      'pods "p" is forbidden: minimum cpu usage per Container is 250m, but request is 200m',
    );
    await create(limited, pod('p', exactly('4', '200Mi')));
    await create(other, pod('p', exactly('5', '200Mi')));
    const resize = JSON.stringify({ spec: { containers: [{ name: 'c', resources: exactly('5', '200Mi') }] } });
    assert.match(
      await limited.refused(['patch', 'pod', 'p', '--subresource=resize', '-p', resize]),
      /^Error from server \(Forbidden\): pods "p" is forbidden: maximum cpu usage per Container is 4, but limit is 5\n$/,
    );
  });

  test('QT-019 QT-022 limits of pods, containers and claims, and of the ratio', async () => {
    const space = await cluster.inNamespace('typed');
    await create(
      space,
      limitRange(
        { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
        { type: 'Pod', max: { memory: '1Gi' } },
        { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
      ),
    );
    assert.equal(
      await refusal(space, pod('p', { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '4', memory: '1Gi' } })),
      'pods "p" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000',
    );
    assert.equal(
      await refusal(space, pod('p', exactly('1', '2Gi'))),
      'pods "p" is forbidden: maximum memory usage per Pod is 1Gi, but limit is 2Gi',
    );
    assert.equal(
      await refusal(space, claim('c', '3Gi')),
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    );
    assert.equal(
      await refusal(space, claim('c', '1Mi')),
      'persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
    );
    await create(space, claim('c', '1Gi'));
  });

  test('QT-026 they may change, which counts for what comes after', async () => {
    const space = await cluster.inNamespace('lowered');
    await create(space, limitRange({ type: 'Container', max: { cpu: '2' } }));
    await create(space, pod('before', exactly('2', '1Gi')));
    await space.kubectl('wait --for=condition=Ready pod/before --timeout=20s');
    await space.kubectl('edit limitrange limits', { env: { EDITOR: 'sed -i s/cpu:.*/cpu:\\ 1/' } });
    assert.match(await refusal(space, pod('after', exactly('2', '1Gi'))), /maximum cpu usage per Container is 1, /);
    assert.match(await space.kubectl('get pod before --no-headers'), /^before +1\/1 +Running +0 /);
    await create(space, pod('after', exactly('1', '1Gi')));
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});
