// The scheduler against the real API server in this process. The clock stands still unless a test turns it: whatever
// happens without that happens by events alone.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { notFound } from '../../src/api/status-error.ts';
import { FakeClock } from '../../src/base/clock.ts';
import { createLogger, type LogRecord } from '../../src/base/log.ts';
import { MetricsRegistry } from '../../src/base/metrics.ts';
import type { Client } from '../../src/client/client.ts';
import type { PluginRegistry, Status } from '../../src/scheduler/framework.ts';
import { schedulerMetrics } from '../../src/scheduler/scheduler-metrics.ts';
import type { WaitingPods } from '../../src/scheduler/waiting-pods.ts';
import { schedulingCluster } from '../support/scheduling-cluster.ts';
import { until } from '../support/until.ts';

type PodInput = InputOf<typeof Pod>;
type Spec = Partial<PodInput['spec']>;

async function addNode(client: Client, name: string, shape: { cpu?: string; pods?: string; spec?: object } = {}) {
  const allocatable = { cpu: shape.cpu ?? '4', memory: '8Gi', pods: shape.pods ?? '110' };
  const metadata = { name, labels: { 'kubernetes.io/hostname': name } };
  await client.create(Node, { metadata, spec: shape.spec ?? {}, status: { allocatable, capacity: allocatable } });
}

function podInput(name: string, cpu?: string, spec: Spec = {}): PodInput {
  const resources = cpu === undefined ? {} : { requests: { cpu } };
  return {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'busybox', resources }], ...spec },
  } as PodInput;
}

const read = (client: Client, name: string) => client.get(Pod, { name, namespace: 'default' });
const nodeOf = async (client: Client, name: string) => (await read(client, name)).spec.nodeName;
const isOn = (client: Client, name: string, node: string) => async () => (await nodeOf(client, name)) === node;
const conditionOf = async (client: Client, name: string) =>
  (await read(client, name)).status.conditions?.find(({ type }) => type === 'PodScheduled');
const isTurnedDown = (client: Client, name: string) => async () =>
  (await conditionOf(client, name))?.reason === 'Unschedulable';

describe('scheduler', () => {
  test('binds a pod and says so', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a');
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('web'));
    await until(isOn(client, 'web', 'a'));
    assert.equal((await conditionOf(client, 'web'))?.status, 'True');
    await until(async () => (await cluster.events()).length > 0);
    const [event] = await cluster.events();
    assert.equal(event?.reason, 'Scheduled');
    assert.equal(event?.message, 'Successfully assigned default/web to a');
    assert.equal(event?.source.component, 'default-scheduler');
    assert.equal(event?.involvedObject.name, 'web');
  });

  test('counts what it does', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    await addNode(client, 'a', { cpu: '1' });
    const registry = new MetricsRegistry();
    await using _ = cluster.startScheduler({ observer: schedulerMetrics(registry) });
    await client.create(Pod, podInput('web'));
    await until(isOn(client, 'web', 'a'));
    await client.create(Pod, podInput('large', '2'));
    await until(isTurnedDown(client, 'large'));
    const text = registry.text();
    const attempts = (result: string) =>
      `scheduler_schedule_attempts_total{profile="default-scheduler",result="${result}"} 1`;
    assert.ok(text.includes(attempts('scheduled')));
    assert.ok(text.includes(attempts('unschedulable')));
    assert.ok(text.includes('scheduler_pod_scheduling_sli_duration_seconds_count{attempts="1"} 1'));
  });

  test('leaves pods of other schedulers and pods that name their node alone', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a');
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('foreign', undefined, { schedulerName: 'other' }));
    await client.create(Pod, podInput('named', undefined, { nodeName: 'b' }));
    await client.create(Pod, podInput('own'));
    await until(isOn(client, 'own', 'a'));
    assert.equal(await nodeOf(client, 'foreign'), undefined);
    assert.equal(await nodeOf(client, 'named'), 'b');
    assert.equal((await cluster.events()).filter(({ involvedObject }) => involvedObject.name !== 'own').length, 0);
  });

  test('a gated pod waits until its gates are taken off', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a');
    await using running = cluster.startScheduler();
    await client.create(Pod, podInput('gated', undefined, { schedulingGates: [{ name: 'example.com/wait' }] }));
    await until(() => running.scheduler.queueSizes.gated === 1);
    assert.equal((await conditionOf(client, 'gated'))?.reason, 'SchedulingGated');
    await client.patch(
      Pod,
      { name: 'gated', namespace: 'default' },
      { type: 'merge', body: { spec: { schedulingGates: null } } },
    );
    await until(isOn(client, 'gated', 'a'));
  });

  test('tells why a pod fits nowhere, and places it when a taint goes', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'tainted', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } });
    await addNode(client, 'small-1', { cpu: '1' });
    await addNode(client, 'small-2', { cpu: '1' });
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('web', '2'));
    await until(isTurnedDown(client, 'web'));
    const message =
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ' +
      'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
    const condition = await conditionOf(client, 'web');
    assert.equal(condition?.status, 'False');
    assert.equal(condition?.message, message);
    await until(async () => (await cluster.events()).some(({ reason }) => reason === 'FailedScheduling'));
    const event = (await cluster.events()).find(({ reason }) => reason === 'FailedScheduling');
    assert.equal(event?.message, message);
    assert.equal(event?.type, 'Warning');
    await client.patch(Node, { name: 'tainted' }, { type: 'merge', body: { spec: { taints: null } } });
    await until(isOn(client, 'web', 'tainted'));
  });

  test('a pod that was too large is placed when a node that holds it is added, and not when another is', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'small', { cpu: '1' });
    let attempts = 0;
    await using _ = cluster.startScheduler({ observer: { attempted: () => void attempts++ } });
    await client.create(Pod, podInput('web', '2'));
    await until(isTurnedDown(client, 'web'));
    await addNode(client, 'also-small', { cpu: '1' });
    await client.create(Pod, podInput('other'));
    await until(async () => (await nodeOf(client, 'other')) !== undefined);
    assert.equal(attempts, 2, 'one for each pod');
    await addNode(client, 'large', { cpu: '4' });
    await until(isOn(client, 'web', 'large'));
  });

  test('a pod is placed as soon as the first node joins', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('web'));
    await until(isTurnedDown(client, 'web'));
    assert.equal((await conditionOf(client, 'web'))?.message, 'no nodes available to schedule pods');
    await addNode(client, 'a');
    await until(isOn(client, 'web', 'a'));
  });

  test('room that a deleted pod leaves is used', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a', { cpu: '1' });
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('first', '1'));
    await until(isOn(client, 'first', 'a'));
    await client.create(Pod, podInput('second', '1'));
    await until(isTurnedDown(client, 'second'));
    await client.delete(Pod, { name: 'first', namespace: 'default' }, { gracePeriodSeconds: 0 });
    await until(isOn(client, 'second', 'a'));
  });

  test('room that a finished pod leaves is used', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a', { cpu: '1' });
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('first', '1', { restartPolicy: 'Never' }));
    await until(isOn(client, 'first', 'a'));
    await client.create(Pod, podInput('second', '1'));
    await until(isTurnedDown(client, 'second'));
    const body = { status: { phase: 'Succeeded' } };
    await client.patch(
      Pod,
      { name: 'first', namespace: 'default' },
      { type: 'merge', body },
      { subresource: 'status' },
    );
    await until(isOn(client, 'second', 'a'));
  });

  test('500 pods on 50 nodes come out even', async () => {
    await using cluster = await schedulingCluster();
    const { client } = cluster;
    for (let i = 0; i < 50; i++) await addNode(client, `node-${i}`, { cpu: '1' });
    await using _ = cluster.startScheduler();
    await createMany(client, 500, '50m');
    const counts = await podsByNode(client, 500);
    assert.deepEqual([...new Set(counts.values())], [10]);
  });

  test('a scheduler that ends midway leaves the next one nothing lost and nothing booked twice', async () => {
    await using cluster = await schedulingCluster();
    const { client } = cluster;
    // Just enough room: one pod counted twice, or on two nodes, and another would have none.
    for (let i = 0; i < 30; i++) await addNode(client, `node-${i}`, { cpu: '1' });
    const creating = createMany(client, 300, '100m');
    for (const stopAfter of [50, 60, 70]) {
      const reached = Promise.withResolvers<void>();
      let bound = 0;
      const onBound = () => void (++bound === stopAfter && reached.resolve());
      await using _ = cluster.startScheduler({ observer: { bound: onBound } });
      await reached.promise;
    }
    await creating;
    await using _ = cluster.startScheduler();
    const counts = await podsByNode(client, 300);
    assert.deepEqual([...new Set(counts.values())], [10]);
    assert.equal(counts.size, 30);
  });

  test('two schedulers at once bind every pod once', async () => {
    await using cluster = await schedulingCluster();
    const { client } = cluster;
    for (let i = 0; i < 10; i++) await addNode(client, `node-${i}`);
    await using _first = cluster.startScheduler();
    await using _second = cluster.startScheduler();
    await createMany(client, 200, '10m');
    await podsByNode(client, 200);
    const scheduled = async () => (await cluster.events()).filter(({ reason }) => reason === 'Scheduled');
    await until(async () => (await scheduled()).length >= 200);
    assert.equal((await scheduled()).length, 200);
  });

  test('a more important pod takes the place of a less important one', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a', { cpu: '1' });
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('low', '1', { priority: 1, terminationGracePeriodSeconds: 30 }));
    await until(isOn(client, 'low', 'a'));
    await client.create(Pod, podInput('high', '1', { priority: 1000 }));
    await until(async () => (await read(client, 'high')).status.nominatedNodeName === 'a');
    await until(async () => (await read(client, 'low')).metadata.deletionTimestamp !== undefined);
    const condition = (await read(client, 'low')).status.conditions?.find(({ type }) => type === 'DisruptionTarget');
    assert.equal(condition?.reason, 'PreemptionByScheduler');
    assert.equal(condition?.message, 'default-scheduler: preempting to accommodate a higher priority pod');
    // The place is kept: a pod of lower priority that would fit when the first has gone must not take it.
    await client.create(Pod, podInput('middle', '1', { priority: 500 }));
    await until(isTurnedDown(client, 'middle'));
    await client.delete(Pod, { name: 'low', namespace: 'default' }, { gracePeriodSeconds: 0 });
    await until(isOn(client, 'high', 'a'));
    assert.equal((await read(client, 'high')).status.nominatedNodeName, undefined);
    assert.equal(await nodeOf(client, 'middle'), undefined);
    await until(async () => (await cluster.events()).some(({ reason }) => reason === 'Preempted'));
    const preempted = (await cluster.events()).find(({ reason }) => reason === 'Preempted');
    const { uid } = (await read(client, 'high')).metadata;
    assert.equal(preempted?.message, `Preempted by pod ${uid} on node a`);
    assert.equal(preempted?.involvedObject.name, 'low');
  });

  test('a pod that must not preempt does not', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a', { cpu: '1' });
    await using _ = cluster.startScheduler();
    await client.create(Pod, podInput('low', '1', { priority: 1 }));
    await until(isOn(client, 'low', 'a'));
    await client.create(Pod, podInput('high', '1', { priority: 1000, preemptionPolicy: 'Never' }));
    await until(isTurnedDown(client, 'high'));
    assert.equal(
      (await conditionOf(client, 'high'))?.message,
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    );
  });

  test('namespaces that are selected by their labels count for affinity', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await client.create(Namespace, { metadata: { name: 'team', labels: { team: 'x' } } });
    for (const name of ['a', 'b']) await addNode(client, name);
    await using _ = cluster.startScheduler();
    const term = {
      labelSelector: { matchLabels: { app: 'db' } },
      namespaceSelector: { matchLabels: { team: 'x' } },
      topologyKey: 'kubernetes.io/hostname',
    };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    await client.create(Pod, podInput('web', undefined, { affinity }));
    await until(isTurnedDown(client, 'web'));
    const db = podInput('db', undefined, { nodeName: 'b' });
    await client.create(Pod, { ...db, metadata: { name: 'db', namespace: 'team', labels: { app: 'db' } } });
    await until(isOn(client, 'web', 'b'));
  });
});

describe('binding cycle', () => {
  const NAME = 'Probe';
  const profile = (...points: readonly string[]) => ({
    profiles: [{ plugins: Object.fromEntries(points.map((point) => [point, { enabled: [{ name: NAME }] }])) }],
  });
  const rejection: Status = { code: 'Unschedulable', reasons: ['not here'], plugin: NAME };

  test('a pod waits for permission and is bound when it comes', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a');
    let waiting: WaitingPods | undefined;
    const plugins: PluginRegistry = {
      [NAME]: (handle) => {
        waiting = handle.waitingPods;
        return { name: NAME, permit: () => ({ code: 'Wait', reasons: [], plugin: NAME, timeoutMs: 60_000 }) };
      },
    };
    await using _ = cluster.startScheduler({ plugins, configuration: profile('permit') });
    const { metadata } = await client.create(Pod, podInput('web'));
    await until(() => waiting?.get(metadata.uid) !== undefined);
    assert.equal(await nodeOf(client, 'web'), undefined);
    waiting?.get(metadata.uid)?.allow(NAME);
    await until(isOn(client, 'web', 'a'));
  });

  test('a pod whose permission never comes gives back its place', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    await addNode(client, 'a', { cpu: '1' });
    const unreserved: string[] = [];
    let waits = 0;
    const plugins: PluginRegistry = {
      [NAME]: () => ({
        name: NAME,
        reserve: () => undefined,
        unreserve: (_state, { pod }) => void unreserved.push(pod.metadata.name),
        permit: (_state, { pod }) => {
          if (pod.metadata.name !== 'first') return undefined;
          waits++;
          return { code: 'Wait', reasons: [], plugin: NAME, timeoutMs: 60_000 };
        },
      }),
    };
    await using _ = cluster.startScheduler({ plugins, configuration: profile('reserve', 'permit') });
    await client.create(Pod, podInput('first', '1'));
    await until(() => waits === 1);
    await client.create(Pod, podInput('second', '1'));
    await until(isTurnedDown(client, 'second'));
    await clock.advance(60_000);
    await until(isOn(client, 'second', 'a'));
    assert.deepEqual(unreserved, ['first']);
    await until(isTurnedDown(client, 'first'));
  });

  test('a waiting pod that is deleted gives back its place at once', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a', { cpu: '1' });
    let waits = 0;
    const plugins: PluginRegistry = {
      [NAME]: () => ({
        name: NAME,
        permit: (_state, { pod }) => {
          if (pod.metadata.name !== 'first') return undefined;
          waits++;
          return { code: 'Wait', reasons: [], plugin: NAME, timeoutMs: 60_000 };
        },
      }),
    };
    await using _ = cluster.startScheduler({ plugins, configuration: profile('permit') });
    await client.create(Pod, podInput('first', '1'));
    await until(() => waits === 1);
    await client.create(Pod, podInput('second', '1'));
    await until(isTurnedDown(client, 'second'));
    await client.delete(Pod, { name: 'first', namespace: 'default' }, { gracePeriodSeconds: 0 });
    await until(isOn(client, 'second', 'a'));
  });

  test('a scheduler that stops does not wait for permission, and blames nobody', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a');
    let waits = 0;
    const permit = () => {
      waits++;
      return { code: 'Wait', reasons: [], plugin: NAME } as const;
    };
    {
      await using _ = cluster.startScheduler({
        plugins: { [NAME]: () => ({ name: NAME, permit }) },
        configuration: profile('permit'),
      });
      await client.create(Pod, podInput('web'));
      await until(() => waits === 1);
    }
    assert.equal(await conditionOf(client, 'web'), undefined);
    await using _ = cluster.startScheduler();
    await until(isOn(client, 'web', 'a'));
    assert.ok((await cluster.events()).every(({ reason }) => reason !== 'FailedScheduling'));
  });

  test('a pod that reserve turns down is tried again on events of that plugin', async () => {
    await using cluster = await schedulingCluster({ clock: new FakeClock() });
    const { client } = cluster;
    await addNode(client, 'a');
    let isOpen = false;
    const plugins: PluginRegistry = {
      [NAME]: () => ({
        name: NAME,
        events: () => [{ resources: ['Node'], actions: ['UpdateNodeLabel'] }],
        reserve: () => (isOpen ? undefined : rejection),
      }),
    };
    await using _ = cluster.startScheduler({ plugins, configuration: profile('reserve') });
    await client.create(Pod, podInput('web'));
    await until(isTurnedDown(client, 'web'));
    assert.equal((await conditionOf(client, 'web'))?.message, '0/1 nodes are available: 1 not here.');
    isOpen = true;
    await client.patch(Node, { name: 'a' }, { type: 'merge', body: { metadata: { labels: { x: 'y' } } } });
    await until(isOn(client, 'web', 'a'));
  });

  test('a binding that fails is tried again after its backoff', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    await addNode(client, 'a');
    let failures = 0;
    const plugins: PluginRegistry = {
      [NAME]: () => ({
        name: NAME,
        preBind: async () => {
          if (failures < 2) throw new Error(`failure ${++failures}`);
          return undefined;
        },
      }),
    };
    await using _ = cluster.startScheduler({ plugins, configuration: profile('preBind') });
    await client.create(Pod, podInput('web'));
    const failedWith = (message: string) => async () => (await conditionOf(client, 'web'))?.message === message;
    await until(failedWith('failure 1'));
    assert.equal((await conditionOf(client, 'web'))?.reason, 'SchedulerError');
    await clock.advance(1000);
    await until(failedWith('failure 2'));
    await clock.advance(1999);
    assert.equal(await nodeOf(client, 'web'), undefined);
    await clock.advance(1);
    await until(isOn(client, 'web', 'a'));
  });

  test('that a pod is deleted while it is being bound is no error', async () => {
    const errors: LogRecord[] = [];
    const log = createLogger((record) => void (record.level === 'error' && errors.push(record)));
    await using cluster = await schedulingCluster({ clock: new FakeClock(), log });
    const { client } = cluster;
    await addNode(client, 'a');
    const plugins: PluginRegistry = {
      [NAME]: () => ({
        name: NAME,
        preBind: async (_state, { pod }) => {
          throw notFound({ group: '', resource: pod.metadata.name === 'gone' ? 'pods' : 'volumes' }, pod.metadata.name);
        },
      }),
    };
    await using _ = cluster.startScheduler({ plugins, configuration: profile('preBind') });
    const failed = (name: string) => async () => (await conditionOf(client, name))?.reason === 'SchedulerError';
    await client.create(Pod, podInput('gone'));
    await until(failed('gone'));
    assert.deepEqual(errors, []);
    await client.create(Pod, podInput('lacking'));
    await until(failed('lacking'));
    assert.deepEqual(
      errors.map(({ fields }) => fields['pod']),
      ['default/lacking'],
    );
  });

  test('a plugin that throws fails the attempt, not the scheduler', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    await addNode(client, 'a');
    let isBroken = true;
    const plugins: PluginRegistry = {
      [NAME]: () => ({
        name: NAME,
        filter: () => {
          if (isBroken) throw new Error('broken');
          return undefined;
        },
      }),
    };
    await using _ = cluster.startScheduler({ plugins, configuration: profile('filter') });
    await client.create(Pod, podInput('web'));
    await until(async () => (await conditionOf(client, 'web'))?.reason === 'SchedulerError');
    assert.equal((await conditionOf(client, 'web'))?.message, 'running Filter plugin "Probe": broken');
    isBroken = false;
    await clock.advance(1000);
    await until(isOn(client, 'web', 'a'));
  });
});

async function createMany(client: Client, count: number, cpu: string): Promise<void> {
  let next = 0;
  const creator = async () => {
    while (next < count) await client.create(Pod, podInput(`pod-${next++}`, cpu));
  };
  await Promise.all(Array.from({ length: 16 }, creator));
}

/** Waits until all are bound; then how many each node has. */
async function podsByNode(client: Client, count: number): Promise<ReadonlyMap<string, number>> {
  const bound = async () => (await client.list(Pod)).items.filter(({ spec }) => spec.nodeName);
  await until(async () => (await bound()).length === count);
  const counts = new Map<string, number>();
  for (const { spec } of await bound()) counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1);
  return counts;
}
