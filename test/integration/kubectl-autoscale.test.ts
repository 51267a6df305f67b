// Autoscaling as users set it up, all the way: simulated pods that use CPU, the agents' figures, metrics.k8s.io, the
// autoscaler, the deployment. The manifests are of a course for beginners.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Deployment } from '../../src/api/apps/deployment.ts';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';
import { until } from '../support/until.ts';

/** The controller looks every 15 seconds, the first time after 15. */
const LIMIT_MS = 90_000;

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ngx-hpa-dep
spec:
  replicas: 1
  selector:
    matchLabels:
      app: ngx-hpa-dep
  template:
    metadata:
      labels:
        app: ngx-hpa-dep
      annotations:
        simulated.typernetes.io/cpu: 5m
    spec:
      containers:
      - name: nginx
        image: nginx:alpine
        resources:
          requests:
            cpu: 50m
            memory: 10Mi
`;
const AUTOSCALER = `
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata:
  name: ngx-hpa
spec:
  maxReplicas: 10
  minReplicas: 2
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ngx-hpa-dep
  targetCPUUtilizationPercentage: 5
`;

describe('kubectl with autoscalers', () => {
  let cluster: ServedCluster;
  let inside: Awaited<ReturnType<ServedCluster['inNamespace']>>;
  before(async () => {
    cluster = await servedCluster({ simulatedNodes: 1 });
    inside = await cluster.inNamespace('scaled');
    // The controller has looked at it when the other test has come to its end.
    const renamed = (manifest: string) => manifest.replaceAll(/ngx-hpa(-dep)?/g, 'silent');
    await inside.kubectl('apply -f -', { stdin: renamed(DEPLOYMENT).replace(/ +resources:[\s\S]*/, '') });
    await inside.kubectl('apply -f -', { stdin: renamed(AUTOSCALER).replace('minReplicas: 2', 'minReplicas: 1') });
  });
  after(() => cluster[Symbol.asyncDispose]());

  test('a deployment grows to its least, and then by what its pods use', async () => {
    await inside.kubectl('apply -f -', { stdin: DEPLOYMENT });
    await inside.kubectl('apply -f -', { stdin: AUTOSCALER });
    const ref = { namespace: 'scaled', name: 'ngx-hpa-dep' };
    const replicas = async () => (await cluster.admin.get(Deployment, ref)).spec.replicas ?? 0;
    await until(async () => (await replicas()) === 2, { withinMs: LIMIT_MS });
    await until(async () => (await replicas()) >= 4, { withinMs: LIMIT_MS });
    assert.match(await inside.kubectl('get hpa ngx-hpa'), /Deployment\/ngx-hpa-dep\s+cpu: 10%\/5%\s+2\s+10\s+\d+/);
    const described = await inside.kubectl('describe hpa ngx-hpa');
    assert.match(
      described,
      /SuccessfulRescale.*New size: 2; reason: Current number of replicas below Spec.MinReplicas/,
    );
    assert.match(described, /New size: 4; reason: cpu resource utilization \(percentage of request\) above target/);
    assert.match(described, /ScalingActive\s+True\s+ValidMetricFound/);
    assert.deepEqual(cluster.errors, []);
  });

  test('WL-073 WL-076 one whose pods ask for nothing is left as it is, and it is said why', async () => {
    assert.match(await inside.kubectl('get hpa silent'), /Deployment\/silent\s+cpu: <unknown>\/5%\s+1\s+10\s+1\s/);
    const described = await inside.kubectl('describe hpa silent');
    assert.match(described, /ScalingActive\s+False\s+FailedGetResourceMetric/);
    assert.match(
      described,
      /Warning\s+FailedGetResourceMetric\s.*failed to get cpu utilization: missing request for cpu in container nginx of Pod silent-/,
    );
  });
});
