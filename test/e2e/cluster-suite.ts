// The main job end to end: `./t8s up`, the real kubectl, real containers. The steps build on each other, as a user's do.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensureInstalled } from '../support/system-packages.ts';
import { startAcknowledgedWriter } from './acknowledged-writer.ts';
import { healingSteps } from './healing-steps.ts';
import { nodePrograms } from './node-programs.ts';
import { createTestCluster, eventually, type TestCluster } from './test-cluster.ts';
import { isPodRoute, traces } from './traces.ts';
import { wholeMachine } from './whole-machine.ts';
import { workloadSteps } from './workload-steps.ts';

const MANIFESTS = join(import.meta.dirname, 'manifests');
const skip = await ensureInstalled(nodePrograms);
if (!skip) await wholeMachine();

describe('a cluster from one command', { skip: skip ?? false }, () => {
  let cluster: TestCluster;
  let before_: Awaited<ReturnType<typeof traces>>;

  before(async () => {
    before_ = await traces();
    cluster = await createTestCluster('e2e');
  });
  after(() => cluster?.[Symbol.asyncDispose]());

  const apply = (...files: readonly string[]) =>
    cluster.kubectl('apply', { args: files.flatMap((file) => ['-f', join(MANIFESTS, file)]) });
  const phaseOf = (pod: string) => cluster.kubectl(`get pod ${pod} -o jsonpath={.status.phase}`);
  const isReady = (pod: string) =>
    eventually(
      `pod ${pod} to be ready`,
      () => cluster.kubectl(`get pod ${pod} -o jsonpath={.status.containerStatuses[*].ready}`),
      (ready) => ready === 'true',
      { withinMs: 60_000 },
    );
  const readyReplicas = (deployment: string, count: number) =>
    eventually(
      `${deployment} to have ${count} ready replicas`,
      () =>
        cluster.kubectl(
          `get deployment ${deployment} -o jsonpath={.status.readyReplicas}/{.status.replicas}/{.status.updatedReplicas}`,
        ),
      (figures) => figures === `${count}/${count}/${count}`,
      { withinMs: 90_000 },
    );

  test('up returns when the node is ready and the API can be used', async () => {
    const said = await cluster.t8s('up');
    assert.match(said, /Cluster "e2e" is up: 1 node, Kubernetes v1\.36\.\d+\./);
    assert.match(said, /Context "t8s-e2e" is current/);
    assert.match(await cluster.kubectl('get nodes --no-headers'), /^\S+\s+Ready\s+/);
    assert.equal(await cluster.kubectl('config current-context'), 't8s-e2e\n');
    assert.match(await cluster.t8s('status'), /Nodes: 1 of 1 ready/);
    assert.match(await cluster.t8s('node', 'list').catch(() => cluster.t8s('status')), /ready/i);
  });

  test('up changes nothing when it is run again', async () => {
    const versions = () => cluster.kubectl('get nodes -o jsonpath={.items[*].metadata.uid}');
    const first = await versions();
    assert.match(await cluster.t8s('up'), /is up/);
    assert.equal(await versions(), first);
  });

  test('a pod runs to its end, with arguments expanded from its environment', async () => {
    await apply('01-busy-pod.yaml');
    await eventually(
      'the log of busy-pod',
      () => cluster.kubectl('logs busy-pod'),
      (log) => log === 'ubuntu, on\n',
      { withinMs: 60_000 },
    );
    await eventually(
      'busy-pod to be restarted',
      () => cluster.kubectl('get pod busy-pod -o jsonpath={.status.containerStatuses[0].restartCount}'),
      (count) => Number(count) >= 1,
    );
    const row = () => cluster.kubectl('get pod busy-pod --no-headers');
    await eventually('busy-pod to wait for its next restart', row, (line) => /Completed|CrashLoopBackOff/.test(line));
    await cluster.kubectl('delete pod busy-pod --now');
  });

  test('probes decide about readiness, and a ConfigMap is a directory of files', async () => {
    await apply('02-ngx-conf.yaml', '03-ngx-pod-probe.yaml');
    await isReady('ngx-pod-probe');
    const ip = await cluster.kubectl('get pod ngx-pod-probe -o jsonpath={.status.podIP}');
    assert.equal(await (await fetch(`http://${ip}/ready`)).text(), 'I am ready');
    await cluster.kubectl('delete pod ngx-pod-probe --now');
  });

  test('ConfigMaps and Secrets are variables and files', async () => {
    await apply('06-info-configmap.yaml', '07-user-secret.yaml', '08-env-pod.yaml', '09-vol-pod.yaml');
    const described = await cluster.kubectl('describe cm info');
    for (const key of ['count', 'debug', 'path', 'greeting']) assert.match(described, new RegExp(`^${key}:$`, 'm'));
    const secret = await cluster.kubectl('describe secret user');
    assert.match(secret, /^name:\s+4 bytes$/m);
    assert.match(secret, /^pwd:\s+6 bytes$/m);
    await isReady('env-pod');
    await isReady('vol-pod');
    const env = await cluster.kubectl('exec env-pod -- env');
    assert.match(env, /^COUNT=10$/m);
    assert.match(env, /^USERNAME=root$/m);
    assert.equal(await cluster.kubectl('exec vol-pod -- cat /tmp/cm-items/debug /tmp/sec-items/pwd'), 'on123456');
    await cluster.kubectl('delete pod env-pod vol-pod --now');
  });

  test('a Service is reached by address, by name and by node port', async () => {
    await apply('10-ngx-dep.yaml', '12-ngx-svc.yaml');
    await readyReplicas('ngx-dep', 2);
    assert.match(await cluster.kubectl('get deploy ngx-dep --no-headers'), /^ngx-dep\s+2\/2\s+2\s+2\s/);
    const ip = await cluster.kubectl('get svc ngx-svc -o jsonpath={.spec.clusterIP}');
    await eventually(
      'the cluster address to answer',
      async () => (await fetch(`http://${ip}/`)).status,
      (status) => status === 200,
    );
    await cluster.kubectl('run client --image=busybox --restart=Never --command -- sleep 3600');
    await isReady('client');
    const byName = () => cluster.kubectl('exec client -- wget -q -O - http://ngx-svc.default.svc.cluster.local/');
    await eventually('the service to answer by name', byName, (page) => /nginx/i.test(page));
    await cluster.kubectl('expose deployment ngx-dep --name=ngx-port --type=NodePort --port=80');
    const port = await cluster.kubectl('get svc ngx-port -o jsonpath={.spec.ports[0].nodePort}');
    const address = await cluster.kubectl('get nodes -o jsonpath={.items[0].status.addresses[0].address}');
    await eventually(
      'the node port to answer',
      async () => (await fetch(`http://${address}:${port}/`)).status,
      (status) => status === 200,
    );
  });

  test('a Service, a Pod and a node are reached through the API server', async () => {
    const get = (path: string) => cluster.kubectl(`get --raw /api/v1/${path}`);
    assert.match(await get('namespaces/default/services/ngx-svc:80/proxy/'), /nginx/i);
    const [pod = ''] = (await cluster.kubectl('get pods -l app=ngx-dep -o name')).trim().split('\n');
    assert.match(await get(`namespaces/default/${pod.replace('pod/', 'pods/')}:80/proxy/`), /nginx/i);
    const node = await cluster.kubectl('get nodes -o jsonpath={.items[0].metadata.name}');
    assert.equal(await get(`nodes/${node}/proxy/healthz`), 'ok');
  });

  test('pods reach the API at kubernetes.default with their own token', async () => {
    const token = '/var/run/secrets/kubernetes.io/serviceaccount';
    assert.equal(await cluster.kubectl(`exec client -- cat ${token}/namespace`), 'default');
    await cluster.kubectl('run curl --image=curlimages/curl --restart=Never --command -- sleep 3600');
    await isReady('curl');
    const ask = (path: string) =>
      cluster.kubectl('exec curl --', {
        args: [
          'sh',
          '-c',
          `curl -sS --cacert ${token}/ca.crt -H "Authorization: Bearer $(cat ${token}/token)" https://kubernetes.default${path}`,
        ],
      });
    assert.match(
      await ask('/api/v1/namespaces/default/pods'),
      /pods is forbidden: User \\"system:serviceaccount:default:default\\" cannot list/,
    );
    const answer = await ask('/version');
    assert.match(answer, /"gitVersion": ?"v1\.36/);
  });

  test('kubectl create, scale, set image, rollout and undo move a deployment', async () => {
    await cluster.kubectl('create deployment web --image=nginx:1.7.9 --replicas=2');
    await readyReplicas('web', 2);
    await cluster.kubectl('scale deployment web --replicas=3');
    await readyReplicas('web', 3);
    await cluster.kubectl('set image deployment/web nginx=nginx:1.9.1');
    assert.match(await cluster.kubectl('rollout status deployment/web --timeout=90s'), /successfully rolled out/);
    assert.match(await cluster.kubectl('rollout history deployment/web'), /1\s+<none>\n2\s+<none>/);
    await cluster.kubectl('rollout undo deployment/web');
    await cluster.kubectl('rollout status deployment/web --timeout=90s');
    assert.equal(
      await cluster.kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}'),
      'nginx:1.7.9',
    );
    await cluster.kubectl('rollout pause deployment/web');
    await cluster.kubectl('set image deployment/web nginx=nginx:1.25');
    assert.equal(await cluster.kubectl('get deployment web -o jsonpath={.status.updatedReplicas}'), '');
    await cluster.kubectl('rollout resume deployment/web');
    await cluster.kubectl('rollout status deployment/web --timeout=90s');
    await eventually(
      'only pods with the new image to be left',
      () => cluster.kubectl('get pods -l app=web -o jsonpath={.items[*].spec.containers[0].image}'),
      (images) => images === 'nginx:1.25 nginx:1.25 nginx:1.25',
    );
    await cluster.kubectl('delete deployment web');
    await eventually(
      'the pods of web to go',
      () => cluster.kubectl('get pods -l app=web -o name'),
      (names) => names === '',
      { withinMs: 60_000 },
    );
  });

  test('kubectl prints as it does against upstream', async () => {
    assert.match(
      await cluster.kubectl('get pods -o wide'),
      /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\n/,
    );
    assert.match(await cluster.kubectl('get pod client -o yaml'), /^apiVersion: v1\nkind: Pod\nmetadata:\n/);
    assert.equal(await cluster.kubectl('get pods -l run=client -o name'), 'pod/client\n');
    assert.equal(await cluster.kubectl('label pod client tier=test'), 'pod/client labeled\n');
    assert.match(await cluster.kubectl('get pods -l tier=test --no-headers'), /^client\s+1\/1\s+Running\s+0\s+/);
    assert.match(await cluster.kubectl('describe pod client'), /^Name: +client\n[\s\S]*Events:/);
    assert.match(await cluster.kubectl('explain deployment.spec.replicas'), /replicas <integer>/);
    assert.match(
      await cluster.kubectl('get events'),
      /Scheduled\s+pod\/client\s+Successfully assigned default\/client to /,
    );
    assert.match(
      (await cluster.tryKubectl('get pod missing')).stderr,
      /^Error from server \(NotFound\): pods "missing" not found/,
    );
    const exit = await cluster.tryKubectl('exec client --', { args: ['sh', '-c', 'exit 7'] });
    assert.equal(exit.code, 7);
    assert.equal(await cluster.kubectl('exec -i client -- cat', { stdin: 'to the end\n' }), 'to the end\n');
  });

  test('namespaces, roles and bindings of the specification', async () => {
    await apply('23-my-namespace.yaml', 'R11-namespaces.yaml');
    assert.match(await cluster.kubectl('get ns my-namespace --no-headers'), /^my-namespace\s+Active/);
    await apply(
      '24-example-clusterrole.yaml',
      '25-example-clusterrolebinding.yaml',
      '29-example-role.yaml',
      '30-example-rolebinding.yaml',
    );
    const can = (line: string) => cluster.tryKubectl(`auth can-i ${line}`).then(({ stdout }) => stdout.trim());
    assert.equal(await can('list pods -A --as <EMAIL>'), 'yes');
    assert.equal(await can('list pods -n mynamespace --as example-user'), 'yes');
    assert.equal(await can('list pods -n default --as example-user'), 'no');
    // A binding's role cannot change, but its subjects can, and the role's rules.
    await apply('31-example-clusterrole-pods.yaml', '32-example-clusterrolebinding-user.yaml');
    assert.equal(await can('list pods -n default --as example-user'), 'yes');
    assert.equal(await can('list services -A --as <EMAIL>'), 'no');
    await apply('33-example-sa.yaml');
    assert.match(
      await cluster.kubectl('get sa -n mynamespace -o name'),
      /serviceaccount\/default\nserviceaccount\/example-sa\n/,
    );
    assert.match(await apply('34-example-role-sa.yaml'), /example-role unchanged/);
    await apply('35-example-rolebinding-sa.yaml', '36-example-pod-sa.yaml');
    await isReady('sa-token-test -n mynamespace');
    const as = '--as system:serviceaccount:mynamespace:example-sa -n mynamespace';
    assert.equal(await can(`list pods ${as}`), 'yes');
    assert.equal(await can(`delete pods ${as}`), 'no');
  });

  test('a working directory, hooks and a graceful end', async () => {
    await apply('26-nginx-demo.yaml', '28-lifecycle-demo.yaml');
    await isReady('nginx-demo -n web');
    assert.equal(await cluster.kubectl('exec -n web nginx-demo -- pwd'), '/usr/share/nginx/html\n');
    assert.match(await cluster.kubectl('exec -n web nginx-demo -- env'), /^JVM_OPTS=Xms128m -Xmx128m$/m);
    await isReady('lifecycle-demo');
    assert.equal(
      await cluster.kubectl('exec lifecycle-demo -- cat /usr/share/message'),
      'Hello from the postStart handler\n',
    );
    await cluster.kubectl('delete pod lifecycle-demo --timeout=25s');
  });

  workloadSteps(() => cluster);
  healingSteps(() => cluster);

  test('the death of any one process heals by itself and loses nothing that was acknowledged', async () => {
    const [node = ''] = (await cluster.kubectl('get nodes -o jsonpath={.items[*].metadata.name}')).split(' ');
    const run = join(cluster.dataDir, 'run');
    const pidOf = async (file: string) => Number(/\d+/.exec(await readFile(join(run, file), 'utf8'))?.[0]);
    const container = () =>
      cluster.kubectl(
        'get pod client -o jsonpath={.status.containerStatuses[0].containerID}/{.status.containerStatuses[0].restartCount}',
      );
    const before = await container();
    await using writer = await startAcknowledgedWriter(cluster.dataDir);
    for (const file of ['control-plane.pid', `node-${node}.pid`, join(node, 'containerd.pid')]) {
      const pid = await pidOf(file);
      process.kill(pid, 'SIGKILL');
      await eventually(
        `${file} to name another process`,
        () => pidOf(file),
        (now) => now !== pid,
      );
      await eventually(
        'the API to answer and the node to be ready',
        () => cluster.kubectl('get nodes --no-headers'),
        (row) => /\sReady\s/.test(row),
      );
      await eventually(
        'a command to run in the pod',
        () => cluster.kubectl('exec client -- echo here'),
        (said) => said === 'here\n',
      );
    }
    const { missing, acknowledged } = await writer.finish();
    assert.deepEqual(missing, []);
    assert.ok(acknowledged > 100, `only ${acknowledged} writes were acknowledged`);
    assert.equal(await container(), before);
  });

  test('down and up bring every workload back', async () => {
    const uids = () => cluster.kubectl('get pods -l app=ngx-dep -o jsonpath={.items[*].metadata.uid}');
    const first = await uids();
    await cluster.t8s('down');
    assert.notEqual((await cluster.tryKubectl('get nodes --request-timeout=2s')).code, 0);
    await cluster.t8s('up');
    await readyReplicas('ngx-dep', 2);
    assert.equal(await uids(), first);
    await eventually(
      'the client to run again',
      () => phaseOf('client'),
      (phase) => phase === 'Succeeded' || phase === 'Failed' || phase === 'Running',
    );
  });

  test('delete leaves nothing behind', async () => {
    await cluster.t8s('delete');
    const left = await traces();
    for (const [what, now] of Object.entries(left)) {
      const known = new Set(before_[what as keyof typeof left]);
      const added = now.filter(
        (entry) => (!known.has(entry) && entry.includes(cluster.dataDir)) || isOurs(what, entry, known),
      );
      assert.deepEqual(added, [], `${what} left behind`);
    }
    assert.equal((await readFile(cluster.kubeconfig, 'utf8')).includes('t8s-e2e'), false);
  });
});

/** Routes, rules and control groups do not carry the directory; theirs are told by what they are of. */
function isOurs(what: string, entry: string, known: ReadonlySet<string>): boolean {
  if (known.has(entry)) return false;
  return (what === 'routes' && isPodRoute(entry)) || entry.includes('t8s_e2e') || entry.includes('t8s-e2e/');
}
