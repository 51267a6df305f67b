// Whether a job counts each of its pods once, though calls fail, answers are lost and controllers die at any moment.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job } from '../../../src/api/batch/job.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { StatusError } from '../../../src/api/status-error.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import type { Client } from '../../../src/client/client.ts';
import { createEventRecorder } from '../../../src/client/event-recorder.ts';
import { InformerFactory } from '../../../src/client/informer-factory.ts';
import { startController } from '../../../src/controllers/controller.ts';
import type { ControllerConfig } from '../../../src/controllers/controller-deps.ts';
import { abandonedPodController } from '../../../src/controllers/job/abandoned-pod-controller.ts';
import { jobController } from '../../../src/controllers/job/job-controller.ts';
import { completionIndex } from '../../../src/controllers/job/job-pods.ts';
import { type ControlledCluster, controlledCluster } from '../../support/controlled-cluster.ts';
import { type Behaviour, isComplete, job, NAMESPACE, REF, tendJobPods } from '../../support/job-cluster.ts';

/**
 * Of ten writes one does not get through, and of another one the answer is lost. Not so of new pods: that would make
 * surplus ones, and what is stopped as such does not count, however it ends.
 */
function unreliable(client: Client, random: Random): Client {
  const write = async <T>(act: () => Promise<T>, losesAnswers = true): Promise<T> => {
    const chance = random.next();
    if (chance < 0.1) throw new StatusError('ServiceUnavailable', 'the request was lost');
    const answer = await act();
    if (losesAnswers && chance < 0.2) throw new StatusError('ServiceUnavailable', 'the answer was lost');
    return answer;
  };
  return {
    ...client,
    create: (...args) => write(() => client.create(...args), false),
    patch: (...args) => write(() => client.patch(...args)),
    updateStatus: (...args) => write(() => client.updateStatus(...args)),
    delete: (...args) => write(() => client.delete(...args)),
  };
}

/** The controllers of jobs, which know nothing of what others before them did. */
async function startJobControllers({ admin, clock }: ControlledCluster, random: Random): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const log = silentLogger;
  const informers = stack.use(new InformerFactory({ client: admin, clock, random, log }));
  const events = stack.use(createEventRecorder({ client: admin, clock, log }, { component: 'job-controller' }));
  const config = {} as ControllerConfig; // The controllers of jobs look at none of it.
  const deps = { client: unreliable(admin, random), informers, events, clock, random, log, config };
  stack.use(await startController({ clock, log }, jobController(deps)));
  stack.use(await startController({ clock, log }, abandonedPodController(deps)));
  return stack.move();
}

for (const completionMode of ['NonIndexed', 'Indexed'] as const) {
  test(`a job (${completionMode}) counts each pod once, whatever fails and whoever dies`, async () => {
    const cluster = await controlledCluster({}, { controllers: false });
    await using _ = cluster;
    const { admin, until } = cluster;
    await admin.create(Namespace, { metadata: { name: NAMESPACE } });
    await admin.create(ServiceAccount, { metadata: { namespace: NAMESPACE, name: 'default' } });
    const random = seededRandom(17);
    await admin.create(Job, job({ completionMode, completions: 40, parallelism: 6, backoffLimit: 1_000 }));
    const ends = new Map<string, { readonly exitCode: number; readonly index: number | undefined }>();
    const behave: Behaviour = (pod) => {
      if (random.next() < 0.5) return 'runs';
      const end = { exitCode: random.next() < 0.1 ? 1 : 0, index: completionIndex(pod) };
      if (!ends.has(pod.metadata.uid)) ends.set(pod.metadata.uid, end);
      return { exitCode: ends.get(pod.metadata.uid)!.exitCode };
    };
    const get = () => admin.get(Job, REF);
    let deaths = 0;
    while (!isComplete((await get()).status)) {
      const controllers = await startJobControllers(cluster, random);
      const diesAtMs = cluster.clock.now() + random.next() * 500;
      await until('the death of the controllers', async () => {
        await tendJobPods(cluster, behave);
        return cluster.clock.now() > diesAtMs || isComplete((await get()).status);
      });
      await controllers[Symbol.asyncDispose]();
      assert.ok(++deaths < 200, 'it gets done');
    }
    assert.ok(deaths > 1, `${deaths} deaths`);
    const { status } = await get();
    const succeeded = [...ends.values()].filter(({ exitCode }) => exitCode === 0);
    const failed = ends.size - succeeded.length;
    const distinct =
      completionMode === 'Indexed' ? new Set(succeeded.map(({ index }) => index)).size : succeeded.length;
    assert.equal(status.succeeded, distinct);
    assert.ok(distinct >= 40);
    assert.equal(status.failed ?? 0, failed);
    await using _last = await startJobControllers(cluster, random);
    await until('the release', async () => {
      const { items } = await admin.list(Pod, { namespace: NAMESPACE });
      return items.every(({ metadata }) => metadata.finalizers === undefined);
    });
  });
}
