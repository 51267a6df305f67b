// Autoscalers under the real API server, with figures that the test gives to metrics.k8s.io.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { HorizontalPodAutoscaler } from '../../../src/api/autoscaling/horizontal-pod-autoscaler.ts';
import { Event } from '../../../src/api/core/event.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import type { InputOf } from '../../../src/api/kind.ts';
import { formatTime } from '../../../src/api/time.ts';
import type { ObjectSource } from '../../../src/apiserver/registry/handlers.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const REF = { namespace: 'default', name: 'web' };
const PERIOD_MS = 15_000;

/** `usage.memory`: what each pod uses; undefined: nothing is measured. */
async function open() {
  const usage: { memory: string | undefined } = { memory: '100Mi' };
  const measured: { pods: () => Promise<readonly Pod[]>; now: () => number } = { pods: async () => [], now: () => 0 };
  const source: ObjectSource = async () => {
    const { memory } = usage;
    if (memory === undefined) return [];
    const time = formatTime(measured.now());
    return (await measured.pods()).map(({ metadata: { name, namespace, labels = {} } }) => ({
      kind: 'PodMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: { name, namespace, labels, creationTimestamp: time },
      timestamp: time,
      window: '15s',
      containers: [{ name: 'main', usage: { cpu: '100m', memory } }],
    }));
  };
  const cluster = await controlledCluster({}, { parts: { sources: { 'pods.metrics.k8s.io': source } } });
  const { admin, until, tendPods, addNode, clock } = cluster;
  measured.pods = async () => (await admin.list(Pod, { namespace: 'default' })).items;
  measured.now = () => clock.now();
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  const autoscaler = () => admin.get(HorizontalPodAutoscaler, REF);
  const replicas = async () => (await admin.get(Deployment, REF)).spec.replicas;
  /** One look of the controller, with all pods running, and what comes of it. */
  const look = async () => {
    await cluster.pass(2000);
    await tendPods();
    await cluster.pass(PERIOD_MS - 2000 + 300);
  };
  const condition = async (type: string) => {
    const found = (await autoscaler()).status.conditions?.find((one) => one.type === type);
    return found && `${found.status} ${found.reason}`;
  };
  const reasons = async () => {
    const { items } = await admin.list(Event, { namespace: 'default' });
    return items.filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler');
  };
  return { ...cluster, cluster, usage, autoscaler, replicas, look, condition, events: reasons };
}

function deployment(
  replicas: number,
  requests: Readonly<Record<string, string>> = { memory: '100Mi' },
): InputOf<typeof Deployment> {
  const labels = { app: 'web' };
  const containers = [{ name: 'main', image: 'nginx', resources: { requests } }];
  return {
    metadata: REF,
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { nodeName: 'node-1', containers } },
    },
  };
}

type Spec = NonNullable<InputOf<typeof HorizontalPodAutoscaler>['spec']>;

function byMemory(spec: Partial<Spec> = {}): InputOf<typeof HorizontalPodAutoscaler> {
  const target = { type: 'Utilization', averageUtilization: 50 };
  return {
    metadata: REF,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [{ type: 'Resource', resource: { name: 'memory', target } }],
      ...spec,
    },
  };
}

test('an autoscaler makes more of what uses much, and says so', async () => {
  const { cluster, admin, autoscaler, replicas, look, condition, events } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment(2));
  await admin.create(HorizontalPodAutoscaler, byMemory());
  await look();
  assert.equal(await replicas(), 4);
  const { status } = await autoscaler();
  assert.equal(status.currentReplicas, 2);
  assert.equal(status.desiredReplicas, 4);
  assert.ok(status.lastScaleTime);
  const memory = { name: 'memory', current: { averageUtilization: 100, averageValue: '104857600' } };
  assert.deepEqual(status.currentMetrics, [{ type: 'Resource', resource: memory }]);
  assert.equal(await condition('AbleToScale'), 'True SucceededRescale');
  assert.equal(await condition('ScalingActive'), 'True ValidMetricFound');
  assert.equal(await condition('ScalingLimited'), 'False DesiredWithinRange');
  const [event] = await events();
  assert.equal(event?.reason, 'SuccessfulRescale');
  const above = 'memory resource utilization (percentage of request) above target';
  assert.equal(event?.message, `New size: 4; reason: ${above}`);
  assert.equal(event?.source?.component, 'horizontal-pod-autoscaler');
  assert.deepEqual(cluster.complaints, []);
});

test('nothing is written while nothing changes, and nothing is done once there are none', async () => {
  const { cluster, admin, usage, autoscaler, look } = await open();
  await using _ = cluster;
  usage.memory = '50Mi';
  await admin.create(Deployment, deployment(2));
  await admin.create(HorizontalPodAutoscaler, byMemory());
  await look();
  const { resourceVersion } = (await autoscaler()).metadata;
  await look();
  await look();
  assert.equal((await autoscaler()).metadata.resourceVersion, resourceVersion);
});

test('fewer come only after a while in which no more were asked for', async () => {
  const { cluster, admin, usage, replicas, look, condition } = await open();
  await using _ = cluster;
  usage.memory = '10Mi';
  await admin.create(Deployment, deployment(5));
  await admin.create(HorizontalPodAutoscaler, byMemory({ minReplicas: 2 }));
  await look();
  assert.equal(await replicas(), 5);
  assert.equal(await condition('AbleToScale'), 'True ScaleDownStabilized');
  for (let passed = 0; passed < 315_000; passed += PERIOD_MS) await look();
  assert.equal(await replicas(), 2);
  assert.equal(await condition('ScalingLimited'), 'True TooFewReplicas');
});

test('a behaviour says how fast', async () => {
  const { cluster, admin, replicas, look, condition } = await open();
  await using _ = cluster;
  const scaleUp = { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] };
  await admin.create(Deployment, deployment(2));
  await admin.create(HorizontalPodAutoscaler, byMemory({ behavior: { scaleUp } }));
  await look();
  assert.equal(await replicas(), 3);
  assert.equal(await condition('ScalingLimited'), 'True ScaleUpLimit');
  await look();
  assert.equal(await replicas(), 3);
  for (let looks = 0; looks < 3; looks++) await look();
  assert.equal(await replicas(), 4);
});

test('limits count without any figures', async () => {
  const { cluster, admin, usage, replicas, look, events } = await open();
  await using _ = cluster;
  usage.memory = undefined;
  await admin.create(Deployment, deployment(1));
  await admin.create(HorizontalPodAutoscaler, byMemory({ minReplicas: 3, maxReplicas: 5 }));
  await look();
  assert.equal(await replicas(), 3);
  await admin.patch(Deployment, REF, { type: 'merge', body: { spec: { replicas: 8 } } });
  await look();
  assert.equal(await replicas(), 5);
  const messages = (await events()).map(({ message }) => message).sort();
  assert.deepEqual(messages, [
    'New size: 3; reason: Current number of replicas below Spec.MinReplicas',
    'New size: 5; reason: Current number of replicas above Spec.MaxReplicas',
  ]);
});

test('what cannot be measured is said, and leaves alone what is there', async () => {
  const { cluster, admin, usage, autoscaler, replicas, look, condition, events } = await open();
  await using _ = cluster;
  usage.memory = undefined;
  await admin.create(Deployment, deployment(2));
  await admin.create(HorizontalPodAutoscaler, byMemory());
  await look();
  assert.equal(await replicas(), 2);
  assert.equal(await condition('ScalingActive'), 'False FailedGetResourceMetric');
  assert.equal((await autoscaler()).status.currentReplicas, 2);
  const none = 'unable to fetch metrics from resource metrics API: no metrics returned from resource metrics API';
  const failed = 'failed to get memory utilization: unable to get metrics for resource memory';
  const short = failed + none.slice(none.indexOf(': no metrics'));
  const found = Object.fromEntries((await events()).map(({ reason, message }) => [reason, message]));
  assert.deepEqual(found, {
    FailedGetResourceMetric: short,
    FailedComputeMetricsReplicas: `invalid metrics (1 invalid out of 1), first error is: failed to get memory resource metric value: ${short}`,
  });
  assert.deepEqual(cluster.complaints, []);
});

test('a target that is not there, one that is off, and one of a kind that cannot be scaled', async () => {
  const { cluster, admin, autoscaler, look, condition, events } = await open();
  await using _ = cluster;
  await admin.create(HorizontalPodAutoscaler, byMemory());
  await look();
  assert.equal(await condition('AbleToScale'), 'False FailedGetScale');
  assert.equal((await events())[0]?.message, 'deployments.apps "web" not found');
  await admin.create(Deployment, deployment(0));
  await look();
  assert.equal(await condition('ScalingActive'), 'False ScalingDisabled');
  assert.equal((await autoscaler()).status.desiredReplicas, 0);
  const body = { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'web' } } };
  await admin.patch(HorizontalPodAutoscaler, REF, { type: 'merge', body });
  await look();
  assert.equal(await condition('AbleToScale'), 'False FailedGetScale');
});

test('pods that two autoscalers want to scale are scaled by neither', async () => {
  const { cluster, admin, replicas, look } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment(2));
  for (const name of ['a', 'b']) {
    await admin.create(HorizontalPodAutoscaler, { ...byMemory(), metadata: { ...REF, name } });
  }
  await look();
  await look();
  const { items } = await admin.list(HorizontalPodAutoscaler, { namespace: 'default' });
  const active = items.map(({ status }) => status.conditions?.find(({ type }) => type === 'ScalingActive')?.reason);
  assert.deepEqual(active, ['AmbiguousSelector', 'AmbiguousSelector']);
  assert.ok(((await replicas()) ?? 0) <= 4);
});

test('an autoscaler of the first version is one, too', async () => {
  const { cluster, admin, replicas, look, autoscaler } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment(1, { cpu: '50m' }));
  await admin.request('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
    body: {
      metadata: { name: 'web' },
      spec: {
        maxReplicas: 10,
        minReplicas: 2,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        targetCPUUtilizationPercentage: 5,
      },
    },
  });
  await look();
  assert.equal(await replicas(), 2);
  assert.equal((await autoscaler()).status.desiredReplicas, 2);
});
