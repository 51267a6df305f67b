// The control plane is killed at random moments while it rolls out Deployments and StatefulSets and runs Jobs. Whatever it
// was doing, in the end all is as if it had never died: no pod too many, none too few, and no pod of a Job counted twice.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Deployment } from '../../src/api/apps/deployment.ts';
import type { ReplicaSet } from '../../src/api/apps/replica-set.ts';
import type { StatefulSet } from '../../src/api/apps/stateful-set.ts';
import type { Job } from '../../src/api/batch/job.ts';
import type { Pod } from '../../src/api/core/pod.ts';
import type { AnyObject, ObjectOf } from '../../src/api/kind.ts';
import { seededRandom } from '../../src/base/random.ts';
import { CONTROL_PLANE, componentPid } from '../../src/cluster/component.ts';
import { createTestCluster, eventually, type TestCluster } from './test-cluster.ts';

const ROLLOUTS = 20;
const JOBS = 20;
const JOB_PODS = 20;
const SETS = 5;
const REPLICAS = 4;
const KILLS = 10;
const KILLS_IN_THE_MIDDLE = 4;
const LONGEST_LIFE_MS = 4000;
const APPLIED_AT_ONCE = 5;
const WITHIN_MS = 180_000;

let cluster: TestCluster;

before(async () => {
  cluster = await createTestCluster('crash', { apiPort: 16_444 });
  await cluster.t8s('up', '--nodes', '0', '--simulated-nodes', '10');
});
after(() => cluster[Symbol.asyncDispose]());

test('rollouts, Jobs and updates of StatefulSets end well however often the control plane is killed', async (t) => {
  await apply([...range(ROLLOUTS, (i) => deployment(i, 'v1')), ...range(SETS, (i) => statefulSet(i, 'v1'))]);
  await eventually('everything to run in its first version', () => areRolledOut('v1'), Boolean, {
    withinMs: WITHIN_MS,
  });

  const work = [
    ...range(JOBS, job),
    ...range(ROLLOUTS, (i) => deployment(i, 'v2')),
    ...range(SETS, (i) => statefulSet(i, 'v2')),
  ];
  const [kills] = await Promise.all([killAgainAndAgain(), apply(work)]);
  t.diagnostic(`killed when so many of ${JOBS * JOB_PODS} pods of Jobs were done: ${kills.join(', ')}`);
  const isDone = async () => (await areRolledOut('v2')) && (await areComplete());
  await eventually('everything to be done', isDone, Boolean, { withinMs: WITHIN_MS });

  const pods = await list<ObjectOf<typeof Pod>>('pods');
  for (const each of await list<ObjectOf<typeof Deployment>>('deployments')) await checkDeployment(each, pods);
  for (const each of await list<ObjectOf<typeof StatefulSet>>('statefulsets')) checkStatefulSet(each, pods);
  for (const each of await list<ObjectOf<typeof Job>>('jobs')) checkJob(each, pods);
  assert.equal(pods.length, (ROLLOUTS + SETS) * REPLICAS + JOBS * JOB_PODS);
});

/**
 * Resolves to how many pods of Jobs had been done at each kill. Goes on until a few kills have come in the middle of them,
 * however slow the machine is.
 */
async function killAgainAndAgain(): Promise<readonly number[]> {
  const random = seededRandom(4);
  const kills: number[] = [];
  const inTheMiddle = () => kills.filter((done) => done > 0 && done < JOBS * JOB_PODS).length;
  while (kills.length < KILLS || inTheMiddle() < KILLS_IN_THE_MIDDLE) {
    await wait(random.next() * LONGEST_LIFE_MS); // The moment is what is tried here.
    const pods = await list<ObjectOf<typeof Pod>>('pods').catch(() => []);
    const done = pods.filter(({ status }) => status.phase === 'Succeeded').length;
    if (done === JOBS * JOB_PODS) break;
    kills.push(done);
    const pid = componentPid(cluster.dataDir, CONTROL_PLANE);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await cluster.t8s('up');
  }
  assert.ok(inTheMiddle() > 0, `the work was hardly disturbed: pods done at kills were ${kills.join(', ')}`);
  return kills;
}

async function areRolledOut(version: string): Promise<boolean> {
  const deployments = await list<ObjectOf<typeof Deployment>>('deployments');
  const sets = await list<ObjectOf<typeof StatefulSet>>('statefulsets');
  return [...deployments, ...sets].every(({ metadata, spec, status }) => {
    const isCurrent = status.observedGeneration === metadata.generation && imageOf(spec) === version;
    return (
      isCurrent &&
      status.updatedReplicas === REPLICAS &&
      status.readyReplicas === REPLICAS &&
      status.replicas === REPLICAS
    );
  });
}

async function areComplete(): Promise<boolean> {
  const jobs = await list<ObjectOf<typeof Job>>('jobs');
  return jobs.length === JOBS && jobs.every(({ status }) => status.completionTime !== undefined);
}

async function checkDeployment({ metadata }: ObjectOf<typeof Deployment>, pods: readonly ObjectOf<typeof Pod>[]) {
  const sets = (await list<ObjectOf<typeof ReplicaSet>>('replicasets')).filter(isOwnedBy(metadata));
  const revisions = sets.map((set) => [
    set.metadata.annotations?.['deployment.kubernetes.io/revision'],
    imageOf(set.spec),
    set.spec.replicas,
    pods.filter(isOwnedBy(set.metadata)).length,
  ]);
  assert.deepEqual(
    revisions.sort(),
    [
      ['1', 'v1', 0, 0],
      ['2', 'v2', REPLICAS, REPLICAS],
    ],
    metadata.name,
  );
}

function checkStatefulSet({ metadata, status }: ObjectOf<typeof StatefulSet>, pods: readonly ObjectOf<typeof Pod>[]) {
  const members = pods.filter(isOwnedBy(metadata));
  const expected = range(REPLICAS, (i) => [`${metadata.name}-${i}`, status.updateRevision]);
  const found = members.map((pod) => [pod.metadata.name, pod.metadata.labels?.['controller-revision-hash']]);
  assert.deepEqual(found.sort(), expected);
  assert.equal(status.currentRevision, status.updateRevision);
}

function checkJob({ metadata, spec, status }: ObjectOf<typeof Job>, pods: readonly ObjectOf<typeof Pod>[]) {
  const own = pods.filter(isOwnedBy(metadata));
  const phases = own.map((pod) => pod.status.phase);
  assert.deepEqual(phases, Array(JOB_PODS).fill('Succeeded'), metadata.name);
  assert.deepEqual([status.succeeded, status.failed ?? 0, status.active ?? 0], [JOB_PODS, 0, 0], metadata.name);
  assert.deepEqual(status.uncountedTerminatedPods ?? {}, {}, metadata.name);
  assert.deepEqual(
    own.flatMap((pod) => pod.metadata.finalizers ?? []),
    [],
    metadata.name,
  );
  if (spec.completionMode !== 'Indexed') return;
  const indexes = own.map((pod) => Number(pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index']));
  assert.deepEqual(
    indexes.sort((a, b) => a - b),
    range(JOB_PODS, (i) => i),
    metadata.name,
  );
}

/** Says each part again until it has been heard, as anybody would whose command failed. */
async function apply(items: readonly object[]): Promise<void> {
  for (let at = 0; at < items.length; at += APPLIED_AT_ONCE) {
    const part = { kind: 'List', apiVersion: 'v1', items: items.slice(at, at + APPLIED_AT_ONCE) };
    const send = () => cluster.kubectl('apply -f -', { stdin: JSON.stringify(part) });
    await eventually('objects to be applied', send, Boolean, { withinMs: WITHIN_MS });
  }
}

async function list<T extends AnyObject>(resource: string): Promise<readonly T[]> {
  return JSON.parse(await cluster.kubectl(`get ${resource} -o json`)).items;
}

function isOwnedBy({ uid }: { readonly uid?: string }): (object: AnyObject) => boolean {
  return ({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;
}

interface HasTemplate {
  readonly template: { readonly spec: { readonly containers: readonly { readonly image?: string }[] } };
}

function imageOf({ template }: HasTemplate): string | undefined {
  return template.spec.containers[0]?.image;
}

function deployment(i: number, image: string): object {
  return workload('Deployment', `rollout-${i}`, image, {});
}

function statefulSet(i: number, image: string): object {
  return workload('StatefulSet', `set-${i}`, image, { serviceName: 'none' });
}

function workload(kind: string, name: string, image: string, more: object): object {
  const labels = { app: name };
  const annotations = { 'simulated.typernetes.io/stop-seconds': '1' };
  const template = { metadata: { labels, annotations }, spec: { containers: [{ name: 'main', image }] } };
  const spec = { replicas: REPLICAS, selector: { matchLabels: labels }, template, ...more };
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec };
}

/** Every other one gives its pods indexes. */
function job(i: number): object {
  const annotations = { 'simulated.typernetes.io/run-seconds': '3' };
  const template = {
    metadata: { annotations },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
  };
  const completionMode = i % 2 === 0 ? 'NonIndexed' : 'Indexed';
  const spec = { completions: JOB_PODS, parallelism: 2, completionMode, template };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: `job-${i}` }, spec };
}

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
