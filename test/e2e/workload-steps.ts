// The workloads of the specification with real containers: jobs, cron jobs, daemon sets, stateful sets with volumes,
// quotas, limits and autoscaling. Steps of a user's session with a cluster (cluster.test.ts); what takes its time is begun
// in the first one and looked at again in the last.

import assert from 'node:assert/strict';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, type TestCluster } from './test-cluster.ts';

const MANIFESTS = join(import.meta.dirname, 'manifests');
/** A minute of a cron job, and a job. */
const CRON_MS = 90_000;
const HOST_PATH = 'typernetes.io/host-path';

export function workloadSteps(cluster: () => TestCluster): void {
  const kubectl: TestCluster['kubectl'] = (line, options) => cluster().kubectl(line, options);
  const refusal = async (line: string, stdin: string) => (await cluster().tryKubectl(line, { stdin })).stderr;
  const apply = (flags: string, ...files: readonly string[]) =>
    kubectl(`apply ${flags}`, { args: files.flatMap((file) => ['-f', join(MANIFESTS, file)]) });
  const manifest = (file: string) => readFile(join(MANIFESTS, file), 'utf8');
  const rows = (line: string, expected: RegExp, withinMs = 60_000) =>
    eventually(
      `"${line}" to match ${expected}`,
      () => kubectl(line),
      (said) => expected.test(said),
      { withinMs },
    );

  test('jobs, cron jobs and autoscaling begin', async () => {
    await apply('', '05-echo-cj.yaml', 'R06-cronjob-demo.yaml', '21-ngx-hpa.yaml', 'R08-ngx-hpa-dep.yaml');
    await apply('', '04-echo-job.yaml', 'R01-job-demo.yaml', '11-redis-ds.yaml');
    await apply('-n app', 'R02-job-demo2.yaml');
    const template = await manifest('R03-job-tmpl.yaml');
    for (const item of ['apple', 'banana', 'cherry']) {
      await kubectl('create -f -', { stdin: template.replaceAll('$ITEM', item) });
    }
  });

  test('a daemon set has a pod on every node', async () => {
    await rows('get ds redis-ds --no-headers', /^redis-ds\s+1\s+1\s+1\s+1\s+1\s/);
    const [pod = ''] = (await kubectl('get pods -l name=redis-ds -o name')).split('\n');
    assert.equal(await kubectl(`exec ${pod} -- redis-cli ping`), 'PONG\n');
  });

  for (const [kind, apiVersion] of [
    ['ReplicaSet', 'apps/v1'],
    ['ReplicationController', 'v1'],
  ] as const) {
    test(`[sig-apps] ${kind} should serve a basic image on each replica with a public image`, async () => {
      await kubectl('create -f -', { stdin: serving(kind, apiVersion) });
      const pods = (await rows('get pods -l name=basic -o name', /^(pod\/basic-\w{5}\n){2}$/)).trim().split('\n');
      await kubectl('wait pod -l name=basic --for=condition=Ready --timeout=60s');
      for (const pod of pods) {
        const name = pod.replace('pod/', '');
        await rows(`get --raw /api/v1/namespaces/default/pods/${name}:9376/proxy/`, new RegExp(`^${name}\n$`));
      }
      await kubectl(`delete ${kind} basic`);
    });
  }

  test('jobs run their pods to the end, so many at a time', async () => {
    await rows('get job echo-job --no-headers', /^echo-job\s+Complete\s+4\/4\s/);
    assert.match(await kubectl('logs job/echo-job'), /^hello world$/m);
    for (const item of ['apple', 'banana', 'cherry']) {
      await rows(`get job process-item-${item} --no-headers`, /\sComplete\s+1\/1\s/);
      assert.equal(await kubectl(`logs job/process-item-${item}`), `Processing item ${item}\n`);
    }
    assert.match(await kubectl('get pods -l jobgroup=jobexample'), /process-item-apple-\w{5}\s+0\/1\s+Completed\s+0/);
    await rows('get job pi --no-headers', /^pi\s+Complete\s+1\/1\s/, 90_000);
    const pi = (await kubectl('logs job/pi')).replaceAll('\\\n', '').trim();
    assert.match(pi, /^3\.14159265358979323846264338327950288419716939937510582097494459230\d+$/);
    assert.equal(pi.length, 10_002);
    assert.match(
      await kubectl('describe job pi'),
      /^Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed$/m,
    );
    await rows('get job pi -n app --no-headers', /^pi\s+Complete\s+4\/4\s/, 90_000);
    await kubectl('delete job pi -n app');
  });

  test('jobs share a queue of work', async () => {
    await kubectl('run rabbitmq --image=redis:5-alpine --port=5672 --expose -- redis-server --port 5672');
    await kubectl('expose pod rabbitmq --name=rabbitmq-service --port=5672');
    await kubectl('wait pod rabbitmq --for=condition=Ready --timeout=60s');
    for (const queue of ['job1', 'job2']) {
      const items = ['apple', 'banana', 'cherry', 'date', 'fig', 'grape', 'lemon', 'melon'];
      await kubectl(`exec rabbitmq -- redis-cli -p 5672 rpush ${queue} ${items.join(' ')}`);
    }
    await apply('', 'R04-job-mq.yaml', 'R05-job-parallelism.yaml');
    await rows('get job job-wq-1 --no-headers', /^job-wq-1\s+Complete\s+8\/8\s/);
    await rows('get job job-wq-2 --no-headers', /^job-wq-2\s+Complete\s+2\/1 of 2\s/);
    const logs = (job: string) => kubectl(`logs -l job-name=${job} --tail=-1`);
    assert.equal((await logs('job-wq-1')).match(/^Processing \w+$/gm)?.length, 8);
    assert.equal((await logs('job-wq-2')).match(/^Processing \w+$/gm)?.length, 8);
    await kubectl('delete job job-wq-1 job-wq-2');
    await kubectl('delete pod/rabbitmq service/rabbitmq service/rabbitmq-service --now');
  });

  test('a volume that was made by hand is bound to a claim, and is a directory of the node', async () => {
    const directory = '/tmp/host-10m-pv';
    await apply('', '13-host-10m-pv.yaml');
    await rows('get pv host-10m-pv --no-headers', /^host-10m-pv\s+10Mi\s+RWO\s+Retain\s+Available\s+host-test\s/);
    await apply('', '14-host-5m-pvc.yaml', '15-host-pvc-pod.yaml');
    await rows('get pvc host-5m-pvc --no-headers', /^host-5m-pvc\s+Bound\s+host-10m-pv\s+10Mi\s+RWO\s+host-test\s/);
    await kubectl('wait pod host-pvc-pod --for=condition=Ready --timeout=60s');
    try {
      await kubectl('exec host-pvc-pod --', { args: ['sh', '-c', 'echo here > /tmp/a.txt'] });
      assert.equal(await readFile(join(directory, 'a.txt'), 'utf8'), 'here\n');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
    await kubectl('delete pod/host-pvc-pod pvc/host-5m-pvc --now');
    await rows('get pv host-10m-pv --no-headers', /\sRetain\s+Released\s+default\/host-5m-pvc\s/);
    await kubectl('delete pv host-10m-pv');
  });

  test('stateful sets keep their volumes, which are directories of the node', async () => {
    assert.match(
      await kubectl('get sc --no-headers'),
      new RegExp(`^host-path \\(default\\)\\s+${HOST_PATH}\\s+Delete\\s`),
    );
    await kubectl('create -f -', { stdin: CLASS });
    await apply('', 'R09-redis-svc.yaml', '18-redis-sts.yaml', '27-web-statefulset.yaml');
    await rows('get sts redis-sts --no-headers', /^redis-sts\s+2\/2\s/, 90_000);
    await rows('get sts web --no-headers', /^web\s+2\/2\s/, 90_000);
    const claims = await kubectl('get pvc --no-headers');
    for (const [name, size, mode, of] of [
      ['redis-100m-pvc-redis-sts-0', '100Mi', 'RWX', 'nfs-client'],
      ['redis-100m-pvc-redis-sts-1', '100Mi', 'RWX', 'nfs-client'],
      ['www-web-0', '1Gi', 'RWO', 'host-path'],
      ['www-web-1', '1Gi', 'RWO', 'host-path'],
    ]) {
      assert.match(claims, new RegExp(`^${name}\\s+Bound\\s+pvc-\\S+\\s+${size}\\s+${mode}\\s+${of}\\s`, 'm'));
    }
    assert.equal(await kubectl('exec redis-sts-0 -- redis-cli set who first'), 'OK\n');
    assert.equal(await kubectl('exec redis-sts-0 -- redis-cli save'), 'OK\n');
    await kubectl('exec web-1 --', { args: ['sh', '-c', 'echo second > /usr/share/nginx/html/index.html'] });
    // One after the other: kubectl waits for ever for a pod that is replaced while it begins to wait for it, as the second
    // of two that end at the same time may be.
    await kubectl('delete pod redis-sts-0 --now');
    await kubectl('delete pod web-1 --now');
    await rows('get sts redis-sts web --no-headers', /^redis-sts\s+2\/2\s.*\nweb\s+2\/2\s/);
    assert.equal(await kubectl('exec redis-sts-0 -- redis-cli get who'), 'first\n');
    assert.equal(await kubectl('exec redis-sts-0 -- redis-cli -h redis-sts-1.redis-svc dbsize'), '0\n');
    assert.equal(await kubectl('exec web-0 -- wget -q -O - http://web-1.nginx'), 'second\n');
  });

  test('volumes go with their claims, and the claims when they are deleted', async () => {
    const name = await kubectl('get pvc www-web-1 -o jsonpath={.spec.volumeName}');
    const path = await kubectl(`get pv ${name} -o jsonpath={.spec.hostPath.path}`);
    await access(path);
    await kubectl('delete sts web redis-sts');
    await kubectl('delete pvc --all');
    await eventually(
      'the volumes to go',
      () => kubectl('get pv -o name'),
      (names) => names === '',
    );
    await assert.rejects(access(path), { code: 'ENOENT' });
    await kubectl('delete svc nginx redis-svc');
    await kubectl('delete sc nfs-client');
  });

  test('a namespace has a quota, and limits for what its pods leave open', async () => {
    await apply('', '19-dev-qt.yaml');
    await rows('describe quota dev-qt -n dev-ns', /^requests\.storage\s+0\s+100Gi$/m);
    const described = await kubectl('describe quota dev-qt -n dev-ns');
    assert.equal(described.split('\n').filter((line) => /^[\w./]+ +\d\S* +\d\S*$/.test(line)).length, 13);
    const pod = podWith('plain', '{}');
    assert.match(await refusal('create -n dev-ns -f -', pod), /failed quota: dev-qt: must specify limits\.cpu/);
    await apply('', '20-dev-limits.yaml');
    await kubectl('create -n dev-ns -f -', { stdin: pod });
    const resources = await kubectl('get pod plain -n dev-ns -o jsonpath={.spec.containers[0].resources}');
    assert.deepEqual(JSON.parse(resources), {
      limits: { cpu: '500m', memory: '100Mi' },
      requests: { cpu: '200m', memory: '50Mi' },
    });
    const much = podWith('much', '{limits: {cpu: 900m}}');
    assert.match(
      await refusal('create -n dev-ns -f -', much),
      /forbidden: maximum cpu usage per Pod is 800m, but limit is 900m/,
    );
    await rows('describe quota dev-qt -n dev-ns', /^pods\s+1\s+100$/m);
    await kubectl('delete pod plain -n dev-ns --now');
  });

  test('a container is as large as its namespace lets it be', async () => {
    await apply('-n web', '22-example-limit-range.yaml');
    const sized = (cpu: string) => podWith('sized', `{limits: {cpu: ${cpu}, memory: 200Mi}}`);
    const create = 'create -n web --dry-run=server -f -';
    assert.match(await refusal(create, sized('5')), /maximum cpu usage per Container is 4, but limit is 5/);
    assert.match(await refusal(create, sized('100m')), /minimum cpu usage per Container is 250m, but request is 100m/);
    assert.equal(await kubectl(create, { stdin: sized('1') }), 'pod/sized created (server dry run)\n');
  });

  test('a deployment is replaced and applied with another image', async () => {
    const first = await manifest('R07-nginx.yaml');
    const second = first.replace('nginx:1.9.1', 'nginx:1.7.9');
    const rollout = () => kubectl('rollout status -n app deployment/nginx-deployment --timeout=90s');
    await kubectl('create -n app -f -', { stdin: first });
    await rollout();
    await kubectl('replace -n app -f -', { stdin: second });
    await rollout();
    assert.match(
      await kubectl('get deploy nginx-deployment -n app -o wide --no-headers'),
      /^nginx-deployment\s+2\/2\s.*\snginx:1\.7\.9\s/,
    );
    await kubectl('apply -n app -f -', { stdin: first });
    await rollout();
    await kubectl('delete deploy nginx-deployment -n app');
  });

  test('what is busy is seen, and scaled', async () => {
    await rows('get hpa ngx-hpa --no-headers', /\scpu: \d+%\/5%\s+2\s+10\s+[2-9]\s/, 90_000);
    const ip = await kubectl('get pods -l app=ngx-hpa-dep -o jsonpath={.items[0].status.podIP}');
    await kubectl('run load --image=busybox --restart=Never --', {
      args: ['sh', '-c', `while wget -q -O /dev/null http://${ip}/; do :; done`],
    });
    await rows('get deploy ngx-hpa-dep -o jsonpath={.spec.replicas}', /^([3-9]|10)$/, 90_000);
    assert.match(await kubectl('top nodes --no-headers'), /^\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/);
    assert.match(await kubectl('top pods -l app=ngx-hpa-dep --no-headers'), /^ngx-hpa-dep-\S+\s+\d+m\s+\d+Mi/);
    assert.match(await kubectl('describe hpa ngx-hpa'), /SuccessfulRescale/);
    await kubectl('delete hpa/ngx-hpa deploy/ngx-hpa-dep');
    await kubectl('delete pod load --now');
  });

  test('cron jobs start a job every minute', async () => {
    for (const [name, log] of [
      ['echo-cj', /^hello world$/m],
      ['hello', /^Hello from the Kubernetes cluster$/m],
    ] as const) {
      const done = new RegExp(`^(${name}-\\d+)\\s+Complete\\s+1/1\\s`, 'm');
      const [, job] = done.exec(await rows('get jobs --no-headers', done, CRON_MS)) ?? [];
      assert.match(await kubectl(`logs job/${job}`), log);
      assert.match(
        await kubectl(`get cronjob ${name} --no-headers`),
        /\*\/1 \* \* \* \*\s+<none>\s+False\s+\d\s+\d+s\s/,
      );
    }
    await kubectl('delete cronjob echo-cj hello');
    await kubectl('delete job --all');
    await kubectl('delete ds redis-ds');
  });
}

/** What the specification's stateful set asks for, as directories of the node. */
const CLASS = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: nfs-client
provisioner: ${HOST_PATH}
`;

/** Each pod tells its own name. */
function serving(kind: string, apiVersion: string): string {
  const labels = { name: 'basic' };
  const command = ['sh', '-c', 'hostname > /tmp/index.html; exec httpd -f -p 9376 -h /tmp'];
  const template = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'busybox', command }] },
  };
  const selector = kind === 'ReplicaSet' ? { matchLabels: labels } : labels;
  return JSON.stringify({ apiVersion, kind, metadata: { name: 'basic' }, spec: { replicas: 2, selector, template } });
}

function podWith(name: string, resources: string): string {
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  containers:
    - name: main
      image: nginx:alpine
      resources: ${resources}
`;
}
