// What users see while things break and change: requests through a Service go on being answered. Steps of a user's session
// with a cluster (cluster.test.ts), named by the rows of the specification that they show.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../../src/base/random.ts';
import { CONTROL_PLANE, componentPid } from '../../src/cluster/component.ts';
import { eventually, type TestCluster } from './test-cluster.ts';
import { startVisitor } from './visitor.ts';

const REPLICAS = 3;
const DELETIONS = 8;
const SILENCE_MS = 3000;
/** Nobody else sleeps as long. */
const SLEEP_SECONDS = '36001';

export function healingSteps(cluster: () => TestCluster): void {
  const kubectl: TestCluster['kubectl'] = (line, options) => cluster().kubectl(line, options);
  const said = (line: string, expected: RegExp, withinMs = 60_000) =>
    eventually(
      `"${line}" to match ${expected}`,
      () => kubectl(line),
      (text) => expected.test(text),
      { withinMs },
    );
  const shopUrl = async () => `http://${await kubectl('get svc shop -o jsonpath={.spec.clusterIP}')}/`;
  const rolledOut = () => kubectl('rollout status deployment/shop --timeout=90s');

  /** Nobody who visits the shop meanwhile may see a failure. */
  async function whileVisited(work: () => Promise<void>): Promise<void> {
    await using visitor = startVisitor(await shopUrl());
    await work();
    const { pages, failures } = await visitor.finish();
    assert.deepEqual(failures, []);
    assert.ok(pages > 20, `only ${pages} pages were asked for`);
  }

  test('WL-001 SH-008 pods that are deleted at random are missed by nobody', async () => {
    await kubectl('create -f -', { stdin: SHOP });
    await rolledOut();
    await eventually('the shop to answer', async () => (await fetch(await shopUrl())).ok);
    const random = seededRandom(8);
    await whileVisited(async () => {
      for (let i = 0; i < DELETIONS; i++) {
        const pods = (await kubectl('get pods -l app=shop -o name --field-selector=status.phase=Running'))
          .trim()
          .split('\n');
        await kubectl(`delete ${pods[Math.floor(random.next() * pods.length)]} --wait=false --ignore-not-found`);
        await rolledOut();
      }
    });
  });

  test('SH-006 an update is seen by nobody', async () => {
    await whileVisited(async () => {
      await kubectl('set image deployment/shop nginx=nginx:1.25');
      await rolledOut();
    });
  });

  test('SH-007 Services answer while the control plane does not', async () => {
    const pid = componentPid(cluster().dataDir, CONTROL_PLANE);
    assert.ok(pid);
    await whileVisited(async () => {
      process.kill(pid, 'SIGSTOP');
      try {
        assert.notEqual((await cluster().tryKubectl('get nodes --request-timeout=1s')).code, 0);
        await wait(SILENCE_MS); // It is silent for a while: that is what is tried here.
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    });
    await said('get nodes --no-headers', /\sReady\s/);
  });

  test('WL-019 WL-022 versions that crash or cannot be pulled are taken back, and the former one serves meanwhile', async () => {
    await whileVisited(async () => {
      await kubectl('set image deployment/shop nginx=nginx:1.91');
      await said('get pods -l app=shop', /ErrImagePull|ImagePullBackOff/);
      await said('get pods -l app=shop', /ImagePullBackOff/);
      assert.match(
        await kubectl('get deploy shop --no-headers'),
        new RegExp(`^shop\\s+${REPLICAS}/${REPLICAS}\\s+1\\s`),
      );
      const { code, stderr } = await cluster().tryKubectl('rollout status deployment/shop --timeout=1s');
      assert.notEqual(code, 0);
      assert.match(stderr, /timed out waiting for the condition/);
      await kubectl('rollout undo deployment/shop');
      await rolledOut();
      await kubectl('patch deployment shop --patch', { args: [CRASHING] });
      await said('get pods -l app=shop', /CrashLoopBackOff/);
      await kubectl('rollout undo deployment/shop');
      await rolledOut();
    });
    await kubectl('delete deployment/shop service/shop');
  });

  test('SH-001 OB-087 a container that is killed is started again, and events tell what happened', async () => {
    await kubectl('run victim --image=busybox --image-pull-policy=Always --command -- sleep', {
      args: [SLEEP_SECONDS],
    });
    await kubectl('wait pod victim --for=condition=Ready --timeout=60s');
    process.kill(await sleeper(), 'SIGKILL');
    await said('get pod victim --no-headers', /^victim\s+1\/1\s+Running\s+1 \(/);
    const events = await kubectl('get events --field-selector=involvedObject.name=victim');
    for (const reason of ['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started']) {
      assert.match(events, new RegExp(`\\s${reason}\\s+pod/victim\\s`));
    }
    await kubectl('delete pod victim --now');
  });

  test('SH-003 a pod that is ill gets no visitors, is started again, and gets them again', async () => {
    await kubectl('create -f -', { stdin: PATIENT });
    await kubectl('wait pod patient --for=condition=Ready --timeout=60s');
    const ready =
      'get endpointslices -l kubernetes.io/service-name=patient -o jsonpath={.items[*].endpoints[*].conditions.ready}';
    await said(ready, /^true$/);
    await kubectl('exec patient -- rm /tmp/ready /tmp/healthy');
    await said(ready, /^false$/, 15_000);
    await said('get pod patient --no-headers', /^patient\s+1\/1\s+Running\s+1 \(/);
    await said(ready, /^true$/);
    await kubectl('delete pod/patient service/patient --now');
  });
}

/** The process in the container, as the machine has it. */
async function sleeper(): Promise<number> {
  for (const entry of await readdir('/proc')) {
    const words = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (words === `sleep\0${SLEEP_SECONDS}\0`) return Number(entry);
  }
  throw new Error('the process is not there');
}

const CRASHING = JSON.stringify({
  spec: { template: { spec: { containers: [{ name: 'nginx', command: ['false'], lifecycle: null }] } } },
});

/** Pods serve on for a second while they are taken out of the rules. */
const SHOP = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: ${REPLICAS}
  selector: { matchLabels: { app: shop } }
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - name: nginx
          image: nginx:alpine
          readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 }
          lifecycle: { preStop: { sleep: { seconds: 1 } } }
---
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ port: 80 }] }
`;

const PATIENT = `
apiVersion: v1
kind: Pod
metadata: { name: patient, labels: { app: patient } }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      image: busybox
      command: [sh, -c, 'touch /tmp/ready /tmp/healthy; sleep 3600']
      readinessProbe: { exec: { command: [cat, /tmp/ready] }, periodSeconds: 1, failureThreshold: 1 }
      livenessProbe: { exec: { command: [cat, /tmp/healthy] }, periodSeconds: 2, failureThreshold: 3 }
---
apiVersion: v1
kind: Service
metadata: { name: patient }
spec: { selector: { app: patient }, ports: [{ port: 80 }] }
`;
