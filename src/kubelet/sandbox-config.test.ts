import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodShape, type PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { hostsFile } from './hosts-file.ts';
import { namespaceOptions, podFqdn, podHostname, sandboxConfig } from './sandbox-config.ts';

const of = (spec: Partial<PodSpecInput>) => kubeletPod({ spec });
const configOf = (shape: PodShape) =>
  sandboxConfig(kubeletPod(shape), 3, {
    clusterDns: { address: '10.96.0.10', domain: 'cluster.local' },
    hostResolver: { servers: [], searches: [], options: [] },
    logDirectory: '/logs/pod',
    cgroupParent: '/kubepods/pod1',
  });

describe('sandboxConfig', () => {
  test('names the pod and has its labels, which cannot hide whose it is', () => {
    const { metadata, labels, annotations, logDirectory, linux } = configOf({
      metadata: { labels: { app: 'web', 'io.kubernetes.pod.uid': 'forged' }, annotations: { note: 'x' } },
    });
    assert.deepEqual(metadata, { name: 'pod', namespace: 'default', uid: 'uid-pod', attempt: 3 });
    assert.equal(labels?.['app'], 'web');
    assert.equal(labels?.['io.kubernetes.pod.uid'], 'uid-pod');
    assert.deepEqual(annotations, { note: 'x' });
    assert.deepEqual([logDirectory, linux?.cgroupParent], ['/logs/pod', '/kubepods/pod1']);
  });

  test('has no name of its own in the network of the node', () => {
    assert.equal(configOf({}).hostname, 'pod');
    assert.equal(configOf({ spec: { hostNetwork: true } }).hostname, '');
  });

  test('runs as the pod does, and is privileged when a container is', () => {
    const { linux } = configOf({
      spec: {
        securityContext: { runAsUser: 1000, runAsGroup: 2000, sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }] },
        containers: [{ name: 'a' }, { name: 'b', securityContext: { privileged: true } }],
      },
    });
    assert.deepEqual(linux?.sysctls, { 'net.ipv4.ip_forward': '1' });
    const { runAsUser, runAsGroup, privileged } = linux?.securityContext ?? {};
    assert.deepEqual([runAsUser, runAsGroup, privileged], [1000, 2000, true]);
  });
});

test('namespaceOptions share what the pod wants to share', () => {
  assert.deepEqual(namespaceOptions(of({})), { network: 'POD', pid: 'CONTAINER', ipc: 'POD' });
  assert.deepEqual(namespaceOptions(of({ shareProcessNamespace: true })).pid, 'POD');
  const host = namespaceOptions(of({ hostNetwork: true, hostPID: true, hostIPC: true }));
  assert.deepEqual(host, { network: 'NODE', pid: 'NODE', ipc: 'NODE' });
});

describe('podHostname', () => {
  const long = `${'a'.repeat(62)}.${'b'.repeat(20)}`;
  const cases: readonly (readonly [string, PodShape, string, string | undefined])[] = [
    ['the name of the pod', {}, 'pod', undefined],
    ['its own', { spec: { hostname: 'me' } }, 'me', undefined],
    ['cut to what fits, without a dot at its end', { name: long }, 'a'.repeat(62), undefined],
    ['with a subdomain', { spec: { hostname: 'me', subdomain: 'team' } }, 'me', 'me.team.default.svc.cluster.local'],
    ['a subdomain alone', { spec: { subdomain: 'team' } }, 'pod', 'pod.team.default.svc.cluster.local'],
    [
      'as a whole',
      { spec: { hostname: 'me', subdomain: 'team', setHostnameAsFQDN: true } },
      'me.team.default.svc.cluster.local',
      'me.team.default.svc.cluster.local',
    ],
    ['as a whole without a subdomain', { spec: { setHostnameAsFQDN: true } }, 'pod', undefined],
    ['another one altogether', { spec: { hostnameOverride: 'else.where' } }, 'else.where', undefined],
  ];
  for (const [name, shape, hostname, fqdn] of cases) {
    test(name, () => {
      const pod = kubeletPod(shape);
      assert.deepEqual([podHostname(pod, 'cluster.local'), podFqdn(pod, 'cluster.local')], [hostname, fqdn]);
    });
  }
});

describe('hostsFile', () => {
  const fileOf = async (spec: Partial<PodSpecInput>, ips = ['10.244.0.5']) =>
    (await hostsFile(of(spec), ips, 'cluster.local')).split('\n');

  test('begins as programs expect it, and ends with the pod', async () => {
    const lines = await fileOf({});
    assert.equal(lines[0], '# Kubernetes-managed hosts file.');
    assert.ok(lines.includes('127.0.0.1\tlocalhost') && lines.includes('::1\tlocalhost ip6-localhost ip6-loopback'));
    assert.equal(lines.at(-2), '10.244.0.5\tpod');
  });

  test('has the whole name before the short one, for each address', async () => {
    const lines = await fileOf({ hostname: 'me', subdomain: 'team', setHostnameAsFQDN: true }, [
      '10.244.0.5',
      'fd00::5',
    ]);
    assert.ok(lines.includes('10.244.0.5\tme.team.default.svc.cluster.local\tme'));
    assert.ok(lines.includes('fd00::5\tme.team.default.svc.cluster.local\tme'));
  });

  test('adds the aliases of the pod', async () => {
    const lines = await fileOf({
      hostAliases: [
        { ip: '192.0.2.7', hostnames: ['seven', 'sieben'] },
        { ip: '192.0.2.8', hostnames: ['eight'] },
      ],
    });
    const at = lines.indexOf('# Entries added by HostAliases.');
    assert.deepEqual(lines.slice(at + 1, at + 3), ['192.0.2.7\tseven\tsieben', '192.0.2.8\teight']);
  });

  test('is the node’s own in the network of the node', async () => {
    const lines = await fileOf({ hostNetwork: true });
    assert.equal(lines[0], '# Kubernetes-managed hosts file (host network).');
    assert.ok(lines.some((line) => line.includes('localhost')));
  });
});
