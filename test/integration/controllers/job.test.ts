import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job } from '../../../src/api/batch/job.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { timeToMs } from '../../../src/api/time.ts';
import { refOf } from '../../../src/client/client.ts';
import { completionIndex } from '../../../src/controllers/job/job-pods.ts';
import { controllerOf } from '../../../src/controllers/owner-reference.ts';
import { isPodActive } from '../../../src/controllers/pod-state.ts';
import {
  type Behaviour,
  conditionsOf,
  fails,
  hasFailed,
  isComplete,
  job,
  jobCluster,
  NAMESPACE,
  REF,
  runs,
  succeeds,
} from '../../support/job-cluster.ts';

const COMPLETE = ['SuccessCriteriaMet: CompletionsReached', 'Complete: CompletionsReached'];
const indexed = { completionMode: 'Indexed' } as const;

test('a job runs as many pods at a time as it may, counts them and says so', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const created = await cluster.admin.create(Job, job());
  await cluster.reaches('the pods', runs, ({ active, ready }) => active === 2 && ready === 2);
  const before = await cluster.get();
  await cluster.pass(30_000);
  assert.equal((await cluster.get()).metadata.resourceVersion, before.metadata.resourceVersion, 'nothing has changed');
  for (const { metadata } of await cluster.pods()) {
    assert.match(metadata.name, /^work-\w{5}$/);
    assert.deepEqual(metadata.finalizers, ['batch.kubernetes.io/job-tracking']);
    assert.deepEqual(metadata.labels, {
      'batch.kubernetes.io/controller-uid': created.metadata.uid,
      'batch.kubernetes.io/job-name': 'work',
      'controller-uid': created.metadata.uid,
      'job-name': 'work',
    });
  }
  await cluster.reaches('success', succeeds, isComplete);
  const { status } = await cluster.get();
  assert.deepEqual(conditionsOf(status), COMPLETE);
  assert.equal(status.conditions?.[1]?.message, 'Reached expected number of succeeded pods');
  assert.deepEqual(
    [status.succeeded, status.failed, status.active, status.ready, status.terminating, status.uncountedTerminatedPods],
    [4, undefined, undefined, 0, 0, {}],
  );
  assert.equal(status.completionTime, status.conditions?.[1]?.lastTransitionTime);
  const pods = await cluster.pods();
  assert.deepEqual([pods.length, pods.filter(({ metadata }) => metadata.finalizers !== undefined).length], [4, 0]);
  const said = await cluster.said('Job', 'Completed: Job completed');
  assert.equal(said.filter((text) => text.startsWith('SuccessfulCreate: Created pod: work-')).length, 4);
  assert.deepEqual(cluster.complaints, []);
});

test('a job without a number of completions ends when one pod has succeeded and the others have ended', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { metadata, spec } = job({ parallelism: 3 });
  const { completions: _all, ...queue } = spec!;
  await cluster.admin.create(Job, { metadata: metadata!, spec: queue });
  await cluster.reaches('the pods', runs, ({ ready }) => ready === 3);
  const [first] = await cluster.pods();
  const oneSucceeds: Behaviour = (pod) => (pod.metadata.uid === first?.metadata.uid ? { exitCode: 0 } : 'runs');
  await cluster.reaches('the success', oneSucceeds, ({ succeeded }) => succeeded === 1);
  await cluster.pass(5_000);
  assert.deepEqual([(await cluster.get()).status.active, (await cluster.pods()).length], [2, 3]);
  await cluster.reaches('success', succeeds, isComplete);
  assert.equal((await cluster.get()).status.succeeded, 3);
});

test('a job waits longer with every failure, and gives up after its limit', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ parallelism: 1, completions: 1, backoffLimit: 3 }));
  await cluster.reaches('the failure', fails, hasFailed, 300_000);
  const { status } = await cluster.get();
  assert.deepEqual(conditionsOf(status), ['FailureTarget: BackoffLimitExceeded', 'Failed: BackoffLimitExceeded']);
  assert.equal(status.failed, 4);
  const times = (await cluster.pods()).map((pod) => timeToMs(pod.metadata.creationTimestamp)).sort((a, b) => a - b);
  const waits = times.slice(1).map((time, index) => Math.round((time - times[index]!) / 1000));
  assert.ok(
    [10, 20, 40].every((wait, index) => Math.abs(wait - waits[index]!) <= 2),
    `${waits}`,
  );
  await cluster.said('Job', 'BackoffLimitExceeded: Job has reached the specified backoff limit');
  assert.deepEqual(cluster.complaints, []);
});

test('a job that fails stops what runs, and has failed when that is gone', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ activeDeadlineSeconds: 30 }));
  await cluster.reaches('the pods', runs, ({ ready }) => ready === 2);
  await cluster.until('the verdict', async () => conditionsOf((await cluster.get()).status).length > 0);
  const { status } = await cluster.get();
  assert.deepEqual(conditionsOf(status), ['FailureTarget: DeadlineExceeded']);
  const startedMs = timeToMs(status.startTime ?? '');
  assert.ok(Math.abs(cluster.clock.now() - startedMs - 30_000) < 1_500);
  await cluster.pass(5_000);
  const waiting = await cluster.get();
  assert.deepEqual([waiting.status.active, waiting.status.terminating, waiting.status.failed], [undefined, 2, 2]);
  await cluster.reaches('the failure', runs, hasFailed);
  assert.deepEqual(conditionsOf((await cluster.get()).status), [
    'FailureTarget: DeadlineExceeded',
    'Failed: DeadlineExceeded',
  ]);
  const said = await cluster.said('Job', 'DeadlineExceeded: Job was active longer than specified deadline');
  assert.equal(said.filter((text) => text.startsWith('SuccessfulDelete: Deleted pod: ')).length, 2);
  assert.deepEqual(cluster.complaints, []);
});

test('a job that is suspended loses its pods without counting them, and begins anew when it is resumed', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const suspend = (is: boolean) => cluster.admin.patch(Job, REF, { type: 'merge', body: { spec: { suspend: is } } });
  await cluster.admin.create(Job, job({ activeDeadlineSeconds: 60 }));
  await cluster.reaches('the pods', runs, ({ ready }) => ready === 2);
  const { startTime } = (await cluster.get()).status;
  await suspend(true);
  await cluster.reaches('the suspension', runs, ({ active = 0, terminating }) => active === 0 && terminating === 0);
  const suspended = (await cluster.get()).status;
  assert.deepEqual(conditionsOf(suspended), ['Suspended: JobSuspended']);
  assert.deepEqual([suspended.failed, suspended.startTime, suspended.ready], [undefined, startTime, 0]);
  assert.equal((await cluster.pods()).length, 0);
  await cluster.pass(120_000); // Longer than it may be active.
  await suspend(false);
  await cluster.reaches('the pods', runs, ({ ready }) => ready === 2);
  const resumed = (await cluster.get()).status;
  assert.deepEqual(
    resumed.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [['Suspended', 'False', 'JobResumed']],
  );
  assert.ok(timeToMs(resumed.startTime ?? '') > timeToMs(startTime ?? '') + 100_000);
  await cluster.reaches('success', succeeds, isComplete);
  await cluster.said('Job', 'Suspended: Job suspended');
  await cluster.said('Job', 'Resumed: Job resumed');
  assert.deepEqual(cluster.complaints, []);
});

test('a pod that is being deleted is replaced at once, or when it has ended', async () => {
  for (const podReplacementPolicy of ['TerminatingOrFailed', 'Failed'] as const) {
    const cluster = await jobCluster();
    await using _ = cluster;
    await cluster.admin.create(Job, job({ parallelism: 1, completions: 1, podReplacementPolicy }));
    await cluster.reaches('the pod', runs, ({ ready }) => ready === 1);
    const [pod] = await cluster.pods();
    await cluster.admin.delete(Pod, refOf(pod!));
    await cluster.pass(15_000);
    const { status } = await cluster.get();
    const isReplaced = podReplacementPolicy === 'TerminatingOrFailed';
    assert.deepEqual([status.active, status.failed], isReplaced ? [1, 1] : [undefined, undefined]);
    assert.equal(status.terminating, 1);
    await cluster.reaches('another pod', runs, ({ ready, terminating }) => ready === 1 && terminating === 0);
    assert.equal((await cluster.get()).status.failed, 1);
    assert.deepEqual(cluster.complaints, []);
  }
});

test('an indexed job can be made longer and shorter', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const resize = (size: number) =>
    cluster.admin.patch(Job, REF, { type: 'merge', body: { spec: { completions: size, parallelism: size } } });
  const indexes = async () => (await cluster.pods()).filter(isPodActive).map(completionIndex).sort();
  const lastSucceeds: Behaviour = (pod) => (completionIndex(pod) === 3 ? { exitCode: 0 } : 'runs');
  await cluster.admin.create(Job, job({ ...indexed, completions: 4, parallelism: 4 }));
  await cluster.reaches(
    'the pods',
    lastSucceeds,
    ({ ready, completedIndexes }) => ready === 3 && completedIndexes === '3',
  );
  await resize(2);
  await cluster.reaches('fewer pods', lastSucceeds, ({ ready, terminating }) => ready === 2 && terminating === 0);
  const { status } = await cluster.get();
  assert.deepEqual(
    [await indexes(), status.completedIndexes, status.succeeded, status.failed],
    [[0, 1], undefined, undefined, undefined],
  );
  await resize(3);
  await cluster.reaches('more pods', lastSucceeds, ({ ready }) => ready === 3);
  assert.deepEqual(await indexes(), [0, 1, 2]);
  await cluster.reaches('success', succeeds, isComplete);
  assert.equal((await cluster.get()).status.completedIndexes, '0-2');
  assert.deepEqual(cluster.complaints, []);
});

test('an index waits for itself after its failures', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ ...indexed, completions: 3, parallelism: 3, backoffLimitPerIndex: 3 }));
  const firstFails: Behaviour = (pod) => (completionIndex(pod) === 0 ? { exitCode: 1 } : 'runs');
  await cluster.reaches('the second pod', firstFails, ({ failed }) => failed === 1);
  const made = (await cluster.pods()).filter((pod) => completionIndex(pod) === 0);
  const times = made.map((pod) => timeToMs(pod.metadata.creationTimestamp)).sort((a, b) => a - b);
  assert.equal(times.length, 2);
  assert.ok(Math.abs(times[1]! - times[0]! - 10_000) <= 2_000, `${times}`);
  await cluster.reaches('success', succeeds, isComplete);
  const { status } = await cluster.get();
  assert.deepEqual([status.completedIndexes, status.failedIndexes], ['0-2', '']);
  assert.deepEqual(cluster.complaints, []);
});

test('a job that somebody else runs is left alone', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ managedBy: 'example.com/queue' }));
  await cluster.pass(30_000);
  assert.deepEqual([(await cluster.get()).status, (await cluster.pods()).length], [{}, 0]);
});

test('a job whose pods are refused says why and recovers', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { admin } = cluster;
  await admin.create(Job, job({}, { serviceAccountName: 'robot' }));
  const said = await cluster.said('Job', 'FailedCreate');
  assert.match(said.join('\n'), /^FailedCreate: Error creating: .*robot.*not found/m);
  assert.equal((await cluster.get()).status.active, undefined);
  await admin.create(ServiceAccount, { metadata: { namespace: NAMESPACE, name: 'robot' } });
  await cluster.reaches('success', succeeds, isComplete, 120_000);
});

test('a job goes after its time, with its pods', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ ttlSecondsAfterFinished: 20 }));
  await cluster.reaches('success', succeeds, isComplete);
  await cluster.pass(15_000);
  assert.equal((await cluster.get()).metadata.deletionTimestamp, undefined);
  await cluster.until('the end', async () => {
    await cluster.tend(runs);
    return (await cluster.admin.list(Job)).items.length === 0;
  });
  assert.equal((await cluster.pods()).length, 0);
  assert.deepEqual(cluster.complaints, []);
});

test('pods of a job that was orphaned lose their finalizer', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job());
  await cluster.reaches('the pods', runs, ({ ready }) => ready === 2);
  await cluster.admin.delete(Job, REF, { propagationPolicy: 'Orphan' });
  await cluster.until('the release', async () => {
    const pods = await cluster.pods();
    return pods.every((pod) => controllerOf(pod) === undefined && pod.metadata.finalizers === undefined);
  });
  assert.equal((await cluster.pods()).length, 2);
});
