// What the specification's rows about self-healing say of the control plane: pods of a node that is lost come up on
// others. All controllers and the scheduler, with a clock that is turned. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { Service } from '../../../src/api/core/service.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { EndpointSlice } from '../../../src/api/discovery/endpoint-slice.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { isPodReady } from '../../../src/controllers/pod-state.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';
import { live } from '../../support/living-nodes.ts';
import { startScheduler } from '../../support/scheduling-cluster.ts';
import { web } from '../../support/web-workload.ts';

const NODES = ['a', 'b', 'c'];
const NAMESPACE = 'default';
/** Until a node counts as lost: 40 s without a lease, and a look every 5 s. */
const GRACE_MS = 55_000;
/** For as long pods stay on a node that is lost, unless they say otherwise. */
const EVICTION_MS = 300_000;

/** Three nodes and a scheduler, with a deployment of so many pods, which run, behind a service. */
async function open(replicas: number) {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await controlledCluster());
  const { admin, clock, until, tendPods } = cluster;
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110' };
  for (const name of NODES) {
    await cluster.addNode(name);
    const body = { status: { allocatable, capacity: allocatable } };
    await admin.patch(Node, { name }, { type: 'strategic', body }, { subresource: 'status' });
  }
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  stack.use(startScheduler(admin, clock, silentLogger));
  await admin.create(Service, {
    metadata: { namespace: NAMESPACE, name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  const pods = async () => (await admin.list(Pod, { namespace: NAMESPACE, labelSelector: 'app=web' })).items;
  const running = (count: number) =>
    until(`${count} pods`, async () => {
      await tendPods();
      return (await pods()).filter(isPodReady).length === count;
    });
  /** The nodes of the pods that the service leads to. */
  const served = async () => {
    const { items } = await admin.list(EndpointSlice, {
      namespace: NAMESPACE,
      labelSelector: 'kubernetes.io/service-name=web',
    });
    const ready = items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready);
    return ready.map(({ nodeName }) => nodeName).sort();
  };
  await admin.create(Deployment, {
    ...JSON.parse(web('Deployment', { spec: { replicas } })),
    metadata: { namespace: NAMESPACE, name: 'web' },
  });
  await running(replicas);
  const owned = stack.move();
  return {
    cluster,
    pods,
    served,
    running,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const isLeaving = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined;

test('SH-002 SH-004 SH-009 replicas on several nodes outlast one of them, and its pod comes up on another', async () => {
  await using set = await open(3);
  const { cluster, pods, served, running } = set;
  await live(cluster, NODES, 10_000);
  assert.deepEqual(await served(), NODES);
  const rest = ['b', 'c'];
  await live(cluster, rest, GRACE_MS);
  assert.deepEqual(await served(), rest);
  assert.ok(!(await pods()).some(isLeaving));
  await live(cluster, rest, EVICTION_MS + 10_000);
  const [lost, ...others] = (await pods()).filter(isLeaving);
  assert.deepEqual([lost?.spec.nodeName, others], ['a', []]);
  await running(3);
  const nodes = (await pods()).map(({ spec }) => spec.nodeName);
  assert.ok(nodes.length === 3 && !nodes.includes('a'), nodes.join());
  await cluster.until('the service', async () => (await served()).length === 3);
});

test('SH-010 one replica is enough to move', async () => {
  await using set = await open(1);
  const { cluster, pods, running } = set;
  const [before] = await pods();
  const rest = NODES.filter((name) => name !== before?.spec.nodeName);
  await live(cluster, NODES, 10_000);
  await live(cluster, rest, GRACE_MS + EVICTION_MS + 10_000);
  await running(1);
  const [after] = (await pods()).filter((pod) => !isLeaving(pod));
  assert.ok(rest.includes(after?.spec.nodeName ?? ''), after?.spec.nodeName);
});
