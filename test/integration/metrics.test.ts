import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { servedCluster } from '../support/served-cluster.ts';
import { until } from '../support/until.ts';

test('GET /metrics shows the requests, the controllers and the scheduler', async () => {
  await using cluster = await servedCluster({ simulatedNodes: 1 });
  const { admin } = cluster;
  const ref = { namespace: 'default', name: 'web' };
  await until(() => admin.get(ServiceAccount, { namespace: 'default', name: 'default' }).then(() => true));
  await admin.create(Pod, { metadata: ref, spec: { containers: [{ name: 'main', image: 'busybox' }] } });
  await until(async () => (await admin.get(Pod, ref)).status.phase === 'Running');
  const text = await cluster.kubectl('get --raw /metrics');
  assert.match(text, /^apiserver_request_total\{.*verb="POST".*\} \d+$/m);
  assert.match(text, /^workqueue_work_duration_seconds_count\{name="serviceaccount-controller"\} [1-9]\d*$/m);
  assert.match(text, /^scheduler_schedule_attempts_total\{profile="default-scheduler",result="scheduled"\} [1-9]\d*$/m);
});
