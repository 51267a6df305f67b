// What the specification's rows about jobs, cron jobs and daemon sets say: with the real kubectl on simulated nodes, or
// with a clock that is turned where time has to pass. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CronJob } from '../../../src/api/batch/cron-job.ts';
import { Job } from '../../../src/api/batch/job.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { isPodTerminal } from '../../../src/controllers/pod-state.ts';
import { cronJob, job, jobCluster, NAMESPACE, REF, succeeds } from '../../support/job-cluster.ts';
import { type ServedCluster, servedCluster } from '../../support/served-cluster.ts';
import { until } from '../../support/until.ts';
import { web, webSpace } from '../../support/web-workload.ts';
import { record } from '../../support/workload-cluster.ts';

const MINUTE_MS = 60_000;

describe('jobs', () => {
  let cluster: ServedCluster;
  before(async () => {
    cluster = await servedCluster({ simulatedNodes: 2 });
  });
  after(() => cluster[Symbol.asyncDispose]());

  /** A manifest; the pods end after so long. */
  const batch = (kind: 'Job' | 'CronJob', name: string, spec: object) =>
    JSON.stringify({ apiVersion: 'batch/v1', kind, metadata: { name, labels: { group: 'example' } }, spec });
  const template = (seconds: number, podSpec: object = {}) => ({
    metadata: { annotations: { 'simulated.typernetes.io/run-seconds': String(seconds) } },
    spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'busybox' }], ...podSpec },
  });

  test('WL-053 WL-054 WL-056 WL-057 WL-058 OB-045 OB-048 OB-049 OB-050 OB-051 four completions, two at a time', async () => {
    const { kubectl } = await cluster.inNamespace('echo');
    await using watched = record(cluster.admin, Pod, { namespace: 'echo' });
    const counts = { activeDeadlineSeconds: 15, backoffLimit: 2, completions: 4, parallelism: 2 };
    await kubectl('apply -f -', { stdin: batch('Job', 'echo-job', { ...counts, template: template(0) }) });
    await kubectl('wait --for=condition=complete job/echo-job --timeout=30s');
    assert.match(await kubectl('get job echo-job --no-headers'), /^echo-job +Complete +4\/4 /);
    const active = new Set<string>();
    let most = 0;
    for (const { object } of watched.events) {
      if (isPodTerminal(object)) active.delete(object.metadata.uid);
      else active.add(object.metadata.uid);
      most = Math.max(most, active.size);
    }
    assert.equal(most, 2);
    assert.match(await kubectl('get pods --no-headers'), /^(echo-job-[a-z0-9]{5} +0\/1 +Completed +0 +\d+s\n){4}$/);
    const described = await kubectl('describe job echo-job');
    const { uid } = (await cluster.admin.get(Job, { namespace: 'echo', name: 'echo-job' })).metadata;
    for (const [label, value] of [
      ['batch.kubernetes.io/controller-uid', uid],
      ['batch.kubernetes.io/job-name', 'echo-job'],
      ['controller-uid', uid],
      ['job-name', 'echo-job'],
    ]) {
      assert.match(described, new RegExp(`^ +(Labels: +)?${label}=${value}$`, 'm'));
      assert.equal((await kubectl(`get pods -l ${label}=${value} -o name`)).split('\n').length, 4 + 1);
    }
    assert.match(described, new RegExp(`^Selector: +batch.kubernetes.io/controller-uid=${uid}$`, 'm'));
    assert.match(described, /^Pods Statuses: +0 Active \(0 Ready\) \/ 4 Succeeded \/ 0 Failed$/m);
    assert.match(described, /^Active Deadline Seconds: +15s$/m);
  });

  test('WL-059 jobs of a template that sed fills in', async () => {
    const { kubectl } = await cluster.inNamespace('items');
    for (const item of ['apple', 'banana', 'cherry']) {
      await kubectl('create -f -', { stdin: batch('Job', `process-item-${item}`, { template: template(0) }) });
    }
    await kubectl('wait --for=condition=complete job -l group=example --timeout=30s');
    assert.match(
      await kubectl('get jobs -l group=example --no-headers'),
      /^process-item-apple +Complete +1\/1 .*\nprocess-item-banana +Complete .*\nprocess-item-cherry +Complete .*\n$/,
    );
  });

  test('WL-061 WL-062 without completions the first success ends the making of pods', async () => {
    const { kubectl } = await cluster.inNamespace('workers');
    await kubectl('apply -f -', { stdin: batch('Job', 'wq', { parallelism: 2, template: template(1) }) });
    await kubectl('wait --for=condition=complete job/wq --timeout=30s');
    const { spec, status } = await cluster.admin.get(Job, { namespace: 'workers', name: 'wq' });
    assert.deepEqual([spec.completions, status.succeeded, status.active ?? 0], [undefined, 2, 0]);
    assert.match(await kubectl('get job wq --no-headers'), /^wq +Complete +2\/1 of 2 /);
    assert.equal((await kubectl('get pods -o name')).split('\n').length, 2 + 1);
  });

  test('WL-063 pods of a job may not be restarted always', async () => {
    const { refused } = await cluster.inNamespace('always');
    const stdin = batch('Job', 'bad', { template: template(0, { restartPolicy: 'Always' }) });
    assert.equal(
      await refused('create -f -', { stdin }),
      'The Job "bad" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"\n',
    );
  });

  test('OB-046 a job that takes too long has failed, and its pods are stopped', async () => {
    const { kubectl } = await cluster.inNamespace('deadline');
    const spec = { activeDeadlineSeconds: 1, parallelism: 2, completions: 2, template: template(3600) };
    await kubectl('apply -f -', { stdin: batch('Job', 'long', spec) });
    await kubectl('wait --for=condition=failed job/long --timeout=30s');
    assert.equal(
      await kubectl('get job long -o jsonpath={.status.conditions[?(@.type=="Failed")].reason}'),
      'DeadlineExceeded',
    );
    await until(async () => (await cluster.admin.list(Pod, { namespace: 'deadline' })).items.every(isPodTerminal));
  });

  test('WL-065 WL-067 OB-053 a schedule that is none is refused, and a cron job is suspended', async () => {
    const { kubectl, refused } = await cluster.inNamespace('cron');
    const cron = (schedule: string) =>
      batch('CronJob', 'echo-cj', { schedule, jobTemplate: { spec: { template: template(0) } } });
    assert.match(
      await refused('create -f -', { stdin: cron('*/* * * * *') }),
      /^The CronJob "echo-cj" is invalid: spec\.schedule: Invalid value: "\*\/\* \* \* \* \*": failed to parse int from \*: strconv\.Atoi: parsing "\*": invalid syntax\n$/,
    );
    await kubectl('apply -f -', { stdin: cron('*/1 * * * *') });
    await kubectl(['patch', 'cronjob', 'echo-cj', '-p', '{"spec":{"suspend":true}}']);
    assert.match(
      await kubectl('get cronjob echo-cj'),
      /^NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +AGE\necho-cj +\*\/1 \* \* \* \* +<none> +True +0 +/,
    );
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});

describe('jobs in time', () => {
  test('WL-057 what a job has left is there hours later', async () => {
    await using cluster = await jobCluster();
    await cluster.admin.create(Job, job());
    await cluster.reaches('its end', succeeds, ({ completionTime }) => completionTime !== undefined);
    await cluster.clock.advance(2 * 60 * MINUTE_MS);
    assert.deepEqual(
      (await cluster.pods()).map(({ status }) => status.phase),
      ['Succeeded', 'Succeeded', 'Succeeded', 'Succeeded'],
    );
    assert.equal((await cluster.get()).metadata.name, REF.name);
  });

  test('WL-064 WL-066 WL-067 WL-068 OB-052 OB-053 a job a minute, three are kept, none while it is suspended', async () => {
    await using cluster = await jobCluster();
    const { admin, clock } = cluster;
    const ref = { namespace: NAMESPACE, name: 'tick' };
    const { uid } = (await admin.create(CronJob, cronJob())).metadata;
    const minutes = async (count: number) => {
      for (let step = 0; step < count * 12; step++) {
        await clock.advance(5_000);
        await cluster.tend(succeeds);
      }
    };
    const jobs = async () => (await admin.list(Job, { namespace: NAMESPACE })).items;
    await minutes(6);
    await admin.patch(CronJob, ref, { type: 'merge', body: { spec: { suspend: true } } });
    await minutes(1);
    const kept = await jobs();
    assert.equal(kept.length, 3);
    for (const { metadata } of kept) {
      const minute = Number(/^tick-(\d+)$/.exec(metadata.name)?.[1]);
      assert.ok(Math.abs(minute - clock.now() / MINUTE_MS) < 5, metadata.name);
      assert.equal(metadata.ownerReferences?.[0]?.uid, uid);
    }
    const { lastScheduleTime } = (await admin.get(CronJob, ref)).status;
    await minutes(3);
    assert.equal((await admin.get(CronJob, ref)).status.lastScheduleTime, lastScheduleTime);
    const uids = (all: readonly Job[]) => all.map(({ metadata }) => metadata.uid);
    assert.deepEqual(uids(await jobs()), uids(kept));
    assert.deepEqual(cluster.complaints, []);
  });
});

describe('daemon sets', () => {
  let cluster: ServedCluster;
  before(async () => {
    cluster = await servedCluster({ simulatedNodes: 2 });
  });
  after(() => cluster[Symbol.asyncDispose]());

  test('WL-049 WL-052 OB-059 one pod on every node, those that come later too, and never a second', async () => {
    const { kubectl, refused, apply, pods, ready } = await webSpace(cluster, 'every');
    assert.match(
      await refused('create -f -', { stdin: web('DaemonSet', { spec: { replicas: 2 } }) }),
      /strict decoding error: unknown field "spec\.replicas"\n$/,
    );
    await apply(web('DaemonSet'));
    await ready(2);
    const nodes = async () => (await pods()).map(({ spec }) => spec.affinity?.nodeAffinity && spec.nodeName).sort();
    assert.deepEqual(await nodes(), ['simulated-1', 'simulated-2']);
    assert.match(await kubectl('get ds web --no-headers'), /^web +2 +2 +2 +2 +2 +<none> /);
    const [first] = await pods();
    await kubectl(`delete pod ${first?.metadata.name}`);
    await ready(2);
    assert.deepEqual(await nodes(), ['simulated-1', 'simulated-2']);
    await kubectl('create -f -', { stdin: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"third"}}' });
    await until(async () => (await pods()).length === 3);
    assert.match(await kubectl('get ds web --no-headers'), /^web +3 +3 +2 +3 +2 +<none> /);
    await kubectl('delete node third');
    await ready(2);
  });

  test('WL-050 only on nodes with a label', async () => {
    const { kubectl, apply, pods, ready } = await webSpace(cluster, 'some');
    await apply(web('DaemonSet', { podSpec: { nodeSelector: { disk: 'ssd' } } }));
    await until(async () => /^web +0 +0 +0 +0 +0 +disk=ssd /.test(await kubectl('get ds web --no-headers')));
    await kubectl('label node simulated-2 disk=ssd');
    await ready(1);
    assert.equal((await pods())[0]?.spec.nodeName, 'simulated-2');
    await kubectl('label node simulated-2 disk-');
    await until(async () => (await pods()).length === 0);
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});
