import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Deployment } from '../api/apps/deployment.ts';
import { HorizontalPodAutoscaler } from '../api/autoscaling/horizontal-pod-autoscaler.ts';
import { CronJob } from '../api/batch/cron-job.ts';
import { Job } from '../api/batch/job.ts';
import { hasJobCondition } from '../api/batch/job-conditions.ts';
import { Event } from '../api/core/event.ts';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { timeToMs } from '../api/time.ts';
import { startCluster, type TestCluster } from './testing.ts';

const NAMESPACE = 'default';
const ref = (name: string) => ({ namespace: NAMESPACE, name });

interface JobOptions {
  readonly runSeconds?: number;
  readonly exitCode?: number;
  readonly [field: string]: unknown;
}

function job(name: string, { runSeconds = 5, exitCode = 0, ...spec }: JobOptions) {
  const annotations = {
    'simulated.typernetes.io/run-seconds': String(runSeconds),
    'simulated.typernetes.io/exit-code': String(exitCode),
  };
  const containers = [{ name: 'main', image: 'work' }];
  const template = { metadata: { annotations }, spec: { restartPolicy: 'Never', containers } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { ...spec, template } };
}

function deployment(name: string, replicas: number, { spec = {}, podSpec = {}, annotations = {} } = {}) {
  const labels = { app: name };
  const containers = [{ name: 'main', image: 'web', resources: { requests: { cpu: '100m' } } }];
  const template = { metadata: { labels, annotations }, spec: { containers, ...podSpec } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template, ...spec },
  };
}

/** How many seconds of the cluster's time it takes. */
async function secondsOf({ clock }: TestCluster, work: () => Promise<unknown>): Promise<number> {
  const beganMs = clock.now();
  await work();
  return (clock.now() - beganMs) / 1000;
}

describe('simulated time', () => {
  test('a CronJob runs at every hour and keeps as many jobs as it is to', async () => {
    await using cluster = await startCluster({ startTime: '2026-03-01T00:00:30Z' });
    const { spec } = job('hourly', {});
    await cluster.apply({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'hourly' },
      spec: { schedule: '0 * * * *', jobTemplate: { spec } },
    });
    const seen = new Map<string, string | undefined>();
    for (let hour = 0; hour < 6; hour++) {
      await cluster.advance({ hours: 1 });
      const { items } = await cluster.client.list(Job, { namespace: NAMESPACE });
      for (const { metadata, status } of items) seen.set(metadata.name, status.completionTime);
    }
    const expected = Array.from({ length: 6 }, (_, i) => new Date(Date.UTC(2026, 2, 1, i + 1, 0, 5)).toISOString());
    assert.deepEqual(
      [...seen.values()],
      expected.map((time) => time.replace('.000Z', 'Z')),
    );
    assert.equal((await cluster.client.list(Job, { namespace: NAMESPACE })).items.length, 3);
    assert.equal((await cluster.client.get(CronJob, ref('hourly'))).status.lastScheduleTime, '2026-03-01T06:00:00Z');
    assert.deepEqual(cluster.complaints, []);
  });

  test('a finished Job goes when its TTL is over, and its pods with it', async () => {
    await using cluster = await startCluster();
    await cluster.apply(job('short', { runSeconds: 20, ttlSecondsAfterFinished: 3600 }));
    await cluster.until(Job, ref('short'), ({ status }) => status.succeeded === 1);
    const gone = () => cluster.untilGone(Job, ref('short'), { within: { hours: 2 } });
    assert.equal(await secondsOf(cluster, gone), 3600);
    await cluster.advance({});
    assert.deepEqual((await cluster.client.list(Pod, { namespace: NAMESPACE })).items, []);
  });

  test('a Job whose pods fail tries again with growing delays until its limit', async () => {
    await using cluster = await startCluster();
    await cluster.apply(job('failing', { exitCode: 1, runSeconds: 1, backoffLimit: 4 }));
    const failed = await cluster.until(Job, ref('failing'), ({ status }) => hasJobCondition(status, 'Failed'));
    assert.equal(failed.status.failed, 5);
    const { items } = await cluster.client.list(Pod, { namespace: NAMESPACE });
    const startsMs = items.map(({ metadata }) => timeToMs(metadata.creationTimestamp)).sort((a, b) => a - b);
    const delays = startsMs.slice(1).map((startMs, i) => (startMs - startsMs[i]!) / 1000);
    // One second to fail, then upstream's 10 s, doubled each time.
    assert.deepEqual(delays, [11, 21, 41, 81]);
  });

  test('pods of a node that goes silent are moved when it has been unreachable for five minutes', async () => {
    await using cluster = await startCluster({ nodes: 2 });
    await cluster.apply(deployment('web', 1));
    const [pod] = (await cluster.client.list(Pod, { namespace: NAMESPACE })).items;
    const lost = pod?.spec.nodeName ?? '';
    await cluster.nodes.stop(lost);
    const ready = ({ status }: Node) => status.conditions?.find(({ type }) => type === 'Ready')?.status;
    const unknown = await secondsOf(cluster, () =>
      cluster.until(Node, { name: lost }, (node) => ready(node) === 'Unknown'),
    );
    assert.ok(unknown >= 50 && unknown <= 55, `noticed after ${unknown} s`);
    const available = ({ status }: Deployment) => status.availableReplicas === 1;
    await cluster.until(Deployment, ref('web'), (found) => !available(found));
    const moved = await secondsOf(cluster, () => cluster.until(Deployment, ref('web'), available));
    assert.ok(moved >= 300 && moved <= 305, `moved after ${moved} s`);
    const { items } = await cluster.client.list(Pod, { namespace: NAMESPACE });
    const others = items.filter(({ spec }) => spec.nodeName !== lost);
    assert.deepEqual(
      others.map(({ status }) => status.phase),
      ['Running'],
    );

    await cluster.nodes.start(lost);
    await cluster.until(Node, { name: lost }, (node) => ready(node) === 'True');
    await cluster.untilTrue(async () => (await cluster.client.list(Pod, { namespace: NAMESPACE })).items.length === 1);
  });

  test('an autoscaler scales up within seconds and down when its window of five minutes is over', async () => {
    await using cluster = await startCluster({ nodes: 2 });
    const busy = { 'simulated.typernetes.io/cpu': '100m' };
    await cluster.apply([
      deployment('web', 1, { annotations: busy }),
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          maxReplicas: 2,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
          ],
        },
      },
    ]);
    const scaledTo = (replicas: number) =>
      cluster.until(HorizontalPodAutoscaler, ref('web'), ({ status }) => status.desiredReplicas === replicas);
    await scaledTo(2);
    await cluster.advance({ minutes: 10 });
    for (const { metadata } of (await cluster.client.list(Pod, { namespace: NAMESPACE })).items) {
      const body = { metadata: { annotations: { 'simulated.typernetes.io/cpu': '1m' } } };
      await cluster.client.patch(Pod, metadata, { type: 'merge', body });
    }
    const down = await secondsOf(cluster, () => scaledTo(1));
    assert.ok(down >= 285 && down <= 330, `scaled down after ${down} s`);
  });

  test('a Deployment that does not get on is said to have exceeded its deadline', async () => {
    await using cluster = await startCluster();
    const stuck = { podSpec: { nodeSelector: { disk: 'fast' } }, spec: { progressDeadlineSeconds: 120 } };
    await cluster.apply(deployment('stuck', 1, stuck));
    const reason = ({ status }: Deployment) => status.conditions?.find(({ type }) => type === 'Progressing')?.reason;
    const exceeded = () =>
      cluster.until(Deployment, ref('stuck'), (found) => reason(found) === 'ProgressDeadlineExceeded');
    const seconds = await secondsOf(cluster, exceeded);
    assert.ok(seconds >= 120 && seconds <= 122, `after ${seconds} s`);
  });

  test('events are forgotten an hour after they were last written', async () => {
    await using cluster = await startCluster();
    await cluster.apply(deployment('web', 1));
    const events = async () => (await cluster.client.list(Event, { namespace: NAMESPACE })).items;
    assert.ok((await events()).length > 0);
    await cluster.advance({ minutes: 61 });
    assert.deepEqual(await events(), []);
  });
});
