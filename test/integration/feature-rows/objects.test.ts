// What the specification's rows about services, volumes, roles and other objects say, done with the real kubectl on
// simulated nodes. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ServedCluster, servedCluster } from '../../support/served-cluster.ts';
import { until } from '../../support/until.ts';
import { web, webSpace } from '../../support/web-workload.ts';

const MANIFESTS = join(import.meta.dirname, '../../e2e/manifests');

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 2 });
});
after(() => cluster[Symbol.asyncDispose]());

const kubectl: ServedCluster['kubectl'] = (...args) => cluster.kubectl(...args);
const applied = (...files: readonly string[]) =>
  kubectl(['apply', ...files.flatMap((file) => ['-f', join(MANIFESTS, `${file}.yaml`)])]);

describe('services', () => {
  test('OB-064 OB-065 OB-066 each type shows as what it is', async () => {
    const { kubectl: run } = await cluster.inNamespace('types');
    await run('create service clusterip inside --tcp=80:8080');
    await run('create service clusterip headless --clusterip=None --tcp=80');
    await run('create service nodeport outside --tcp=80 --node-port=30080');
    await run('create service loadbalancer balanced --tcp=80');
    await run('create service externalname elsewhere --external-name=example.com');
    const rows = (await run('get services --no-headers'))
      .split('\n')
      .map((row) => row.split(/ +/).slice(0, 5).join(' '));
    const address = '10\\.\\d+\\.\\d+\\.\\d+';
    for (const expected of [
      `inside ClusterIP ${address} <none> 80/TCP`,
      'headless ClusterIP None <none> 80/TCP',
      `outside NodePort ${address} <none> 80:30080/TCP`,
      `balanced LoadBalancer ${address} <pending> 80:3\\d{4}/TCP`,
      'elsewhere ExternalName <none> example.com <none>',
    ]) {
      assert.ok(
        rows.some((row) => new RegExp(`^${expected}$`).test(row)),
        `${expected} in ${rows.join('; ')}`,
      );
    }
  });

  test('OB-088 WL-044 endpoints are the addresses of all pods with the label, whoever has made them', async () => {
    const { kubectl: run, tryKubectl, apply, pods, ready } = await webSpace(cluster, 'canary');
    await apply(web('Deployment', { spec: { replicas: 3 } }));
    await run(['create', '-f', '-'], {
      stdin: web('Deployment', { image: 'nginx:2' }).replace('"name":"web"', '"name":"canary"'),
    });
    await run('expose deployment web --port=80');
    await ready(4);
    const addresses = (await pods()).map(({ status }) => status.podIP).sort();
    const slice =
      'get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[*].endpoints[*].addresses[0]}';
    await until(async () => (await run(slice)).split(' ').sort().join(' ') === addresses.join(' '));
    const listed = await tryKubectl('get endpoints,endpointslices --no-headers');
    assert.match(listed.stdout, /^endpoints\/web +100\.[\d.]+:80,.* \+ 1 more\.\.\. /m);
    assert.match(listed.stdout, /^endpointslice\.discovery\.k8s\.io\/web-\w+ +IPv4 +80 +100\./m);
    assert.match(
      listed.stderr,
      /^Warning: v1 Endpoints is deprecated in v1\.33\+; use discovery\.k8s\.io\/v1 EndpointSlice$/m,
    );
  });
});

describe('what is kept for others to act on', () => {
  const INGRESS = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: example.com/nginx}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: sites}
spec:
  ingressClassName: nginx
  tls: [{hosts: [a.example.com], secretName: tls}]
  rules:
    - host: a.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}
          - {path: /two, pathType: Exact, backend: {service: {name: two, port: {name: http}}}}
    - host: b.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;

  test('OB-067 OB-068 OB-069 ingresses, their classes and network policies', async () => {
    const { kubectl: run } = await cluster.inNamespace('edges');
    await run('apply -f -', { stdin: INGRESS });
    assert.match(await run('get ingressclass nginx --no-headers'), /^nginx +example\.com\/nginx +<none> +/);
    assert.match(
      await run('get ingress sites --no-headers'),
      /^sites +nginx +a\.example\.com,b\.example\.com +80, 443 +/,
    );
    const described = await run('describe ingress sites');
    assert.match(described, /^ {2}tls terminates a\.example\.com$/m);
    assert.match(described, /^ +\/two +two:http /m);
    assert.match(await run('get networkpolicy deny-all --no-headers'), /^deny-all +<none> +\d+s\n$/);
    assert.match(await run('describe networkpolicy deny-all'), /Policy Types: Ingress, Egress/);
  });

  test('OB-071 OB-074 volumes on NFS and a class with parameters', async () => {
    await kubectl('apply -f -', { stdin: NFS });
    const described = await kubectl('describe pv nfs-1g-pv');
    assert.match(described, /^ +Server: +192\.168\.10\.208$/m);
    assert.match(described, /^ +Path: +\/tmp\/nfs\/1g-pv$/m);
    const [provisioner, parameters] = ['k8s-sigs.io/nfs-subdir-external-provisioner', 'archiveOnDelete=false'];
    assert.match(
      await kubectl('get sc nfs-client --no-headers'),
      new RegExp(`^nfs-client +${provisioner} +Delete +Immediate +false `),
    );
    assert.match(await kubectl('describe sc nfs-client'), new RegExp(`^Parameters: +${parameters}$`, 'm'));
  });
});

const NFS = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: nfs-1g-pv}
spec:
  storageClassName: nfs
  accessModes: [ReadWriteMany]
  capacity: {storage: 1Gi}
  nfs: {path: /tmp/nfs/1g-pv, server: 192.168.10.208}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: nfs-client}
provisioner: k8s-sigs.io/nfs-subdir-external-provisioner
parameters: {archiveOnDelete: "false"}
`;

describe('the rest', () => {
  test('OB-077 WL-074 WL-078 an autoscaler of version 1 is one of version 2, and its controller has a role', async () => {
    const { kubectl: run } = await cluster.inNamespace('scaled');
    await run(`apply -f ${join(MANIFESTS, '21-ngx-hpa.yaml')}`);
    const path = '{.spec.minReplicas} {.spec.maxReplicas} {.spec.metrics}';
    assert.equal(
      await run(['get', 'hpa.v2.autoscaling', 'ngx-hpa', '-o', `jsonpath=${path}`]),
      '2 10 [{"resource":{"name":"cpu","target":{"averageUtilization":5,"type":"Utilization"}},"type":"Resource"}]',
    );
    const described = await run('describe hpa ngx-hpa');
    assert.match(described, /^Reference: +Deployment\/ngx-hpa-dep$/m);
    assert.match(described, /resource cpu on pods +\(as a percentage of request\): +<unknown> \/ 5%$/m);
    assert.match(described, /^Min replicas: +2\nMax replicas: +10$/m);
    const name = 'system:controller:horizontal-pod-autoscaler';
    assert.match(
      await kubectl(`get clusterrolebinding ${name} -o wide --no-headers`),
      /kube-system\/horizontal-pod-autoscaler\n$/,
    );
  });

  test('OB-078 a namespace becomes active', async () => {
    await applied('23-my-namespace');
    assert.match(await kubectl('get ns my-namespace --no-headers'), /^my-namespace +Active +/);
  });

  test('OB-079 a node says what it has and how it is', async () => {
    const node = JSON.parse(await kubectl('get node simulated-1 -o json'));
    assert.deepEqual(node.status.capacity.cpu, '32');
    assert.ok(node.status.allocatable.memory && node.spec.podCIDR && node.status.daemonEndpoints.kubeletEndpoint.Port);
    assert.equal(node.metadata.labels['kubernetes.io/hostname'], 'simulated-1');
    assert.deepEqual(
      node.status.conditions.map(({ type, status }: { type: string; status: string }) => `${type}=${status}`).sort(),
      ['DiskPressure=False', 'MemoryPressure=False', 'PIDPressure=False', 'Ready=True'],
    );
    assert.deepEqual(
      node.status.addresses.map(({ type }: { type: string }) => type),
      ['InternalIP', 'Hostname', 'InternalDNS'],
    );
    assert.match(node.status.nodeInfo.kubeletVersion, /^v1\.36\./);
    await kubectl('taint node simulated-1 k=v:PreferNoSchedule');
    assert.match(await kubectl('describe node simulated-1'), /^Taints: +k=v:PreferNoSchedule$/m);
    await kubectl('taint node simulated-1 k-');
  });

  test('OB-080 a pod template starts nothing', async () => {
    const { kubectl: run } = await cluster.inNamespace('templates');
    const { template } = JSON.parse(web('Deployment')).spec;
    const podTemplate = { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'web' }, template };
    await run('create -f -', { stdin: JSON.stringify(podTemplate) });
    assert.match(await run('get podtemplates'), /^NAME +CONTAINERS +IMAGES +POD LABELS\nweb +c +nginx:1 +app=web\n$/);
    assert.equal(await run('get pods -o name'), '');
  });

  test('OB-081 OB-082 OB-083 OB-084 OB-085 roles, their bindings and accounts', async () => {
    const { kubectl: run, refused } = await cluster.inNamespace('mynamespace');
    await applied(
      '24-example-clusterrole',
      '25-example-clusterrolebinding',
      '29-example-role',
      '30-example-rolebinding',
    );
    await applied('33-example-sa', '35-example-rolebinding-sa');
    assert.match(await run('describe role example-role'), /^ {2}pods +\[\] +\[\] +\[get watch list\]$/m);
    assert.match(
      await run('describe clusterrole example-clusterrole'),
      /^ {2}services +\[\] +\[\] +\[get list watch\]$/m,
    );
    assert.match(
      await run('describe rolebinding example-rolebinding'),
      /^ {2}ServiceAccount +example-sa +mynamespace$/m,
    );
    assert.match(await run('get sa'), /^example-sa +0 +\d+s$/m);
    const binding = await run('get rolebinding example-rolebinding -o json');
    const strange = binding.replace('"kind": "ServiceAccount"', '"kind": "Robot"');
    assert.equal(
      await refused('replace -f -', { stdin: strange }),
      'The RoleBinding "example-rolebinding" is invalid: subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"\n',
    );
    await kubectl(['create', 'clusterrole', 'monitoring', '--aggregation-rule=part=of-monitoring']);
    await kubectl('create clusterrole monitoring-part --verb=get --resource=endpoints');
    await kubectl('label clusterrole monitoring-part part=of-monitoring');
    await until(async () =>
      /^ {2}endpoints +\[\] +\[\] +\[get\]$/m.test(await kubectl('describe clusterrole monitoring')),
    );
  });

  test('OB-087 events tell what became of a pod', async () => {
    const { kubectl: run } = await cluster.inNamespace('told');
    await run('run p --image=i');
    await until(async () =>
      /Normal +Scheduled +pod\/p +Successfully assigned told\/p to simulated-/.test(await run('get events')),
    );
    assert.match(
      await run('describe pod p'),
      /^Events:\n[\s\S]*Normal +Scheduled +\d+s +default-scheduler +Successfully assigned/m,
    );
    assert.match(await run('get events.events.k8s.io --no-headers'), /pod\/p/);
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});
