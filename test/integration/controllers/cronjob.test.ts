import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CronJob } from '../../../src/api/batch/cron-job.ts';
import { Job } from '../../../src/api/batch/job.ts';
import { isJobFinished } from '../../../src/api/batch/job-conditions.ts';
import { timeToMs } from '../../../src/api/time.ts';
import { refOf } from '../../../src/client/client.ts';
import {
  type Behaviour,
  cronJob,
  fails,
  type JobCluster,
  jobCluster,
  NAMESPACE,
  podTemplate,
  runs,
  succeeds,
} from '../../support/job-cluster.ts';

const TICK = { namespace: NAMESPACE, name: 'tick' };
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const MINUTES_MS = 60_000;

const jobsOf = async ({ admin }: JobCluster) => (await admin.list(Job, { namespace: NAMESPACE })).items;
const tick = ({ admin }: JobCluster) => admin.get(CronJob, TICK);

async function untilJobs(
  cluster: JobCluster,
  what: string,
  behave: Behaviour,
  predicate: (jobs: readonly Job[]) => boolean,
): Promise<void> {
  await cluster.until(
    what,
    async () => {
      await cluster.tend(behave);
      return predicate(await jobsOf(cluster));
    },
    10 * MINUTES_MS,
  );
}

test('a CronJob makes jobs of its template, named after their time', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const metadata = { labels: { part: 'tick' }, annotations: { note: 'kept' } };
  const jobTemplate = { metadata, spec: { completions: 1, template: podTemplate() } };
  const created = await cluster.admin.create(CronJob, cronJob({ timeZone: 'Asia/Kolkata', jobTemplate }));
  await untilJobs(cluster, 'a job', runs, (jobs) => jobs.length > 0);
  const [job] = await jobsOf(cluster);
  assert.ok(job);
  await cluster.until('the status', async () => ((await tick(cluster)).status.active ?? []).length === 1);
  const { status } = await tick(cluster);
  const scheduledMs = timeToMs(status.lastScheduleTime ?? '');
  assert.equal(scheduledMs % MINUTES_MS, 0);
  assert.ok(timeToMs(job.metadata.creationTimestamp) - scheduledMs < 1_000);
  assert.equal(job.metadata.name, `tick-${scheduledMs / MINUTES_MS}`);
  assert.equal(job.metadata.labels?.['part'], 'tick');
  assert.equal(job.metadata.annotations?.['note'], 'kept');
  const scheduledAt = job.metadata.annotations?.[SCHEDULED_AT] ?? '';
  assert.match(scheduledAt, /\+05:30$/);
  assert.equal(timeToMs(scheduledAt), scheduledMs);
  const { uid } = created.metadata;
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: 'tick',
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  assert.deepEqual(job.metadata.ownerReferences, [owner]);
  const [active] = status.active ?? [];
  assert.deepEqual(
    [active?.apiVersion, active?.kind, active?.namespace, active?.name, active?.uid],
    ['batch/v1', 'Job', NAMESPACE, job.metadata.name, job.metadata.uid],
  );
  await cluster.said('CronJob', `SuccessfulCreate: Created job ${job.metadata.name}`);
  assert.deepEqual(cluster.complaints, []);
});

test('a CronJob notes what has become of its jobs, and keeps as many as it is told to', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const limits = { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 };
  const template = podTemplate();
  const jobTemplate = { spec: { completions: 1, backoffLimit: 0, template } };
  await cluster.admin.create(CronJob, cronJob({ ...limits, jobTemplate }));
  await untilJobs(cluster, 'the first to end', succeeds, (jobs) => jobs.some(({ status }) => isJobFinished(status)));
  const [first] = await jobsOf(cluster);
  await untilJobs(cluster, 'another one', succeeds, (jobs) => {
    return jobs.every(({ metadata, status }) => metadata.uid !== first?.metadata.uid && isJobFinished(status));
  });
  const [second, ...more] = await jobsOf(cluster);
  assert.ok(second && more.length === 0);
  await cluster.until('the status', async () => {
    const { active = [], lastSuccessfulTime } = (await tick(cluster)).status;
    return active.length === 0 && lastSuccessfulTime === second.status.completionTime;
  });
  await cluster.said('CronJob', `SawCompletedJob: Saw completed job: ${second.metadata.name}, condition: Complete`);
  await cluster.said('CronJob', `SuccessfulDelete: Deleted job ${first?.metadata.name}`);
  const before = (await tick(cluster)).status.lastScheduleTime;
  await untilJobs(cluster, 'a failure', fails, (jobs) => jobs.length === 2);
  await untilJobs(cluster, 'the end of it', fails, (jobs) => jobs.length === 1);
  assert.deepEqual(
    (await jobsOf(cluster)).map(({ metadata }) => metadata.uid),
    [second.metadata.uid],
  );
  const { status } = await tick(cluster);
  assert.notEqual(status.lastScheduleTime, before);
  assert.equal(status.lastSuccessfulTime, second.status.completionTime);
  assert.deepEqual(cluster.complaints, []);
});

test('a CronJob forgets a job that somebody has deleted', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(CronJob, cronJob({ schedule: '0 * * * *', concurrencyPolicy: 'Forbid' }));
  await cluster.pass(59 * MINUTES_MS);
  await untilJobs(cluster, 'a job', runs, (jobs) => jobs.length === 1);
  const [job] = await jobsOf(cluster);
  await cluster.until('the status', async () => ((await tick(cluster)).status.active ?? []).length === 1);
  await cluster.admin.delete(Job, refOf(job!), { propagationPolicy: 'Background' });
  await cluster.until('the end', async () => ((await tick(cluster)).status.active ?? []).length === 0);
  await cluster.said('CronJob', `MissingJob: Active job went missing: ${job?.metadata.name}`);
  await cluster.pass(MINUTES_MS);
  assert.equal((await jobsOf(cluster)).length, 0, 'its time was taken');
  assert.deepEqual(cluster.complaints, []);
});

test('a CronJob takes up the job that it had no time to write down', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { admin } = cluster;
  await admin.create(CronJob, cronJob());
  await untilJobs(cluster, 'a job', runs, (jobs) => jobs.length === 1);
  await cluster.until('the status', async () => ((await tick(cluster)).status.active ?? []).length === 1);
  const [job] = await jobsOf(cluster);
  // As if the controller had died before.
  await admin.updateStatus(CronJob, { ...(await tick(cluster)), status: {} });
  await cluster.until('the status', async () => ((await tick(cluster)).status.active ?? []).length === 1);
  const { active, lastScheduleTime } = (await tick(cluster)).status;
  assert.equal(active?.[0]?.uid, job?.metadata.uid);
  assert.ok(lastScheduleTime);
  assert.equal((await jobsOf(cluster)).length, 1);
});

test('a CronJob with another schedule does not make up for what that would have done', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { admin, clock } = cluster;
  await admin.create(CronJob, cronJob({ schedule: '0 0 1 1 *' }));
  await cluster.pass(10 * MINUTES_MS + 30_000);
  await admin.patch(CronJob, TICK, { type: 'merge', body: { spec: { schedule: '*/5 * * * *' } } });
  await cluster.pass(MINUTES_MS);
  assert.equal((await jobsOf(cluster)).length, 0);
  await untilJobs(cluster, 'a job', runs, (jobs) => jobs.length === 1);
  const atMs = timeToMs((await tick(cluster)).status.lastScheduleTime ?? '');
  assert.equal(atMs % (5 * MINUTES_MS), 0);
  assert.ok(clock.now() - atMs < MINUTES_MS);
});

test('a CronJob that is resumed makes up for the last time that it has missed, unless that is too long ago', async () => {
  for (const startingDeadlineSeconds of [undefined, 30]) {
    const cluster = await jobCluster();
    await using _ = cluster;
    const deadline = startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds };
    await cluster.admin.create(CronJob, cronJob({ schedule: '*/10 * * * *', suspend: true, ...deadline }));
    await cluster.pass(25 * MINUTES_MS);
    await cluster.admin.patch(CronJob, TICK, { type: 'merge', body: { spec: { suspend: false } } });
    await cluster.pass(5_000);
    assert.equal((await jobsOf(cluster)).length, startingDeadlineSeconds === undefined ? 1 : 0);
  }
});
