// What the real kubectl is refused and why, who may do what, and how things are deleted.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pod } from '../../src/api/core/pod.ts';
import { issueCertificate } from '../../src/cluster/certificate-authority.ts';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';
import { until } from '../support/until.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 1 });
});
after(() => cluster[Symbol.asyncDispose]());

const kubectl: ServedCluster['kubectl'] = (...args) => cluster.kubectl(...args);
const refused: ServedCluster['refused'] = (...args) => cluster.refused(...args);

const pod = (name: string, spec: object = {}, metadata: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { containers: [{ name: 'c', image: 'busybox' }], ...spec },
  });

describe('kubectl is refused', () => {
  const unknown = pod(
    'p',
    { containerz: [], containers: [{ name: 'c', image: 'i', ports: [{ bogus: 1 }] }] },
    { foo: 1 },
  );

  test('unknown fields, or warned of them, as it asks', async () => {
    assert.match(
      await refused('create -f -', { stdin: unknown }),
      /^Error from server \(BadRequest\): error when creating "STDIN": Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "metadata\.foo", unknown field "spec\.containers\[0\]\.ports\[0\]\.bogus", unknown field "spec\.containerz"\n$/,
    );
    const warned = await cluster.tryKubectl('create -f - --validate=warn --dry-run=server', { stdin: unknown });
    assert.deepEqual(warned.stderr.trimEnd().split('\n'), [
      'Warning: unknown field "metadata.foo"',
      'Warning: unknown field "spec.containers[0].ports[0].bogus"',
      'Warning: unknown field "spec.containerz"',
      'The Pod "p" is invalid: spec.containers[0].ports[0].containerPort: Required value',
    ]);
    const ignored = await cluster.tryKubectl('create -f - --validate=ignore --dry-run=server', {
      stdin: pod('p', { nonsense: true }),
    });
    assert.deepEqual([ignored.stdout, ignored.stderr], ['pod/p created (server dry run)\n', '']);
  });

  test('pods that violate the standard of their namespace, and warned of what would', async () => {
    const space = await cluster.inNamespace('secured');
    await space.kubectl('create -f -', { stdin: pod('before', { hostNetwork: true }) });
    const labelled = await cluster.tryKubectl('label namespace secured pod-security.kubernetes.io/enforce=baseline');
    assert.equal(
      labelled.stderr,
      `Warning: existing pods in namespace "secured" violate the new PodSecurity enforce level "baseline:latest"
Warning: before: host namespaces
`,
    );
    const violation = 'PodSecurity "baseline:latest": host namespaces (hostPID)';
    assert.equal(
      await space.refused('create -f -', { stdin: pod('p', { hostPID: true }) }),
      `Error from server (Forbidden): error when creating "STDIN": pods "p" is forbidden: violates ${violation}\n`,
    );
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: { hostPID: true, containers: [{ name: 'c', image: 'i' }] },
        },
      },
    };
    const warned = await space.tryKubectl('create -f -', { stdin: JSON.stringify(deployment) });
    assert.deepEqual(
      [warned.stdout, warned.stderr],
      ['deployment.apps/d created\n', `Warning: would violate ${violation}\n`],
    );
    assert.match(
      await cluster.refused('label namespace secured --overwrite pod-security.kubernetes.io/enforce=strict'),
      /^The Namespace "secured" is invalid: metadata\.labels\[pod-security\.kubernetes\.io\/enforce\]: Invalid value: "strict": must be one of privileged, baseline, restricted\n$/,
    );
  });

  test('everything that is wrong with an object at once', async () => {
    assert.equal(
      await refused('create -f -', { stdin: pod('P_1', { containers: [], restartPolicy: 'Sometimes' }) }),
      `The Pod "P_1" is invalid: 
* metadata.name: Invalid value: "P_1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
* spec.containers: Required value
* spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"
`,
    );
  });

  test('values of another type, kinds that are not served and text that is no manifest', async () => {
    assert.match(
      await refused('create -f -', { stdin: pod('p', { containers: 5 }) }),
      /Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field PodSpec\.spec\.containers of type \[\]v1\.Container\n$/,
    );
    assert.equal(
      await refused('create -f -', { stdin: 'apiVersion: v1\nkind: Nope\nmetadata: {name: p}\n' }),
      'error: resource mapping not found for name: "p" namespace: "" from "STDIN": no matches for kind "Nope" in version "v1"\nensure CRDs are installed first\n',
    );
    assert.match(await refused('create -f -', { stdin: 'a: b: c' }), /^error: error parsing STDIN: /);
  });

  test('bodies of ten megabytes', async () => {
    const text = 'x'.repeat(10 * 1024 * 1024);
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { text } });
    assert.equal(
      await refused('create -f - --validate=ignore', { stdin }),
      'Error from server (RequestEntityTooLarge): error when creating "STDIN": Request entity too large: limit is 3145728\n',
    );
    assert.match(
      await refused(['create', 'configmap', 'big', `--from-literal=text=${text.slice(0, 100_000)}`, ...literals(11)]),
      /^error: failed to create configmap: ConfigMap "big" is invalid: \[\]: Too long: may not be more than 1048576 bytes\n$/,
    );
  });

  test('what others changed meanwhile', async () => {
    await kubectl('create configmap shared --from-literal=n=0');
    const { resourceVersion } = JSON.parse(await kubectl('get configmap shared -o json')).metadata;
    await kubectl(['patch', 'configmap', 'shared', '-p', '{"data":{"n":"1"}}']);
    const stale = JSON.stringify({ metadata: { resourceVersion }, data: { n: '2' } });
    assert.equal(
      await refused(['patch', 'configmap', 'shared', '-p', stale]),
      'Error from server (Conflict): Operation cannot be fulfilled on configmaps "shared": the object has been modified; please apply your changes to the latest version and try again\n',
    );
    const precondition = ['scale', 'deployment', 'none', '--replicas=2'];
    assert.equal(await refused(precondition), 'Error from server (NotFound): deployments.apps "none" not found\n');
  });
});

/** Arguments of 100 kB each, for one of 128 kB is all that the system takes. */
function literals(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `--from-literal=k${index}=${'y'.repeat(100_000)}`);
}

describe('kubectl auth', () => {
  test('tells what a user may do, and users may do no more', async () => {
    const { kubectl: run } = await cluster.inNamespace('team');
    assert.equal(
      await run('create role reader --verb=get,list --resource=pods'),
      'role.rbac.authorization.k8s.io/reader created\n',
    );
    assert.equal(
      await run('create rolebinding readers --role=reader --user=jane'),
      'rolebinding.rbac.authorization.k8s.io/readers created\n',
    );
    assert.equal(await run('auth can-i list pods --as jane'), 'yes\n');
    const no = await cluster.tryKubectl('auth can-i delete pods -n team --as jane');
    assert.deepEqual([no.code, no.stdout], [1, 'no\n']);
    assert.match(await run('auth can-i --list --as jane'), /^pods +\[\] +\[\] +\[get list\]$/m);
    assert.match(await kubectl('auth can-i --list'), /^\*\.\* +\[\] +\[\] +\[\*\]$/m);
    const [resource, user] = ['resource "pods" in API group ""', 'pods is forbidden: User "jane"'];
    assert.equal(
      await refused('get pods --as jane'),
      `Error from server (Forbidden): ${user} cannot list ${resource} in the namespace "default"\n`,
    );
    assert.equal(
      await refused('get pods -A --as jane'),
      `Error from server (Forbidden): ${user} cannot list ${resource} at the cluster scope\n`,
    );
    assert.match(
      await refused('create clusterrole all --verb=* --resource=* --as jane'),
      /clusterroles\.rbac\.authorization\.k8s\.io is forbidden: User "jane" cannot create resource "clusterroles" in API group "rbac\.authorization\.k8s\.io" at the cluster scope\n$/,
    );
    assert.match(await run('describe rolebinding readers'), /^ {2}User {2}jane {2}$/m);
  });

  test('tells who one is, by certificate and by token', async () => {
    assert.match(
      await kubectl('auth whoami'),
      /^ATTRIBUTE +VALUE\nUsername +kubernetes-admin\nGroups +\[kubeadm:cluster-admins system:authenticated\]\n/,
    );
    const { kubectl: run } = await cluster.inNamespace('robots');
    await run('create serviceaccount robot');
    const token = (await run('create token robot --duration=10m')).trim();
    const certificateLess = ['--kubeconfig=/dev/null', `--server=${cluster.url}`, '--insecure-skip-tls-verify'];
    const asRobot = [...certificateLess, `--token=${token}`];
    assert.match(
      await kubectl(['auth', 'whoami', ...asRobot]),
      /Username +system:serviceaccount:robots:robot\n[\s\S]*Groups +\[system:serviceaccounts system:serviceaccounts:robots system:authenticated\]\n/,
    );
    assert.equal(
      await refused(['get', 'pods', ...certificateLess, '--token=nonsense']),
      'error: You must be logged in to the server (Unauthorized)\n',
    );
    await run('delete serviceaccount robot');
    await until(async () => (await cluster.tryKubectl(['auth', 'whoami', ...asRobot])).stderr.includes('Unauthorized'));
    assert.match(await refused('create token robot -n robots'), /serviceaccounts "robot" not found\n$/);
    assert.match(
      await refused('create token default --duration=1m'),
      /spec\.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes\n$/,
    );
  });

  test('knows users by certificates that the cluster has signed', async () => {
    const { ca } = cluster.certificates;
    const issue = (commonName: string, organization: string) =>
      issueCertificate(
        ca,
        { commonName, organizations: [organization], usages: ['client'] },
        { nowMs: Date.now(), lifetimeMs: 3_600_000 },
      );
    const bob = await cluster.kubeconfigFor('bob', issue('bob', 'team-b'));
    assert.match(
      await kubectl(['auth', 'whoami', `--kubeconfig=${bob}`]),
      /Username +bob\n.*Groups +\[team-b system:authenticated\]\n/,
    );
    assert.match(
      await refused(['get', 'nodes', `--kubeconfig=${bob}`]),
      /nodes is forbidden: User "bob" cannot list resource "nodes"/,
    );
  });
});

describe('kubectl delete', () => {
  test('waits for what is deleted, at once or after its grace period', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('deleting');
    for (const name of ['a', 'b', 'c', 'd']) await run(`run ${name} --image=i --labels=app=x`);
    await run('wait --for=condition=Ready pod --all --timeout=20s');
    assert.equal(await run('delete pod a'), 'pod "a" deleted from deleting namespace\n');
    assert.equal(await run('delete pod b --grace-period=1'), 'pod "b" deleted from deleting namespace\n');
    assert.equal(await run('delete pod c --now'), 'pod "c" deleted from deleting namespace\n');
    const forced = await cluster.tryKubectl('delete pod d --grace-period=0 --force -n deleting');
    assert.match(forced.stderr, /^Warning: Immediate deletion does not wait for confirmation/);
    assert.match(forced.stdout, /^pod "d" force deleted/);
    assert.equal(await fails('delete pod a'), 'Error from server (NotFound): pods "a" not found\n');
    assert.equal(await run('delete pod a --ignore-not-found'), '');
    const none = await cluster.tryKubectl('delete pods -l app=x -n deleting');
    assert.deepEqual([none.stdout, none.stderr], ['No resources found\n', '']);
  });

  test('an object with finalizers when the last of them is gone', async () => {
    const { kubectl: run } = await cluster.inNamespace('finalizing');
    await run('create configmap held');
    await run(['patch', 'configmap', 'held', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}']);
    await run('delete configmap held --wait=false');
    assert.match(await run(['get', 'configmap', 'held', '-o', 'jsonpath={.metadata.deletionTimestamp}']), /^\d{4}-/);
    const deleted = run('wait --for=delete configmap/held --timeout=20s');
    await run(['patch', 'configmap', 'held', '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]']);
    await deleted;
    assert.equal(await run('get configmap held --ignore-not-found'), '');
  });

  test('a namespace with all that is in it, and nothing new comes while it goes', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('ending');
    await run('create configmap c');
    await run('create secret generic s --from-literal=a=b');
    await run('run p --image=i');
    await run(['patch', 'configmap', 'c', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}']);
    await kubectl('delete namespace ending --wait=false');
    assert.match(await kubectl('get namespace ending --no-headers'), /^ending +Terminating +\d+s\n$/);
    assert.match(
      await fails('create configmap late'),
      /configmaps "late" is forbidden: unable to create new content in namespace ending because it is being terminated\n$/,
    );
    await until(async () => (await cluster.admin.list(Pod, { namespace: 'ending' })).items.length === 0);
    const remaining = '{.status.conditions[?(@.type=="NamespaceFinalizersRemaining")].message}';
    const message = 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances';
    await until(async () => (await kubectl(['get', 'namespace', 'ending', '-o', `jsonpath=${remaining}`])) === message);
    await run(['patch', 'configmap', 'c', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    await kubectl('wait --for=delete namespace/ending --timeout=20s');
    assert.equal(
      await refused('get namespace ending'),
      'Error from server (NotFound): namespaces "ending" not found\n',
    );
    assert.match(
      await refused('delete namespace default'),
      /namespaces "default" is forbidden: this namespace may not be deleted\n$/,
    );
  });
});
