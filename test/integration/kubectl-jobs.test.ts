// Jobs and CronJobs under the real kubectl and scheduler, on simulated nodes.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 2 });
});
after(() => cluster[Symbol.asyncDispose]());

/** Pods that end by themselves at once. */
function template(exitCode: number): object {
  return {
    metadata: {
      annotations: { 'simulated.typernetes.io/run-seconds': '0', 'simulated.typernetes.io/exit-code': `${exitCode}` },
    },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
  };
}

function manifest(kind: string, name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'batch/v1', kind, metadata: { name }, spec });
}

describe('kubectl and jobs', () => {
  test('a job is created, waited for, described and deleted', async () => {
    const { kubectl: run } = await cluster.inNamespace('jobs');
    const spec = { completionMode: 'Indexed', completions: 6, parallelism: 3, template: template(0) };
    assert.equal(await run('create -f -', { stdin: manifest('Job', 'count', spec) }), 'job.batch/count created\n');
    assert.equal(await run('wait --for=condition=complete job/count --timeout=30s'), 'job.batch/count condition met\n');
    assert.match(await run('get job count --no-headers'), /^count +Complete +6\/6 +\d+s +\d+s\n$/);
    const described = await run('describe job count');
    assert.match(described, /^Completion Mode: +Indexed$/m);
    assert.match(described, /^Pods Statuses: +0 Active \(0 Ready\) \/ 6 Succeeded \/ 0 Failed$/m);
    assert.match(described, /^Completed Indexes: +0-5$/m);
    assert.match(described, /Normal +SuccessfulCreate +\d+s +job-controller +Created pod: count-0-\w{5}$/m);
    assert.match(described, /Normal +Completed +\d+s +job-controller +Job completed$/m);
    await run('delete job count --timeout=20s');
    await run('wait --for=delete pod --selector=job-name=count --timeout=20s');
    assert.deepEqual(cluster.errors, []);
  });

  test('a job that fails says why', async () => {
    const { kubectl: run } = await cluster.inNamespace('failures');
    await run('create -f -', { stdin: manifest('Job', 'broken', { backoffLimit: 0, template: template(3) }) });
    assert.equal(await run('wait --for=condition=failed job/broken --timeout=30s'), 'job.batch/broken condition met\n');
    assert.match(await run('get job broken --no-headers'), /^broken +Failed +0\/1 /);
    assert.match(
      await run('describe job broken'),
      /Warning +BackoffLimitExceeded +\d+s +job-controller +Job has reached the specified backoff limit$/m,
    );
  });

  test('a CronJob starts jobs, and kubectl starts one by hand', async () => {
    const { kubectl: run } = await cluster.inNamespace('crons');
    const jobTemplate = { spec: { template: template(0) } };
    await run('create -f -', { stdin: manifest('CronJob', 'often', { schedule: '@every 1s', jobTemplate }) });
    await run(['wait', '--for=jsonpath={.status.lastSuccessfulTime}', 'cronjob/often', '--timeout=30s']);
    assert.match(await run('get cronjob often --no-headers'), /^often +@every 1s +<none> +False +\d +\ds +\d+s\n$/);
    assert.match(
      await run('describe cronjob often'),
      /SawCompletedJob .*Saw completed job: often-\d+, condition: Complete$/m,
    );
    assert.equal(await run('create job by-hand --from=cronjob/often'), 'job.batch/by-hand created\n');
    await run('wait --for=condition=complete job/by-hand --timeout=30s');
    await run('delete cronjob often --timeout=20s');
    await run('wait --for=delete job --all --timeout=30s');
    assert.equal(await run('get jobs,pods -o name'), '');
  });
});
