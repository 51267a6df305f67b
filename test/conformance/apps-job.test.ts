// What the conformance suite asks of Jobs. Upstream: test/e2e/apps/job.go. What the suite's containers do, a node that the
// test plays does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job } from '../../src/api/batch/job.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { formatTime } from '../../src/api/time.ts';
import { refOf } from '../../src/client/client.ts';
import { disruptionTarget } from '../../src/controllers/disruption-target.ts';
import { COMPLETION_INDEX, completionIndex, INDEX_FAILURES } from '../../src/controllers/job/job-pods.ts';
import { controllerOf } from '../../src/controllers/owner-reference.ts';
import { isPodActive } from '../../src/controllers/pod-state.ts';
import {
  type Behaviour,
  conditionsOf,
  fails,
  hasFailed,
  isComplete,
  type JobCluster,
  job,
  jobCluster,
  NAMESPACE,
  REF,
  recordStatuses,
  runs,
  succeeds,
} from '../support/job-cluster.ts';

const indexed = { completionMode: 'Indexed' } as const;
const isOdd = (pod: Pod) => (completionIndex(pod) ?? 0) % 2 === 1;
const oddOnesFail: Behaviour = (pod) => ({ exitCode: isOdd(pod) ? 1 : 0 });

/** What the eviction of a pod comes to. */
async function evict({ admin, clock }: JobCluster, pod: Pod): Promise<void> {
  const body = disruptionTarget(
    pod,
    { reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' },
    clock.now(),
  );
  await admin.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status' });
  await admin.delete(Pod, refOf(pod));
}

test('[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } } as const;
  const created = await cluster.admin.create(Job, job({ podFailurePolicy: { rules: [rule] } }));
  await using recorded = recordStatuses(cluster, created.metadata.resourceVersion);
  await cluster.reaches('the failure', fails, hasFailed);
  const conditions = ['FailureTarget: PodFailurePolicy', 'Failed: PodFailurePolicy'];
  assert.deepEqual(conditionsOf((await cluster.get()).status), conditions);
  await cluster.until('the watch', async () => recorded.statuses.some(hasFailed));
  const interim = recorded.statuses.find((status) => conditionsOf(status).length > 0);
  assert.deepEqual(interim && conditionsOf(interim), conditions.slice(0, 1));
  assert.match(
    interim?.conditions?.[0]?.message ?? '',
    /^Container c for pod default\/work-\w{5} failed with exit code 1 matching FailJob rule at index 0$/,
  );
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const onPodConditions = [{ type: 'DisruptionTarget', status: 'True' }];
  const podFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions }] } as const;
  await cluster.admin.create(Job, job({ ...indexed, backoffLimit: 0, podFailurePolicy }));
  const firstRuns: Behaviour = (pod) => (completionIndex(pod) === 0 ? 'runs' : { exitCode: 0 });
  await cluster.reaches('the others', firstRuns, ({ completedIndexes }) => completedIndexes === '1-3');
  const [first, ...more] = (await cluster.pods()).filter(isPodActive);
  assert.ok(first && more.length === 0);
  await evict(cluster, first);
  await cluster.until('another pod', async () => {
    await cluster.tend(firstRuns);
    const [pod] = (await cluster.pods()).filter(isPodActive);
    return pod !== undefined && pod.metadata.uid !== first.metadata.uid;
  });
  await cluster.reaches('success', succeeds, isComplete);
  const { status } = await cluster.get();
  assert.deepEqual(conditionsOf(status), ['SuccessCriteriaMet: CompletionsReached', 'Complete: CompletionsReached']);
  assert.deepEqual([status.failed ?? 0, status.succeeded, status.completedIndexes], [0, 4, '0-3']);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job(indexed));
  await cluster.reaches('success', succeeds, isComplete);
  const pods = [...(await cluster.pods())].sort((a, b) => (completionIndex(a) ?? 0) - (completionIndex(b) ?? 0));
  for (const [index, { metadata, spec, status }] of pods.entries()) {
    assert.equal(status.phase, 'Succeeded');
    assert.match(metadata.name, new RegExp(`^work-${index}-\\w{5}$`));
    assert.equal(metadata.annotations?.[COMPLETION_INDEX], `${index}`);
    assert.equal(metadata.labels?.[COMPLETION_INDEX], `${index}`);
    assert.equal(spec.hostname, `work-${index}`);
    const [variable] = spec.containers[0]?.env ?? [];
    assert.equal(variable?.name, 'JOB_COMPLETION_INDEX');
    assert.equal(variable?.valueFrom?.fieldRef?.fieldPath, `metadata.labels['${COMPLETION_INDEX}']`);
  }
  assert.equal(pods.length, 4);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Job should execute all indexes despite some failing when using backoffLimitPerIndex', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ ...indexed, backoffLimitPerIndex: 1 }));
  await cluster.reaches('the failure', oddOnesFail, hasFailed, 180_000);
  const { status } = await cluster.get();
  assert.deepEqual(conditionsOf(status), ['FailureTarget: FailedIndexes', 'Failed: FailedIndexes']);
  assert.deepEqual([status.failedIndexes, status.completedIndexes], ['1,3', '0,2']);
  assert.deepEqual([status.failed, status.succeeded], [4, 2]);
  const failures = (await cluster.pods()).map(({ metadata }) => metadata.annotations?.[INDEX_FAILURES]);
  assert.deepEqual(failures.sort(), ['0', '0', '0', '0', '1', '1']);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ ...indexed, parallelism: 1, backoffLimitPerIndex: 0, maxFailedIndexes: 0 }));
  await cluster.reaches('the failure', fails, hasFailed);
  const { status } = await cluster.get();
  assert.deepEqual(conditionsOf(status), [
    'FailureTarget: MaxFailedIndexesExceeded',
    'Failed: MaxFailedIndexesExceeded',
  ]);
  assert.deepEqual([status.failedIndexes, status.failed], ['0', 1]);
});

test('[sig-apps] Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const rule = { action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } } as const;
  const podFailurePolicy = { rules: [rule] };
  await cluster.admin.create(Job, job({ ...indexed, completions: 2, backoffLimitPerIndex: 1, podFailurePolicy }));
  await cluster.reaches('the failure', oddOnesFail, hasFailed);
  const { status } = await cluster.get();
  assert.deepEqual(conditionsOf(status), ['FailureTarget: FailedIndexes', 'Failed: FailedIndexes']);
  assert.deepEqual([status.failedIndexes, status.completedIndexes], ['1', '0']);
  assert.deepEqual([status.failed, status.succeeded], [1, 1]);
});

test('[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job({ backoffLimit: 6 }, { restartPolicy: 'OnFailure' }));
  // Each container fails once and then succeeds.
  const once: Behaviour = ({ status }) =>
    status.containerStatuses?.[0]?.restartCount === 1 ? { exitCode: 0 } : { restarts: 1 };
  await cluster.reaches('success', once, isComplete);
  const { status } = await cluster.get();
  assert.deepEqual([status.succeeded, status.failed], [4, undefined]);
  assert.equal((await cluster.pods()).length, 4);
});

test('[sig-apps] Job should delete a job', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  await cluster.admin.create(Job, job());
  await cluster.reaches('the pods', runs, ({ active, ready }) => active === 2 && ready === 2);
  await cluster.admin.delete(Job, REF, { propagationPolicy: 'Background' });
  await assert.rejects(cluster.get(), (error) => isStatusError(error, 'NotFound'));
  await cluster.until('the end of the pods', async () => {
    await cluster.tend(runs);
    return (await cluster.pods()).length === 0;
  });
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Job should adopt matching orphans and release non-matching pods', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { metadata } = await cluster.admin.create(Job, job());
  await cluster.reaches('the pods', runs, ({ active, ready }) => active === 2 && ready === 2);
  const [pod] = await cluster.pods();
  assert.ok(pod);
  const read = () => cluster.admin.get(Pod, refOf(pod));
  await cluster.admin.update(Pod, { ...pod, metadata: { ...pod.metadata, ownerReferences: [] } });
  await cluster.until('the adoption', async () => controllerOf(await read()) !== undefined);
  const adopted = await read();
  const { kind, name, uid } = controllerOf(adopted) ?? {};
  assert.deepEqual([kind, name, uid], ['Job', 'work', metadata.uid]);
  assert.deepEqual(adopted.metadata.finalizers, ['batch.kubernetes.io/job-tracking']);
  await cluster.admin.update(Pod, { ...adopted, metadata: { ...adopted.metadata, labels: {} } });
  await cluster.until('the release', async () => controllerOf(await read()) === undefined);
  assert.equal((await read()).metadata.finalizers, undefined);
  await cluster.until('another pod', async () => (await cluster.pods()).filter(isPodActive).length === 2);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Job should apply changes to a job status', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { admin, clock } = cluster;
  const created = await admin.create(Job, job());
  await cluster.reaches('the pods', runs, ({ active, ready }) => active === 2 && ready === 2);
  const custom = (status: Job['status']) => status.conditions?.find(({ type }) => type === 'CustomConditionType');
  const first = formatTime(clock.now());
  const body = {
    metadata: { annotations: { patchedstatus: 'true' } },
    status: { conditions: [{ type: 'CustomConditionType', status: 'True', lastTransitionTime: first }] },
  };
  const patched = await admin.patch(Job, REF, { type: 'merge', body }, { subresource: 'status' });
  assert.equal(custom(patched.status)?.lastTransitionTime, first);
  assert.equal(patched.metadata.annotations?.['patchedstatus'], 'true');
  await cluster.pass(5_000);
  const second = formatTime(clock.now());
  const current = await cluster.get();
  const conditions = (current.status.conditions ?? []).map((condition) => {
    return condition.type === 'CustomConditionType' ? { ...condition, lastTransitionTime: second } : condition;
  });
  const updated = await admin.updateStatus(Job, { ...current, status: { ...current.status, conditions } });
  assert.equal(custom(updated.status)?.lastTransitionTime, second);
  const path = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${REF.name}/status`;
  const gotten = (await admin.request('GET', path)) as Job;
  assert.equal(gotten.metadata.uid, created.metadata.uid);
  await cluster.reaches('success', succeeds, isComplete);
  assert.equal(custom((await cluster.get()).status)?.lastTransitionTime, second);
});

test('[sig-apps] Job should manage the lifecycle of a job', async () => {
  const cluster = await jobCluster();
  await using _ = cluster;
  const { admin } = cluster;
  const labels = { 'e2e-job-label': 'work' };
  const created = await admin.create(Job, { ...job({ suspend: true }), metadata: { ...REF, labels } });
  await cluster.reaches('the suspension', runs, ({ conditions }) => conditions?.[0]?.reason === 'JobSuspended');
  assert.equal((await cluster.pods()).length, 0);
  assert.equal((await cluster.get()).status.startTime, undefined);
  const patched = await admin.patch(Job, REF, {
    type: 'strategic',
    body: { metadata: { labels: { work: 'patched' } } },
  });
  assert.equal(patched.metadata.labels?.['work'], 'patched');
  const current = await cluster.get();
  const updated = await admin.update(Job, {
    ...current,
    metadata: { ...current.metadata, annotations: { updated: 'true' } },
    spec: { ...current.spec, suspend: false },
  });
  assert.equal(updated.metadata.annotations?.['updated'], 'true');
  const labelSelector = 'e2e-job-label=work';
  assert.equal((await admin.list(Job, { labelSelector })).items.length, 1);
  await cluster.reaches('success', succeeds, isComplete);
  await admin.deleteCollection(Job, { namespace: NAMESPACE, labelSelector, propagationPolicy: 'Background' });
  const stop = new AbortController();
  const events: string[] = [];
  const { resourceVersion } = created.metadata;
  for await (const batch of admin.watch(Job, { labelSelector, resourceVersion, signal: stop.signal })) {
    events.push(...batch.map(({ type }) => type));
    if (events.includes('DELETED')) break;
  }
  assert.equal((await admin.list(Job, { labelSelector })).items.length, 0);
  assert.deepEqual(cluster.complaints, []);
});

const SUCCESS_CASES: readonly [name: string, rule: object | undefined, behave: Behaviour, completed: string][] = [
  ['should succeeded when all indexes succeeded', undefined, succeeds, '0,1'],
  [
    'succeededCount rule should succeeded even when some indexes remain pending',
    { succeededCount: 1 },
    (pod) => (completionIndex(pod) === 0 ? { exitCode: 0 } : undefined),
    '0',
  ],
  [
    'succeededIndexes rule should succeeded even when some indexes remain pending',
    { succeededIndexes: '0' },
    (pod) => (completionIndex(pod) === 0 ? { exitCode: 0 } : undefined),
    '0',
  ],
];
for (const [name, rule, behave, completed] of SUCCESS_CASES) {
  test(`[sig-apps] Job with successPolicy ${name}`, async () => {
    const cluster = await jobCluster();
    await using _ = cluster;
    const successPolicy = { rules: [rule ?? { succeededCount: 2 }] };
    const created = await cluster.admin.create(Job, job({ ...indexed, completions: 2, successPolicy }));
    await using recorded = recordStatuses(cluster, created.metadata.resourceVersion);
    await cluster.reaches('success', behave, isComplete);
    const { status } = await cluster.get();
    assert.deepEqual(conditionsOf(status), ['SuccessCriteriaMet: SuccessPolicy', 'Complete: SuccessPolicy']);
    assert.equal(status.conditions?.[0]?.message, 'Matched rules at index 0');
    assert.equal(status.completedIndexes, completed);
    assert.deepEqual([status.active, status.failed, status.terminating], [undefined, undefined, 0]);
    await cluster.until('the watch', async () => recorded.statuses.some(isComplete));
    const interim = recorded.statuses.find((status) => conditionsOf(status).length > 0);
    assert.deepEqual(interim && conditionsOf(interim), ['SuccessCriteriaMet: SuccessPolicy']);
    assert.deepEqual(cluster.complaints, []);
  });
}
