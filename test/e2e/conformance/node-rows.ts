// What the specification's rows say of nodes and of what runs on them, where no test of the suite shows it. Each test bears
// the ids of its rows.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { request } from 'node:https';
import { BlockList } from 'node:net';
import { promisify } from 'node:util';
import { Lease } from '../../../src/api/coordination/lease.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Service } from '../../../src/api/core/service.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { ClusterRole } from '../../../src/api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../../src/api/rbac/cluster-role-binding.ts';
import { listMounts } from '../../../src/cri/mount-table.ts';
import { askServer, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

const run = promisify(execFile);

export function nodeRowTests(conformance: Conformance): void {
  conformance(
    'ND-004 ND-014 NO-001 NO-002 NO-005 NO-008 a node says what it has, how it is and where it is asked',
    nodes,
  );
  conformance('ND-014 NO-008 a node answers those who may read it, and nobody else', readers);
  conformance('ND-005 a volume is mounted while its pod is there', mounted);
  conformance('ND-009 a node renews its lease', leases);
  conformance('ND-025 ND-027 ND-028 ND-031 the rules of a node lead to the pods that there are, at random', rules);
}

async function nodes({ client, access, nodes, create, whenReady }: Scene): Promise<void> {
  for (const name of nodes) {
    const { spec, status } = await client.get(Node, { name });
    for (const amounts of [status.capacity, status.allocatable]) {
      for (const resource of ['cpu', 'memory', 'ephemeral-storage', 'pods']) {
        assert.match(amounts?.[resource] ?? '', /^[1-9]/, resource);
      }
    }
    const conditions = new Map(status.conditions?.map(({ type, status }) => [type, status]));
    assert.equal(conditions.get('Ready'), 'True');
    for (const type of ['MemoryPressure', 'DiskPressure', 'PIDPressure'])
      assert.equal(conditions.get(type), 'False', type);
    const port = status.daemonEndpoints?.kubeletEndpoint?.Port;
    assert.equal(port, 10_250);
    assert.equal((await askServer(access, `/api/v1/nodes/${name}:${port}/proxy/healthz`)).text, 'ok');

    await create(`on-${name}`, { nodeSelector: { 'kubernetes.io/hostname': name } });
    const pod = await whenReady(`on-${name}`);
    const [network = '', prefix] = (spec.podCIDR ?? '').split('/');
    const range = new BlockList();
    range.addSubnet(network, Number(prefix));
    assert.ok(range.check(pod.status.podIP ?? ''), `${pod.status.podIP} in ${spec.podCIDR}`);
  }
}

/** As a Prometheus does that reads the nodes: with the token of an account that may read their figures. */
async function readers({ client, access, namespace, nodes }: Scene): Promise<void> {
  const name = `${namespace}-reader`;
  await client.create(ServiceAccount, { metadata: { name: 'reader', namespace } });
  await client.create(ClusterRole, {
    metadata: { name },
    rules: [{ apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }],
  });
  await client.create(ClusterRoleBinding, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
  });
  try {
    const ref = { name: 'reader', namespace };
    const { status } = (await client.act(ServiceAccount, ref, 'token', { spec: {} })) as { status: { token: string } };
    const { status: node } = await client.get(Node, { name: nodes[1]! });
    const { address } = node.addresses!.find(({ type }) => type === 'InternalIP')!;
    const codes = async (token?: string) =>
      Promise.all(
        ['/metrics', '/metrics/resource', '/pods'].map((path) =>
          statusOf(`https://${address}:10250${path}`, { ca: access.ca, token }),
        ),
      );
    assert.deepEqual(await codes(status.token), [200, 200, 403]);
    assert.deepEqual(await codes('nonsense'), [401, 401, 401]);
    assert.deepEqual(await codes(), [401, 401, 401]);
  } finally {
    await client.delete(ClusterRoleBinding, { name });
    await client.delete(ClusterRole, { name });
  }
}

function statusOf(url: string, { ca, token }: { readonly ca: string; readonly token?: string | undefined }) {
  return new Promise<number | undefined>((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = request(url, { ca, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function mounted({ nodes, create, whenReady, remove, isGone }: Scene): Promise<void> {
  await create('pod', {
    nodeSelector: { 'kubernetes.io/hostname': nodes[0]! },
    volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }],
    containers: [shell(untilTold(), { volumeMounts: [{ name: 'memory', mountPath: '/memory' }] })],
  });
  const { metadata } = await whenReady('pod');
  const mounts = async () => (await listMounts()).filter(({ path }) => path.includes(metadata.uid));
  assert.ok((await mounts()).some(({ path, fileSystem }) => fileSystem === 'tmpfs' && path.endsWith('/memory')));
  await remove('pod');
  await until('the pod is gone', () => isGone('pod'));
  assert.deepEqual(await mounts(), []);
}

async function leases({ client, nodes }: Scene): Promise<void> {
  const renewals = () =>
    Promise.all(
      nodes.map(async (name) => (await client.get(Lease, { name, namespace: 'kube-node-lease' })).spec.renewTime ?? ''),
    );
  const before = await renewals();
  await until('both are renewed', async () => (await renewals()).every((time, index) => time > before[index]!));
}

async function rules({ client, namespace, create, whenReady, remove }: Scene): Promise<void> {
  const labels = { app: 'web' };
  const service = await client.create(Service, {
    metadata: { name: 'web', namespace },
    spec: { selector: labels, ports: [{ port: 80 }] },
  });
  const names = ['one', 'two'];
  await Promise.all(names.map((name) => create(name, {}, { labels })));
  const [one, two] = (await Promise.all(names.map(whenReady))).map(({ status }) => status.podIP ?? '');
  const ruleset = async () => (await run('nft', ['list', 'ruleset'])).stdout;
  const dnatTo = (address = '') => new RegExp(`\\b${address.replaceAll('.', '\\.')}\\b.*80`);
  const text = await until('the rules lead to both', async () => {
    const loaded = await ruleset();
    return dnatTo(one).test(loaded) && dnatTo(two).test(loaded) && loaded;
  });
  assert.ok(text.includes(service.spec.clusterIP ?? ''));
  assert.match(text, /numgen random mod 2/);
  await remove('one');
  await until('the rules lead to the other alone', async () => {
    const loaded = await ruleset();
    return !dnatTo(one).test(loaded) && dnatTo(two).test(loaded);
  });
}
