import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endpoints } from '../../../src/api/core/endpoints.ts';
import { Event } from '../../../src/api/core/event.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { Service } from '../../../src/api/core/service.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { EndpointSlice } from '../../../src/api/discovery/endpoint-slice.ts';
import type { InputOf } from '../../../src/api/kind.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const NAMESPACE = 'default';
const REF = { namespace: NAMESPACE, name: 'web' };

async function open() {
  const cluster = await controlledCluster();
  const { admin, until, addNode } = cluster;
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const slices = async (name = 'web') => {
    const labelSelector = `kubernetes.io/service-name=${name}`;
    return (await admin.list(EndpointSlice, { namespace: NAMESPACE, labelSelector })).items;
  };
  const endpoints = async () => (await slices()).flatMap((slice) => slice.endpoints ?? []);
  const addPod = (name: string, ports: NonNullable<InputOf<typeof Pod>['spec']>['containers'][number]['ports'] = []) =>
    admin.create(Pod, {
      metadata: { namespace: NAMESPACE, name, labels: { app: 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'i', ports }] },
    });
  return { ...cluster, cluster, slices, endpoints, addPod };
}

function service(spec: InputOf<typeof Service>['spec'] = {}): InputOf<typeof Service> {
  const ports = [{ name: 'http', port: 80, targetPort: 'web' }];
  return {
    metadata: { ...REF, labels: { team: 'a' } },
    spec: { clusterIP: '10.96.0.50', selector: { app: 'web' }, ports, ...spec },
  };
}

test('a service gets endpoints and slices of its pods, with their ports by name', async () => {
  const { cluster, admin, until, tendPods, slices, addPod } = await open();
  await using _ = cluster;
  await admin.create(Service, service());
  await until('the empty slice', async () => (await slices()).length === 1);
  await addPod('a', [{ name: 'web', containerPort: 8080 }]);
  await addPod('b', [{ name: 'web', containerPort: 9090 }]);
  await addPod('c');
  await tendPods({ ready: ({ metadata }) => metadata.name !== 'b' });
  await until('the endpoints', async () => (await slices()).flatMap((slice) => slice.endpoints ?? []).length === 3);

  const shown = (await slices()).map(({ ports, endpoints }) => ({
    port: ports?.[0]?.port,
    pods: endpoints?.map(({ targetRef, conditions, nodeName }) => [targetRef?.name, conditions.ready, nodeName]),
  }));
  shown.sort((a, b) => (a.port ?? 0) - (b.port ?? 0));
  assert.deepEqual(shown, [
    { port: undefined, pods: [['c', true, 'node-1']] },
    { port: 8080, pods: [['a', true, 'node-1']] },
    { port: 9090, pods: [['b', false, 'node-1']] },
  ]);
  const [slice] = await slices();
  assert.deepEqual(slice?.metadata.labels, {
    team: 'a',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  const { subsets = [], metadata } = await admin.get(Endpoints, REF);
  assert.deepEqual(
    subsets.map(({ addresses, notReadyAddresses, ports }) => [
      addresses?.map(({ targetRef }) => targetRef?.name),
      notReadyAddresses?.map(({ targetRef }) => targetRef?.name),
      ports,
    ]),
    [
      [['a'], undefined, [{ name: 'http', port: 8080, protocol: 'TCP' }]],
      [undefined, ['b'], [{ name: 'http', port: 9090, protocol: 'TCP' }]],
    ],
  );
  assert.equal(metadata.labels?.['endpoints.kubernetes.io/managed-by'], 'endpoint-controller');
  assert.deepEqual(cluster.complaints, []);
});

test('a pod that is being deleted stays in the slices as terminating until it has gone', async () => {
  const { cluster, admin, until, tendPods, endpoints, addPod } = await open();
  await using _ = cluster;
  await admin.create(Service, service({ ports: [{ port: 80 }] }));
  await addPod('a');
  await tendPods();
  await until('readiness', async () => (await endpoints())[0]?.conditions.ready === true);
  await admin.delete(Pod, { namespace: NAMESPACE, name: 'a' });
  await until('termination', async () => (await endpoints())[0]?.conditions.terminating === true);
  assert.deepEqual((await endpoints())[0]?.conditions, { ready: false, serving: true, terminating: true });
  assert.deepEqual((await admin.get(Endpoints, REF)).subsets ?? [], []);
  await tendPods();
  await until('the end', async () => (await endpoints()).length === 0);
});

test('a headless service names its pods, and publishes those not ready if it is told to', async () => {
  const { cluster, admin, until, tendPods, slices } = await open();
  await using _ = cluster;
  await admin.create(
    Service,
    service({ clusterIP: 'None', ipFamilies: ['IPv4'], publishNotReadyAddresses: true, ports: [] }),
  );
  await admin.create(Pod, {
    metadata: { namespace: NAMESPACE, name: 'a', labels: { app: 'web' } },
    spec: { nodeName: 'node-1', hostname: 'first', subdomain: 'web', containers: [{ name: 'c', image: 'i' }] },
  });
  await tendPods({ ready: () => false });
  await until('the endpoint', async () => (await slices())[0]?.endpoints?.length === 1);
  const [slice] = await slices();
  const [endpoint] = slice?.endpoints ?? [];
  assert.deepEqual(
    [endpoint?.hostname, endpoint?.conditions.ready, endpoint?.conditions.serving],
    ['first', true, false],
  );
  assert.equal(slice?.metadata.labels?.['service.kubernetes.io/headless'], '');
});

test('slices hold 100 endpoints each and change no more than they must', async () => {
  const { cluster, admin, until, tendPods, slices, endpoints, addPod, pass } = await open();
  await using _ = cluster;
  await admin.create(Service, service({ ports: [{ port: 80 }] }));
  await Promise.all(Array.from({ length: 230 }, (_unused, i) => addPod(`pod-${i}`)));
  await tendPods();
  await until('the endpoints', async () => (await endpoints()).length === 230);
  const before = new Map((await slices()).map(({ metadata, endpoints }) => [metadata.name, { metadata, endpoints }]));
  assert.ok([...before.values()].every((slice) => (slice.endpoints?.length ?? 0) <= 100));
  await admin.delete(Pod, { namespace: NAMESPACE, name: 'pod-0' }, { gracePeriodSeconds: 0 });
  await until('the change', async () => (await endpoints()).length === 229);
  const changed = (await slices()).filter(
    ({ metadata }) => before.get(metadata.name)?.metadata.resourceVersion !== metadata.resourceVersion,
  );
  assert.equal(changed.length, 1);
  await pass(5_000);
  assert.deepEqual(cluster.complaints, []);
});

test('slices name zones for the traffic as the service asks, and when they were last written for a change', async () => {
  const { cluster, admin, until, tendPods, endpoints, slices, addPod, addNode, pass } = await open();
  await using _ = cluster;
  const zone = (name: string) => ({ metadata: { labels: { 'topology.kubernetes.io/zone': name } } });
  await admin.patch(Node, { name: 'node-1' }, { type: 'merge', body: zone('east') });
  const { metadata: created } = await admin.create(Service, service({ ports: [{ port: 80 }] }));
  await until('the empty slice', async () => (await slices()).length === 1);
  const TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
  const writtenFor = async () => (await slices())[0]?.metadata.annotations?.[TIME];
  assert.equal(await writtenFor(), created.creationTimestamp);
  await pass(3_000);
  await addPod('a');
  const metadata = { namespace: NAMESPACE, name: 'lost', labels: { app: 'web' } };
  await admin.create(Pod, { metadata, spec: { nodeName: 'node-22', containers: [{ name: 'c', image: 'i' }] } });
  await tendPods();
  await until('the endpoint', async () => (await endpoints()).length === 1);
  const ready = (await admin.get(Pod, { namespace: NAMESPACE, name: 'a' })).status.conditions?.[0];
  assert.equal(await writtenFor(), ready?.lastTransitionTime);
  assert.equal((await admin.get(Endpoints, REF)).metadata.annotations?.[TIME], ready?.lastTransitionTime);
  await addNode('node-22');
  await until('the node', async () => (await endpoints()).length === 2);

  const hints = async () => (await endpoints()).map((one) => one.hints?.forZones?.[0]?.name ?? '').sort();
  await admin.patch(Service, REF, { type: 'merge', body: { spec: { trafficDistribution: 'PreferSameZone' } } });
  await until('the hint', async () => (await hints()).join() === ',east');
  await admin.patch(Node, { name: 'node-22' }, { type: 'merge', body: zone('west') });
  await until('the other zone', async () => (await hints()).join() === 'east,west');
  await admin.patch(Service, REF, { type: 'merge', body: { spec: { trafficDistribution: null } } });
  await until('no hints', async () => (await hints()).join() === ',');

  const auto = { metadata: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } };
  await admin.patch(Service, REF, { type: 'merge', body: auto });
  await pass(1_000);
  assert.equal((await hints()).join(), ',', 'nothing is known of the CPU of the nodes');
  for (const name of ['node-1', 'node-22']) {
    const body = { status: { allocatable: { cpu: '2' } } };
    await admin.patch(Node, { name }, { type: 'strategic', body }, { subresource: 'status' });
  }
  await until('the proportion', async () => (await hints()).join() === 'east,west');
  const said = async () => {
    const { items } = await admin.list(Event, { namespace: NAMESPACE });
    return items.filter(({ reason }) => reason?.startsWith('TopologyAware')).map(({ message }) => message);
  };
  await until('the events', async () => (await said()).length === 2);
  assert.deepEqual((await said()).sort(), [
    'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4',
    'Topology Aware Hints has been enabled, addressType: IPv4',
  ]);
  assert.deepEqual(cluster.complaints, []);
});

test('endpoints kept by hand are mirrored into slices', async () => {
  const { cluster, admin, until, slices } = await open();
  await using _ = cluster;
  const { selector: _selector, ...spec } = service().spec ?? {};
  await admin.create(Service, { ...service(), spec: { ...spec, ports: [{ port: 80 }] } });
  const address = { ip: '192.0.2.7' };
  const subsets = [{ addresses: [address], notReadyAddresses: [{ ip: '192.0.2.8' }], ports: [{ port: 8080 }] }];
  await admin.create(Endpoints, { metadata: REF, subsets });
  const mirrored = async () =>
    (await slices())
      .flatMap(({ endpoints }) => endpoints ?? [])
      .map(({ addresses, conditions }) => [addresses[0], conditions.ready]);
  await until('the mirror', async () => (await mirrored()).length === 2);
  assert.deepEqual(await mirrored(), [
    ['192.0.2.7', true],
    ['192.0.2.8', false],
  ]);
  await admin.update(Endpoints, { metadata: REF, subsets: [{ addresses: [address], ports: [{ port: 9090 }] }] });
  await until(
    'the change',
    async () => (await slices())[0]?.ports?.[0]?.port === 9090 && (await slices()).length === 1,
  );
  const copied = { metadata: { annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } };
  await admin.patch(Endpoints, REF, { type: 'merge', body: copied });
  await until('the annotation', async () => (await slices())[0]?.metadata.annotations?.['note'] === 'x');
  assert.deepEqual((await slices())[0]?.metadata.annotations, { note: 'x' });
  const addresses = Array.from({ length: 1003 }, (_unused, i) => ({ ip: `192.0.${2 + (i >> 8)}.${i & 255}` }));
  await admin.update(Endpoints, { metadata: REF, subsets: [{ addresses, ports: [{ port: 9090 }] }] });
  await until('the most that is mirrored', async () => (await mirrored()).length === 1000);
  await until('the warning', async () => {
    const { items } = await admin.list(Event, { namespace: NAMESPACE });
    return items.some(
      ({ reason, message }) => reason === 'TooManyAddressesToMirror' && message?.includes('3 addresses'),
    );
  });
  await admin.patch(Service, REF, { type: 'merge', body: { spec: { selector: { app: 'web' } } } });
  await until('the end of the mirror', async () => (await mirrored()).length === 0);
});

test('what belongs to a service goes with it', async () => {
  const { cluster, admin, until, slices, addPod, tendPods, endpoints } = await open();
  await using _ = cluster;
  await admin.create(Service, service({ ports: [{ port: 80 }] }));
  await addPod('a');
  await tendPods();
  await until('the endpoints', async () => (await endpoints()).length === 1);
  await admin.delete(Service, REF);
  await until('the slices to go', async () => (await slices()).length === 0);
  const gone = (error: unknown) => isStatusError(error, 'NotFound');
  await until('the endpoints to go', async () => admin.get(Endpoints, REF).then(() => false, gone));
});
