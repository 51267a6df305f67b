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
  await admin.list(Pod);
  const text = await cluster.kubectl('get --raw /metrics');
  assert.match(text, /^apiserver_request_total\{.*verb="POST".*\} \d+$/m);
  assert.match(text, /^workqueue_work_duration_seconds_count\{name="serviceaccount-controller"\} [1-9]\d*$/m);
  for (const shown of [
    'apiserver_admission_controller_admission_duration_seconds_count{name="PodSecurity",type="validate"',
    'apiserver_cache_list_total{group="",resource="pods",index=""}',
    'apiserver_client_certificate_expiration_seconds_count',
    'kubernetes_build_info{major="1",minor="36"',
    'rest_client_requests_total{code="200",method="GET"',
    'workqueue_adds_total{name="serviceaccount-controller"}',
    'workqueue_depth{name="serviceaccount-controller"}',
  ]) {
    assert.ok(text.includes(`\n${shown}`), shown);
  }
  assert.match(text, /^scheduler_schedule_attempts_total\{profile="default-scheduler",result="scheduled"\} [1-9]\d*$/m);
});

test('GET /api/v1/componentstatuses tells how the parts of the control plane are', async () => {
  await using cluster = await servedCluster();
  const table = await cluster.kubectl('get componentstatuses');
  assert.deepEqual(
    table
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/)),
    [
      ['controller-manager', 'Healthy', 'ok'],
      ['etcd-0', 'Healthy', 'ok'],
      ['scheduler', 'Healthy', 'ok'],
    ],
  );
});
