// Workloads under the real kubectl and helm: deployments, their rollouts and their ends, services, nodes and events, on
// simulated nodes.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 3 });
});
after(() => cluster[Symbol.asyncDispose]());

const kubectl: ServedCluster['kubectl'] = (...args) => cluster.kubectl(...args);

describe('kubectl and deployments', () => {
  test('create, describe, scale and delete', async () => {
    const { kubectl: run, refused } = await cluster.inNamespace('basics');
    assert.equal(
      await run('create deployment web --image=nginx:1 --replicas=2 --port=80'),
      'deployment.apps/web created\n',
    );
    assert.match(
      await run('rollout status deployment/web --timeout=20s'),
      /deployment "web" successfully rolled out\n$/,
    );
    assert.equal(await run('wait --for=condition=Available deployment/web'), 'deployment.apps/web condition met\n');
    assert.equal(
      await run(['wait', '--for=jsonpath={.status.readyReplicas}=2', 'deployment/web']),
      'deployment.apps/web condition met\n',
    );
    assert.match(
      await refused('wait --for=condition=Never deployment/web --timeout=1s'),
      /^error: timed out waiting for the condition on deployments\/web\n$/,
    );
    assert.match(
      await run('get deployment web -o wide'),
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\nweb +2\/2 +2 +2 +\d+s +nginx +nginx:1 +app=web\n$/,
    );
    assert.match(await run('get replicasets'), /^NAME +DESIRED +CURRENT +READY +AGE\nweb-\w+ +2 +2 +2 +\d+s\n$/);
    const described = await run('describe deployment web');
    assert.match(described, /^Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable$/m);
    assert.match(described, /^ {2}Available +True +MinimumReplicasAvailable$/m);
    assert.match(described, /^NewReplicaSet: +web-\w+ \(2\/2 replicas created\)$/m);
    assert.match(
      described,
      /Normal +ScalingReplicaSet +\d+s +deployment-controller +Scaled up replica set web-\w+ from 0 to 2$/m,
    );
    assert.equal(await run('scale deployment/web --replicas=4'), 'deployment.apps/web scaled\n');
    assert.equal(
      await refused('scale deployment/web --replicas=1 --current-replicas=9'),
      'error: Expected replicas to be 9, was 4\n',
    );
    await run(['wait', '--for=jsonpath={.status.availableReplicas}=4', 'deployment/web', '--timeout=20s']);
    assert.match(
      await run('get deployment web --subresource=scale'),
      /^NAME +DESIRED +AVAILABLE +AGE\nweb +4 +4 +\d+s\n$/,
    );
    assert.match(
      await run('get all --no-headers'),
      /^pod\/web-[\s\S]*\ndeployment\.apps\/web [\s\S]*\nreplicaset\.apps\/web-/,
    );
    assert.match(
      await refused(['patch', 'deployment', 'web', '-p', '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}']),
      /^The Deployment "web" is invalid: [\s\S]*spec\.selector: Invalid value: [\s\S]*field is immutable/,
    );
    await run('delete deployment web');
    await run('wait --for=delete pod --selector=app=web --timeout=20s');
    assert.equal(await run('get replicasets,pods -o name'), '');
  });

  test('rollouts: set image, history, undo, pause, resume, restart', async () => {
    const { kubectl: run, refused } = await cluster.inNamespace('rollouts');
    const rolledOut = () => run('rollout status deployment/web --timeout=20s');
    await run('create deployment web --image=nginx:1');
    await rolledOut();
    assert.equal(await run('set image deployment/web nginx=nginx:2'), 'deployment.apps/web image updated\n');
    assert.equal(
      await run('annotate deployment/web kubernetes.io/change-cause=second'),
      'deployment.apps/web annotated\n',
    );
    await rolledOut();
    assert.equal(
      await run('rollout history deployment/web'),
      'deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         second\n\n',
    );
    assert.match(
      await run('rollout history deployment/web --revision=1'),
      /^deployment\.apps\/web with revision #1\nPod Template:\n[\s\S]*Image:\tnginx:1$/m,
    );
    assert.equal(await run('rollout undo deployment/web'), 'deployment.apps/web rolled back\n');
    await rolledOut();
    assert.equal(
      await run(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}']),
      'nginx:1',
    );
    assert.match(await run('rollout history deployment/web'), /\n2 +second\n3 +\S+\n/);
    assert.match(
      await refused('rollout undo deployment/web --to-revision=9'),
      /unable to find specified revision 9 in history/,
    );
    assert.equal(await run('rollout pause deployment/web'), 'deployment.apps/web paused\n');
    assert.equal(await refused('rollout pause deployment/web'), 'error: deployments.apps "web" is already paused\n');
    assert.equal(await run('set env deployment/web COLOR=blue'), 'deployment.apps/web env updated\n');
    assert.equal(
      await run('set resources deployment/web --limits=cpu=200m,memory=64Mi'),
      'deployment.apps/web resource requirements updated\n',
    );
    assert.equal((await run('get replicasets -o name')).trimEnd().split('\n').length, 2);
    assert.equal(await run('rollout resume deployment/web'), 'deployment.apps/web resumed\n');
    await rolledOut();
    assert.equal((await run('get replicasets -o name')).trimEnd().split('\n').length, 3);
    assert.equal(await run('rollout restart deployment/web'), 'deployment.apps/web restarted\n');
    await rolledOut();
    const pods = '{.items[*].spec.containers[0].env[0].value} {.items[*].metadata.annotations}';
    assert.match(
      await run(['get', 'pods', '-o', `jsonpath=${pods}`]),
      /^blue .*"kubectl\.kubernetes\.io\/restartedAt"/,
    );
  });

  test('deleting them orphans, foreground and background', async () => {
    const { kubectl: run } = await cluster.inNamespace('cascades');
    const left = () => run(['get', 'deployments,replicasets,pods', '-o', 'jsonpath={.items[*].kind}']);
    const create = async () => {
      await run('create deployment web --image=nginx');
      await run('rollout status deployment/web --timeout=20s');
    };
    await create();
    await run('delete deployment web --cascade=orphan');
    assert.equal(await left(), 'ReplicaSet Pod');
    const owners = () => run(['get', 'replicasets', '-o', 'jsonpath={.items[*].metadata.ownerReferences[*].kind}']);
    assert.equal(await owners(), '');
    // A deployment of the same name and template takes over what it finds.
    await create();
    assert.equal(await owners(), 'Deployment');
    await run('delete deployment web --cascade=foreground');
    assert.equal(await left(), '');
    await create();
    await run('delete deployment web --cascade=background');
    await run('wait --for=delete pod --selector=app=web --timeout=20s');
    assert.equal(await left(), '');
  });
});

describe('kubectl and the rest of a cluster', () => {
  test('services lead to the pods that they select', async () => {
    const { kubectl: run, refused } = await cluster.inNamespace('services');
    await run('create deployment web --image=nginx --replicas=2');
    await run('rollout status deployment/web --timeout=20s');
    assert.equal(
      await run('expose deployment web --port=80 --target-port=8080 --type=NodePort'),
      'service/web exposed\n',
    );
    assert.match(
      await run('get service web'),
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nweb +NodePort +10\.\S+ +<none> +80:3\d{4}\/TCP +\d+s\n$/,
    );
    await run([
      'wait',
      '--for=jsonpath={.endpoints[1].conditions.ready}=true',
      'endpointslice',
      '-l',
      'kubernetes.io/service-name=web',
      '--timeout=20s',
    ]);
    const described = await run('describe service web');
    assert.match(described, /^Endpoints: +100\.[\d.]+:8080,100\.[\d.]+:8080$/m);
    assert.match(described, /^TargetPort: +8080\/TCP$/m);
    assert.match(await run('get endpoints web --no-headers'), /^web +100\.[\d.]+:8080,100\.[\d.]+:8080 +\d+s$/m);
    assert.match(
      await refused('expose deployment web --port=80'),
      /^Error from server \(AlreadyExists\): services "web" already exists\n$/,
    );
    const taken = await run(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}']);
    assert.match(
      await refused(`create service clusterip twin --clusterip=${taken} --tcp=80`),
      /spec\.clusterIPs: Invalid value: \["[\d.]+"\]: failed to allocate IP [\d.]+: provided IP is already allocated\n$/,
    );
  });

  test('nodes are described, cordoned, tainted and drained', async () => {
    const { kubectl: run } = await cluster.inNamespace('nodes');
    assert.match(await kubectl('get nodes --no-headers'), /^simulated-1 +Ready +<none> +\d+s +v1\.36\.\d+\n/);
    const described = await kubectl('describe node simulated-1');
    assert.match(described, /^ {2}Ready +True .* KubeletReady +kubelet is posting ready status$/m);
    assert.match(described, /^Allocated resources:$/m);
    await run('create deployment web --image=nginx --replicas=6');
    await run('rollout status deployment/web --timeout=20s');
    const on = (node: string) => run(`get pods --field-selector=spec.nodeName=${node} -o name`);
    assert.notEqual(await on('simulated-2'), '');
    assert.equal(await kubectl('cordon simulated-2'), 'node/simulated-2 cordoned\n');
    assert.match(await kubectl('get node simulated-2 --no-headers'), /Ready,SchedulingDisabled/);
    assert.match(
      await kubectl('drain simulated-2 --timeout=20s'),
      /evicting pod nodes\/web-[\s\S]*\nnode\/simulated-2 drained\n$/,
    );
    assert.equal(await on('simulated-2'), '');
    assert.equal(await kubectl('uncordon simulated-2'), 'node/simulated-2 uncordoned\n');
    assert.equal(await kubectl('taint nodes simulated-3 maintenance=true:NoExecute'), 'node/simulated-3 tainted\n');
    await run('wait --for=delete pod --field-selector=spec.nodeName=simulated-3 --timeout=20s');
    assert.equal(await kubectl('taint nodes simulated-3 maintenance-'), 'node/simulated-3 untainted\n');
  });

  test('pods that fit nowhere say why', async () => {
    const { kubectl: run } = await cluster.inNamespace('unschedulable');
    await run([
      'run',
      'big',
      '--image=i',
      '--overrides={"spec":{"containers":[{"name":"big","image":"i","resources":{"requests":{"cpu":"1000"}}}]}}',
    ]);
    await run([
      'wait',
      '--for=jsonpath={.status.conditions[?(@.type=="PodScheduled")].reason}=Unschedulable',
      'pod/big',
      '--timeout=20s',
    ]);
    assert.match(
      await run('events --for pod/big'),
      /Warning +FailedScheduling +Pod\/big +0\/3 nodes are available: 3 Insufficient cpu\. /,
    );
    assert.match(await run('get events --field-selector=reason=FailedScheduling --no-headers'), /pod\/big/);
    assert.match(await run('get pod big --no-headers'), /^big +0\/1 +Pending +0 /);
    assert.match(await run('describe pod big'), /FailedScheduling +\d+s +default-scheduler +0\/3 nodes are available/);
  });
});

describe('helm', () => {
  const CHART = {
    'Chart.yaml': 'apiVersion: v2\nname: tiny\nversion: 0.1.0\n',
    'values.yaml': 'replicas: 1\n',
    'templates/all.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data: {version: "{{ .Capabilities.KubeVersion.Version }}"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: c, image: nginx}]}
`,
  };
  // Version 4 applies on the client's side when told to.
  const releases = [
    { minor: 27, version: 'v3', flags: '' },
    { minor: 35, version: 'v4', flags: '--server-side=false' },
  ];

  for (const { minor, version, flags } of releases) {
    test(`${version} installs, upgrades, rolls back and uninstalls a chart`, async () => {
      const { kubectl: run } = await cluster.inNamespace(`helm-${version}`);
      const chart = join(cluster.directory, 'chart');
      await mkdir(join(chart, 'templates'), { recursive: true });
      for (const [file, text] of Object.entries(CHART)) await writeFile(join(chart, file), text);
      const helm = async (line: string) => {
        const { code, stdout, stderr } = await cluster.tryHelm(`${line} -n helm-${version}`, { minor });
        assert.equal(code, 0, `helm ${line}: ${stderr}`);
        return stdout;
      };
      assert.match(await helm('version --short'), new RegExp(`^${version}\\.`));
      const replicas = () => run(['get', 'deployment', 'demo', '-o', 'jsonpath={.status.readyReplicas}']);
      assert.match(await helm(`install demo ${chart} ${flags} --wait --timeout=20s`), /^STATUS: deployed$/m);
      assert.equal(await replicas(), '1');
      assert.match(await run(['get', 'configmap', 'demo', '-o', 'jsonpath={.data.version}']), /^v1\.36\./);
      await helm(`upgrade demo ${chart} ${flags} --set replicas=3 --wait --timeout=20s`);
      assert.equal(await replicas(), '3');
      await helm(`rollback demo 1 ${flags} --wait --timeout=20s`);
      assert.equal(await replicas(), '1');
      assert.match(await helm('history demo'), /^3\s.*\tdeployed\s.*\tRollback to 1\s/m);
      await helm('uninstall demo --wait --timeout=20s');
      assert.equal(await run('get deployments,secrets -o name'), '');
    });
  }
});
