// What the conformance suite asks of Endpoints and EndpointSlices, without a network. Upstream:
// test/e2e/network/endpointslice.go, endpointslicemirroring.go and others beside them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endpoints } from '../../src/api/core/endpoints.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Service } from '../../src/api/core/service.ts';
import { EndpointSlice } from '../../src/api/discovery/endpoint-slice.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { refOf } from '../../src/client/client.ts';
import { hasGone, NAMESPACE, NODES, record, workloadCluster } from '../support/workload-cluster.ts';

type ServiceSpec = NonNullable<InputOf<typeof Service>['spec']>;

async function open() {
  const cluster = await workloadCluster();
  const { admin } = cluster;
  const addService = (name: string, spec: ServiceSpec) => {
    const metadata = { namespace: NAMESPACE, name };
    return admin.create(Service, { metadata, spec: { clusterIP: '10.96.0.7', ipFamilies: ['IPv4'], ...spec } });
  };
  const slicesOf = async (name: string, namespace = NAMESPACE) =>
    (await admin.list(EndpointSlice, { namespace, labelSelector: `kubernetes.io/service-name=${name}` })).items;
  const endpointsOf = (name: string) => admin.get(Endpoints, { namespace: NAMESPACE, name });
  const exists = async (name: string) => !(await hasGone(admin, Endpoints, { namespace: NAMESPACE, name }));
  return { ...cluster, cluster, addService, slicesOf, endpointsOf, exists };
}

const example = { name: 'example', port: 80, protocol: 'TCP' } as const;

/** A service whose selector matches nothing has Endpoints and a slice, both empty, and they go with it. */
async function checkEmptyService(): Promise<void> {
  const { cluster, admin, until, addService, slicesOf, endpointsOf, exists } = await open();
  await using _ = cluster;
  const name = 'example-empty-selector';
  await addService(name, { selector: { 'does-not-match-anything': 'still-created' }, ports: [example] });
  await until('the endpoints', () => exists(name));
  assert.deepEqual((await endpointsOf(name)).subsets ?? [], []);
  await until('the slice', async () => (await slicesOf(name)).length === 1);
  const [slice] = await slicesOf(name);
  const managedBy = slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by'];
  assert.deepEqual([managedBy, slice?.endpoints?.length], ['endpointslice-controller.k8s.io', 0]);
  await admin.delete(Service, { namespace: NAMESPACE, name });
  await until('the end of the endpoints', async () => !(await exists(name)));
  await until('the end of the slices', async () => (await slicesOf(name)).length === 0);
  assert.deepEqual(cluster.complaints, []);
}

const EMPTY = 'for a Service with a selector that matches no pods';
test(`[sig-network] EndpointSlice should create and delete EndpointSlices ${EMPTY}`, checkEmptyService);
test(`[sig-network] EndpointsController should create and delete Endpoints ${EMPTY}`, checkEmptyService);

type Opened = Awaited<ReturnType<typeof open>>;

/** `[subsets, slices]` of the service, of which each address must be that of one of the pods. */
async function checkBackends(
  { admin, slicesOf, endpointsOf }: Opened,
  service: Service,
  names: readonly string[],
  [subsetCount, sliceCount]: readonly [number, number],
): Promise<void> {
  const { name } = service.metadata;
  const pods = await Promise.all(names.map((one) => admin.get(Pod, { namespace: NAMESPACE, name: one })));
  const wanted = pods.map(({ metadata, status, spec }) => [metadata.uid, status.podIP, spec.nodeName]).sort();
  const { subsets = [], metadata } = await endpointsOf(name);
  assert.equal(subsets.length, subsetCount);
  const listed = subsets.flatMap(({ addresses = [] }) => addresses);
  assert.deepEqual(listed.map(({ targetRef, ip, nodeName }) => [targetRef?.uid, ip, nodeName]).sort(), wanted);
  const slices = await slicesOf(name);
  assert.equal(slices.length, sliceCount);
  for (const slice of slices) {
    assert.equal(slice.metadata.ownerReferences?.[0]?.uid, service.metadata.uid);
    assert.equal(slice.addressType, 'IPv4');
    if (names.length > 0) assert.equal(slice.ports?.[0]?.name, service.spec.ports?.[0]?.name);
  }
  const inSlices = slices.flatMap(({ endpoints }) => endpoints ?? []);
  assert.deepEqual(
    inSlices.map(({ targetRef, addresses, nodeName }) => [targetRef?.uid, addresses[0], nodeName]).sort(),
    wanted,
  );
  assert.ok(
    inSlices.every(({ conditions }) => conditions.ready === true),
    'published whatever they are',
  );
  assert.equal(metadata.name, name);
}

async function checkMatchingPods(): Promise<void> {
  const opened = await open();
  const { cluster, admin, until, tendPods, addService, slicesOf, endpointsOf } = opened;
  await using _ = cluster;
  const addPod = (
    name: string,
    node: string,
    ports: readonly { readonly name: string; readonly containerPort: number }[],
  ) =>
    admin.create(Pod, {
      metadata: { namespace: NAMESPACE, name, labels: { [name]: 'on', shared12: 'on' } },
      spec: { nodeName: node, containers: [{ name: 'container1', image: 'nginx', ports }] },
    });
  await addPod('pod1', NODES[0], [{ name: 'example-name', containerPort: 3000 }]);
  await addPod('pod2', NODES[1], [
    { name: 'example-name', containerPort: 3001 },
    { name: 'other-port', containerPort: 3002 },
  ]);
  const published = { publishNotReadyAddresses: true };
  const one = await addService('example-int-port', {
    ...published,
    selector: { pod1: 'on' },
    ports: [{ ...example, targetPort: 3000 }],
  });
  const two = await addService('example-named-port', {
    ...published,
    selector: { shared12: 'on' },
    ports: [{ ...example, name: 'http', targetPort: 'example-name' }],
  });
  const none = await addService('example-no-match', {
    ...published,
    selector: { pod3: 'on' },
    ports: [{ ...example, name: 'example-no-match', targetPort: 8080 }],
  });
  // They have addresses, and are not ready.
  await tendPods({ ready: () => false });
  const count = async (name: string) => (await slicesOf(name)).flatMap(({ endpoints }) => endpoints ?? []).length;
  const isListed = async (name: string, pods: number) => {
    const { items } = await admin.list(Endpoints, { namespace: NAMESPACE });
    const { subsets = [] } = items.find(({ metadata }) => metadata.name === name) ?? {};
    return (await count(name)) === pods && subsets.flatMap(({ addresses = [] }) => addresses).length === pods;
  };
  await until('the backends', async () => (await isListed('example-int-port', 1)) && isListed('example-named-port', 2));
  await checkBackends(opened, one, ['pod1'], [1, 1]);
  await checkBackends(opened, two, ['pod1', 'pod2'], [2, 2]);
  await checkBackends(opened, none, [], [0, 1]);
  const ports = (await endpointsOf('example-named-port')).subsets?.map((subset) => subset.ports?.[0]?.port);
  assert.deepEqual(ports?.sort(), [3000, 3001]);
  for (const slice of await slicesOf('example-named-port')) await admin.delete(EndpointSlice, refOf(slice));
  await admin.delete(Endpoints, { namespace: NAMESPACE, name: 'example-named-port' });
  await until('both made anew', () => isListed('example-named-port', 2));
  await checkBackends(opened, two, ['pod1', 'pod2'], [2, 2]);
}

test(
  '[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service',
  checkMatchingPods,
);
test('[sig-network] EndpointsController should create Endpoints for Pods matching a Service', checkMatchingPods);

test('[sig-network] EndpointSlice should support creating EndpointSlice API operations', async () => {
  const { cluster, admin, until } = await open();
  await using _ = cluster;
  const groups = (await admin.request('GET', '/apis')) as { readonly groups: readonly { readonly name: string }[] };
  assert.ok(groups.groups.some(({ name }) => name === 'discovery.k8s.io'));
  const group = (await admin.request('GET', '/apis/discovery.k8s.io')) as { readonly versions: readonly object[] };
  assert.ok(group.versions.some((version) => 'version' in version && version.version === 'v1'));
  const { resources } = (await admin.request('GET', '/apis/discovery.k8s.io/v1')) as {
    readonly resources: readonly { readonly name: string }[];
  };
  assert.ok(resources.some(({ name }) => name === 'endpointslices'));

  const labels = { 'special-label': 'endpointslice-5112' };
  const labelSelector = 'special-label=endpointslice-5112';
  const template = {
    metadata: { namespace: NAMESPACE, generateName: 'e2e-example-ing', labels },
    addressType: 'IPv4',
    ports: [],
    endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }, { addresses: ['2.2.3.4', '6.6.7.8'] }],
  } as const;
  for (let i = 0; i < 2; i++) await admin.create(EndpointSlice, template);
  const created = await admin.create(EndpointSlice, template);
  assert.equal((await admin.get(EndpointSlice, refOf(created))).metadata.uid, created.metadata.uid);
  const list = await admin.list(EndpointSlice, { namespace: NAMESPACE, labelSelector });
  assert.equal(list.items.length, 3);
  assert.equal((await admin.list(EndpointSlice, { labelSelector })).items.length, 3);
  const { resourceVersion } = list.metadata;
  await using watched = record(admin, EndpointSlice, { labelSelector, resourceVersion });
  const isNoted = ({ metadata }: EndpointSlice, key: string) => metadata.annotations?.[key] === 'true';

  const annotations = { patched: 'true' };
  const patched = await admin.patch(EndpointSlice, refOf(created), {
    type: 'merge',
    body: { metadata: { annotations } },
  });
  assert.ok(isNoted(patched, 'patched'));
  const metadata = { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: 'true' } };
  assert.ok(isNoted(await admin.update(EndpointSlice, { ...patched, metadata }), 'updated'));
  await until('the update', async () =>
    watched.events.some(({ type, object }) => type === 'MODIFIED' && isNoted(object, 'updated')),
  );
  await admin.delete(EndpointSlice, refOf(created));
  assert.ok(await hasGone(admin, EndpointSlice, refOf(created)));
  assert.equal((await admin.list(EndpointSlice, { namespace: NAMESPACE, labelSelector })).items.length, 2);
  await admin.deleteCollection(EndpointSlice, { namespace: NAMESPACE, labelSelector });
  assert.equal((await admin.list(EndpointSlice, { namespace: NAMESPACE, labelSelector })).items.length, 0);
  await until('the deletions', async () => watched.events.filter(({ type }) => type === 'DELETED').length === 3);
});

test('[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete', async () => {
  const { cluster, admin, until, addService, slicesOf } = await open();
  await using _ = cluster;
  const name = 'example-custom-endpoints';
  await addService(name, { ports: [example] });
  const custom = (ip: string) => ({
    metadata: { namespace: NAMESPACE, name },
    subsets: [{ ports: [{ port: 80 }], addresses: [{ ip }] }],
  });
  const shows = async (address: string) => {
    const slices = await slicesOf(name);
    const [slice] = slices;
    return (
      slices.length === 1 &&
      slice?.ports?.length === 1 &&
      slice.ports[0]?.port === 80 &&
      slice.endpoints?.length === 1 &&
      slice.endpoints[0]?.addresses.join() === address
    );
  };
  await admin.create(Endpoints, custom('10.1.2.3'));
  await until('the mirror', () => shows('10.1.2.3'));
  const [first] = await slicesOf(name);
  await admin.update(Endpoints, custom('10.2.3.4'));
  await until('the change', () => shows('10.2.3.4'));
  assert.equal((await slicesOf(name))[0]?.metadata.name, first?.metadata.name, 'the same slice');
  await admin.delete(Endpoints, { namespace: NAMESPACE, name });
  await until('the end', async () => (await slicesOf(name)).length === 0);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-network] Endpoints should test the lifecycle of an Endpoint', async () => {
  const { cluster, admin, until, pass } = await open();
  await using _ = cluster;
  const labels = { 'test-endpoint-static': 'true' };
  const labelSelector = 'test-endpoint-static=true';
  const ref = { namespace: NAMESPACE, name: 'testservice' };
  const { metadata: list } = await admin.list(Endpoints, { labelSelector });
  const { resourceVersion } = list;
  await using watched = record(admin, Endpoints, { namespace: NAMESPACE, labelSelector, resourceVersion });
  const subsets = [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }] as const;
  await admin.create(Endpoints, { metadata: { ...ref, labels }, subsets });
  await until('the creation', async () => watched.events.at(-1)?.type === 'ADDED');
  assert.equal((await admin.list(Endpoints, { labelSelector })).items.length, 1);
  const read = await admin.get(Endpoints, ref);
  const updated = { ...labels, 'test-service': 'updated' };
  await admin.update(Endpoints, { ...read, metadata: { ...read.metadata, labels: updated } });
  await until('the update', async () => watched.events.at(-1)?.object.metadata.labels?.['test-service'] === 'updated');
  const body = {
    metadata: { labels: { 'test-service': 'patched' } },
    subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080, protocol: 'TCP' }] }],
  };
  await admin.patch(Endpoints, ref, { type: 'strategic', body });
  await until('the patch', async () => watched.events.at(-1)?.object.metadata.labels?.['test-service'] === 'patched');
  const [subset] = (await admin.get(Endpoints, ref)).subsets ?? [];
  const [port] = subset?.ports ?? [];
  assert.deepEqual([subset?.addresses?.[0]?.ip, port?.name, port?.port], ['10.0.0.25', 'http-test', 8080]);
  await pass(60_000);
  assert.equal(await hasGone(admin, Endpoints, ref), false, 'what has no service is not ours to delete');
  await admin.deleteCollection(Endpoints, { namespace: NAMESPACE, labelSelector });
  await until('the end', async () => watched.events.at(-1)?.type === 'DELETED');
  assert.ok(await hasGone(admin, Endpoints, ref));
});

test('[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server', async () => {
  const { cluster, admin, until, endpointsOf, slicesOf } = await open();
  await using _ = cluster;
  const name = 'kubernetes';
  await until('the slice', async () => (await slicesOf(name)).length > 0);
  assert.equal((await admin.get(Service, { namespace: 'default', name })).spec.ports?.[0]?.port, 443);
  const { subsets = [] } = await endpointsOf(name);
  assert.equal(subsets.length, 1);
  const [slice] = await slicesOf(name);
  assert.deepEqual(
    slice?.endpoints?.flatMap(({ addresses }) => addresses),
    subsets[0]?.addresses?.map(({ ip }) => ip),
  );
  assert.equal(slice?.ports?.[0]?.port, subsets[0]?.ports?.[0]?.port);
});
