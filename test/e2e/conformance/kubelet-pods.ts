// Logs, ends and /etc/hosts of pods. Upstream: test/e2e/common/node/kubelet.go and kubelet_etc_hosts.go.

import assert from 'node:assert/strict';
import { askServer, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

export function kubeletPodTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Kubelet when scheduling ${name}`, body);
  const fails = { restartPolicy: 'Never', containers: [shell('', { command: ['/bin/false'] })] } as const;

  test('a busybox command in a pod should print the output to logs', async ({
    create,
    whenReady,
    access,
    namespace,
  }) => {
    await create('says', { restartPolicy: 'Never', containers: [shell(untilTold("echo 'Hello World'"))] });
    await whenReady('says');
    const sinceTime = new Date(Date.now() - 3_600_000).toISOString();
    const path = `/api/v1/namespaces/${namespace}/pods/says/log?sinceTime=${encodeURIComponent(sinceTime)}`;
    await until('it is in the log', async () => (await askServer(access, path)).text === 'Hello World\n');
  });

  test('a busybox command that always fails in a pod should have an terminated reason', async ({ create, podWhen }) => {
    await create('fails', fails);
    const { status } = await podWhen(
      'fails',
      'has ended',
      (pod) => pod.status.containerStatuses?.[0]?.state?.terminated !== undefined,
    );
    assert.equal(status.containerStatuses?.length, 1);
    const { exitCode, reason } = status.containerStatuses?.[0]?.state?.terminated ?? {};
    assert.deepEqual([exitCode, reason], [1, 'Error']);
  });

  test('a busybox command that always fails in a pod should be possible to delete', async (scene) => {
    const { create, remove, isGone } = scene;
    await create('fails', fails);
    await remove('fails');
    await until('it is gone', () => isGone('fails'));
  });

  test('a read only busybox container should not write to root filesystem', async ({ create, whenReady, logOf }) => {
    const command = ['/bin/sh', '-c', untilTold('echo test > /file')];
    await create('sealed', {
      restartPolicy: 'Never',
      containers: [shell('', { command, securityContext: { readOnlyRootFilesystem: true } })],
    });
    await whenReady('sealed');
    await until(
      'it is told',
      async () => (await logOf('sealed')) === "/bin/sh: can't create /file: Read-only file system\n",
    );
  });

  test('an agnhost Pod with hostAliases should write entries to /etc/hosts', async ({ run }) => {
    const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
    assert.match(await run({ command: ['cat', '/etc/hosts'] }, { hostAliases }), /^123\.45\.67\.89\tfoo\tbar$/m);
  });

  conformance('[sig-node] KubeletManagedEtcHosts should test kubelet managed /etc/hosts file', async (scene) => {
    const { create, whenReady, output } = scene;
    const original = { name: 'host-etc-hosts', mountPath: '/etc/hosts-original' };
    const own = { name: 'host-etc-hosts', mountPath: '/etc/hosts' };
    const container = (name: string, ...volumeMounts: readonly (typeof own)[]) =>
      shell(untilTold(), { name, volumeMounts });
    const volumes = [{ name: 'host-etc-hosts', hostPath: { path: '/etc/hosts', type: 'FileOrCreate' } }] as const;
    const [one, two] = [container('busybox-1', original), container('busybox-2', original)];
    await create('pod', { volumes, containers: [one, two, container('busybox-3', original, own)] });
    await create('host-network', { hostNetwork: true, volumes, containers: [one, two] });
    await Promise.all(['pod', 'host-network'].map(whenReady));
    const isManaged = async (pod: string, name: string) => {
      const [managed, unmanaged] = [
        await output(pod, 'cat /etc/hosts', name),
        await output(pod, 'cat /etc/hosts-original', name),
      ];
      assert.ok(managed !== '' && unmanaged !== '');
      return managed.startsWith('# Kubernetes-managed hosts file.') && managed !== unmanaged;
    };
    for (const [pod, name, expected] of [
      ['pod', 'busybox-1', true],
      ['pod', 'busybox-2', true],
      ['pod', 'busybox-3', false],
      ['host-network', 'busybox-1', false],
      ['host-network', 'busybox-2', false],
    ] as const) {
      assert.equal(await isManaged(pod, name), expected, `${pod} ${name}`);
    }
  });
}
