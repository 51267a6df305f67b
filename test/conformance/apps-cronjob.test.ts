// What the conformance suite asks of CronJobs. Upstream: test/e2e/apps/cronjob.go. What its jobs do, a node that the test
// plays does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CronJob } from '../../src/api/batch/cron-job.ts';
import { Job } from '../../src/api/batch/job.ts';
import { isJobFinished } from '../../src/api/batch/job-conditions.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { formatTime } from '../../src/api/time.ts';
import { cronJob, type JobCluster, jobCluster, NAMESPACE, runs } from '../support/job-cluster.ts';

const TICK = { namespace: NAMESPACE, name: 'tick' };
const FIVE_MINUTES_MS = 300_000;

const jobsOf = async ({ admin }: JobCluster) => (await admin.list(Job, { namespace: NAMESPACE })).items;
const activeOf = async ({ admin }: JobCluster) => (await admin.get(CronJob, TICK)).status.active ?? [];

async function untilActive(cluster: JobCluster, count: number): Promise<void> {
  await cluster.until(
    `${count} active jobs`,
    async () => {
      await cluster.tend(runs);
      return (await activeOf(cluster)).length >= count;
    },
    FIVE_MINUTES_MS,
  );
}

async function remove({ admin }: JobCluster): Promise<void> {
  await admin.delete(CronJob, TICK, { propagationPolicy: 'Background' });
}

test('[sig-apps] CronJob should schedule multiple jobs concurrently', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(CronJob, cronJob());
  await untilActive(cluster, 2);
  const running = (await jobsOf(cluster)).filter(({ status }) => !isJobFinished(status));
  assert.ok(running.length >= 2);
  await remove(cluster);
  await cluster.until('the end of the jobs', async () => {
    await cluster.tend(runs);
    return (await jobsOf(cluster)).length === 0;
  });
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] CronJob should not schedule jobs when suspended', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(CronJob, cronJob({ suspend: true }));
  await cluster.pass(FIVE_MINUTES_MS);
  assert.deepEqual(await activeOf(cluster), []);
  assert.deepEqual(await jobsOf(cluster), []);
  await remove(cluster);
});

test('[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(CronJob, cronJob({ concurrencyPolicy: 'Forbid' }));
  await untilActive(cluster, 1);
  const [first] = await jobsOf(cluster);
  await cluster.pass(FIVE_MINUTES_MS);
  assert.equal((await activeOf(cluster)).length, 1);
  const jobs = await jobsOf(cluster);
  assert.deepEqual(
    jobs.map(({ metadata }) => metadata.uid),
    [first?.metadata.uid],
  );
  const reason = 'Not starting job because prior execution is running and concurrency policy is Forbid';
  await cluster.said('CronJob', `JobAlreadyActive: ${reason}`);
  await remove(cluster);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] CronJob should replace jobs when ReplaceConcurrent', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(CronJob, cronJob({ concurrencyPolicy: 'Replace' }));
  await untilActive(cluster, 1);
  assert.equal((await activeOf(cluster)).length, 1);
  const [first, ...more] = await jobsOf(cluster);
  assert.ok(first && more.length === 0);
  await cluster.until(
    'another job',
    async () => {
      await cluster.tend(runs);
      const alive = (await jobsOf(cluster)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      assert.ok(alive.length <= 1);
      return alive.length === 1 && alive[0]?.metadata.name !== first.metadata.name;
    },
    FIVE_MINUTES_MS,
  );
  assert.equal((await activeOf(cluster)).length, 1);
  await remove(cluster);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] CronJob should support CronJob API operations', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { admin, clock } = cluster;
  const labels = { 'special-label': 'here' };
  const labelSelector = 'special-label=here';
  const labelled = (name: string) => {
    const limits = { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 };
    const input = cronJob({ schedule: '* */1 * * ?', ...limits }, name);
    return { ...input, metadata: { ...input.metadata, labels } };
  };
  const created = await admin.create(CronJob, labelled('tick'));
  assert.equal((await admin.get(CronJob, TICK)).metadata.uid, created.metadata.uid);
  const listed = await admin.list(CronJob, { namespace: NAMESPACE, labelSelector });
  assert.equal(listed.items.length, 1);
  assert.equal((await admin.list(CronJob, { labelSelector })).items.length, 1);

  const body = { metadata: { annotations: { patched: 'true' } } };
  const patched = await admin.patch(CronJob, TICK, { type: 'merge', body });
  assert.equal(patched.metadata.annotations?.['patched'], 'true');
  const updated = await admin.update(CronJob, {
    ...patched,
    metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: 'true' } },
  });
  assert.equal(updated.metadata.annotations?.['updated'], 'true');
  const { resourceVersion } = listed.metadata;
  const stop = new AbortController();
  const events: string[] = [];
  for await (const batch of admin.watch(CronJob, { labelSelector, resourceVersion, signal: stop.signal })) {
    events.push(...batch.map(({ type, object }) => `${type} ${object.metadata.annotations?.['patched']}`));
    break;
  }
  assert.equal(events[0], 'MODIFIED true');

  const first = formatTime(clock.now());
  const withStatus = await admin.patch(
    CronJob,
    TICK,
    {
      type: 'merge',
      body: { metadata: { annotations: { patchedstatus: 'true' } }, status: { lastScheduleTime: first } },
    },
    { subresource: 'status' },
  );
  assert.equal(withStatus.status.lastScheduleTime, first);
  assert.equal(withStatus.metadata.annotations?.['patchedstatus'], 'true');
  await cluster.pass(1_000);
  const second = formatTime(clock.now());
  const current = await admin.get(CronJob, TICK);
  const again = { ...current, status: { ...current.status, lastScheduleTime: second } };
  assert.equal((await admin.updateStatus(CronJob, again)).status.lastScheduleTime, second);
  const path = `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/tick/status`;
  assert.equal(((await admin.request('GET', path)) as CronJob).metadata.uid, created.metadata.uid);

  await admin.create(CronJob, labelled('for-removal'));
  const forRemoval = { namespace: NAMESPACE, name: 'for-removal' };
  await admin.delete(CronJob, forRemoval);
  await assert.rejects(admin.get(CronJob, forRemoval), (error) => isStatusError(error, 'NotFound'));
  await admin.deleteCollection(CronJob, { namespace: NAMESPACE, labelSelector });
  assert.deepEqual((await admin.list(CronJob, { namespace: NAMESPACE, labelSelector })).items, []);
});
