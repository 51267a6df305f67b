import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CustomResourceDefinition } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import { KINDS } from '../../../src/api/catalog.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Event } from '../../../src/api/core/event.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import type { Kind } from '../../../src/api/kind.ts';
import type { OwnerReference } from '../../../src/api/meta/object-meta.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

async function open(config: Parameters<typeof controlledCluster>[0] = {}) {
  const cluster = await controlledCluster(config);
  const { admin, until } = cluster;
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  const make = async (name: string, owners: readonly OwnerReference[] = [], more = {}, namespace = 'default') => {
    const metadata = { namespace, name, ownerReferences: owners, ...more };
    const made = await admin.create(ConfigMap, { metadata });
    return (extra: Partial<OwnerReference> = {}): OwnerReference => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name,
      uid: made.metadata.uid,
      ...extra,
    });
  };
  const names = async (namespace = 'default') =>
    (await admin.list(ConfigMap, { namespace })).items
      .map(({ metadata }) => metadata.name)
      .filter((name) => name !== 'kube-root-ca.crt')
      .sort();
  const remove = (name: string, propagationPolicy?: 'Orphan' | 'Background' | 'Foreground') =>
    admin.delete(ConfigMap, { namespace: 'default', name }, propagationPolicy ? { propagationPolicy } : {});
  return { ...cluster, cluster, make, names, remove };
}

test('what an object owns goes in its background, however deep', async () => {
  const { cluster, make, names, remove, until } = await open();
  await using _ = cluster;
  const a = await make('a');
  const b = await make('b', [a()]);
  await make('c', [b()]);
  await make('unrelated');
  await remove('a', 'Background');
  await until('the dependents to go', async () => (await names()).join() === 'unrelated');
  assert.deepEqual(cluster.complaints, []);
});

test('an object with another owner left stays, and lets go of the one that is gone', async () => {
  const { cluster, admin, make, names, remove, until, pass } = await open();
  await using _ = cluster;
  const a = await make('a');
  const b = await make('b');
  await make('both', [a(), b()]);
  await remove('a');
  const owners = async () =>
    (await admin.get(ConfigMap, { namespace: 'default', name: 'both' })).metadata.ownerReferences?.map(
      ({ name }) => name,
    );
  await until('the reference to go', async () => (await owners())?.join() === 'b');
  await pass(5_000);
  assert.deepEqual(await names(), ['b', 'both']);
});

test('a foreground deletion waits for the dependents that block it', async () => {
  const { cluster, admin, make, names, remove, until, pass } = await open();
  await using _ = cluster;
  const a = await make('a');
  await make('blocking', [a({ blockOwnerDeletion: true })], { finalizers: ['example.com/wait'] });
  await make('other', [a()], { finalizers: ['example.com/wait'] });
  await remove('a', 'Foreground');
  await pass(5_000);
  assert.deepEqual(await names(), ['a', 'blocking', 'other']);
  const release = (name: string) =>
    admin.patch(ConfigMap, { namespace: 'default', name }, { type: 'merge', body: { metadata: { finalizers: null } } });
  await release('blocking');
  await until('the owner to go', async () => (await names()).join() === 'other');
  await release('other');
  await until('the rest to go', async () => (await names()).length === 0);
});

test('an orphaning deletion leaves the dependents without the reference', async () => {
  const { cluster, admin, make, names, remove, until, pass } = await open();
  await using _ = cluster;
  const a = await make('a');
  await make('b', [a()]);
  await make('c', [a()]);
  await remove('a', 'Orphan');
  await until('the owner to go', async () => (await names()).join() === 'b,c');
  await pass(5_000);
  for (const { metadata } of (await admin.list(ConfigMap, { namespace: 'default' })).items) {
    assert.deepEqual(metadata.ownerReferences ?? [], []);
  }
});

test('a cycle of owners does not block their deletion', async () => {
  const { cluster, admin, make, names, remove, until } = await open();
  await using _ = cluster;
  const a = await make('a');
  const b = await make('b', [a({ blockOwnerDeletion: true })]);
  const c = await make('c', [b({ blockOwnerDeletion: true })]);
  const body = { metadata: { ownerReferences: [c({ blockOwnerDeletion: true })] } };
  await admin.patch(ConfigMap, { namespace: 'default', name: 'a' }, { type: 'merge', body });
  await remove('a', 'Foreground');
  await until('all to go', async () => (await names()).length === 0, 120_000);
});

test('an object whose owner never was goes, but not one whose owner is of a kind that is not served', async () => {
  const { cluster, make, names, until, pass } = await open();
  await using _ = cluster;
  const ghost = { apiVersion: 'v1', kind: 'Secret', name: 'ghost', uid: '00000000-0000-4000-8000-000000000000' };
  await make('dangling', [ghost]);
  await make('unknown', [
    { ...ghost, apiVersion: 'example.com/v1', kind: 'Widget', uid: '00000000-0000-4000-8000-000000000001' },
  ]);
  await until('the dangling one to go', async () => (await names()).join() === 'unknown');
  await pass(10_000);
  assert.deepEqual(await names(), ['unknown']);
  assert.deepEqual(cluster.complaints, []);
});

test('an owner of the same name but another identity keeps nothing', async () => {
  const { cluster, admin, make, names, until } = await open();
  await using _ = cluster;
  await admin.create(Secret, { metadata: { namespace: 'default', name: 's' } });
  const old = { apiVersion: 'v1', kind: 'Secret', name: 's', uid: '00000000-0000-4000-8000-000000000002' };
  await make('dependent', [old]);
  await until('the dependent to go', async () => (await names()).length === 0);
});

test('an owner in another namespace counts as absent, and whoever refers to it is told', async () => {
  const { cluster, admin, make, names, until } = await open();
  await using _ = cluster;
  await admin.create(Namespace, { metadata: { name: 'far' } });
  await until('the namespace', async () => (await admin.list(ServiceAccount, { namespace: 'far' })).items.length > 0);
  const owner = await make('owner');
  await cluster.pass(500);
  await make('dependent', [owner()], {}, 'far');
  await until('the dependent to go', async () => (await names('far')).length === 0);
  assert.deepEqual(await names(), ['owner']);
  const warning = (await admin.list(Event, { namespace: 'far' })).items.find(
    ({ reason }) => reason === 'OwnerRefInvalidNamespace',
  );
  assert.match(
    warning?.message ?? '',
    /^ownerRef \[v1\/ConfigMap, namespace: far, name: owner, uid: .*\] does not exist in namespace "far"$/,
  );
});

test('a kind that comes later is collected from then on, and objects that waited for it are looked at', async () => {
  const served = new Set(KINDS.filter(({ kind }) => kind !== 'ConfigMap'));
  const { cluster, admin, make, remove, until, pass } = await open({ kinds: () => [...served] });
  await using _ = cluster;
  const owner = await make('owner');
  const names = async () =>
    (await admin.list(Secret, { namespace: 'default' })).items.map(({ metadata }) => metadata.name).join();
  const add = (name: string, reference: OwnerReference) =>
    admin.create(Secret, { metadata: { namespace: 'default', name, ownerReferences: [reference] } });
  await add('owned', owner());
  await add('dangling', owner({ name: 'ghost', uid: '00000000-0000-4000-8000-000000000003' }));
  await pass(30_000);
  assert.equal(await names(), 'dangling,owned');
  served.add(ConfigMap as unknown as Kind);
  // Any definition that changes tells that kinds may have come.
  const schema = { openAPIV3Schema: { type: 'object' } };
  await admin.create(CustomResourceDefinition, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await until('the dangling one to go', async () => (await names()) === 'owned', 5_000);
  await remove('owner');
  await until('the owned one to go', async () => (await names()) === '', 5_000);
  assert.deepEqual(cluster.complaints, []);
});
