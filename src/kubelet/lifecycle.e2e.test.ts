// What becomes of containers and how they see the world, with real ones, besides what the conformance suite demands
// (test/e2e/conformance-suite.ts). Needs Linux and root.

import assert from 'node:assert/strict';
import { readlink } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../test/support/kubelet-node.ts';
import type { ContainerInput, PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { namespace, nodePods, shell, until, untilTold } from '../../test/support/node-pods.ts';
import { Pod } from '../api/core/pod.ts';

const skip = await installNodeTools();

const NEVER = { restartPolicy: 'Never' } as const;

describe('containers', { skip: skip ?? false, concurrency: 5 }, () => {
  let node: KubeletNode;
  let pods = 0;

  before(async () => {
    node = await kubeletNode();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, podWhen, whenReady, printed, remove, isGone, output } = nodePods(() => node);
  const newName = () => `pod-${pods++}`;

  /** Runs a pod to its good end and resolves with what its first container printed. */
  async function run(container: Partial<ContainerInput>, spec: Partial<PodSpecInput> = {}): Promise<string> {
    const name = newName();
    await create(name, { ...NEVER, ...spec, containers: [{ ...shell('env'), ...container }] });
    return printed(name);
  }
  const lines = (text: string) => text.trim().split('\n');

  test('an ephemeral container sees the processes of its target', async () => {
    await create('ephemeral', {});
    await whenReady('ephemeral');
    const container = { ...shell(untilTold()), name: 'debugger', targetContainerName: 'main' };
    await node.client.patch(
      Pod,
      { name: 'ephemeral', namespace },
      { type: 'strategic', body: { spec: { ephemeralContainers: [container] } } },
      { subresource: 'ephemeralcontainers' },
    );
    await podWhen('ephemeral', 'has its debugger', ({ status }) =>
      status.ephemeralContainerStatuses?.some(({ state }) => state?.running !== undefined),
    );
    // The shell of its target is the first of them.
    assert.match(await output('ephemeral', 'cat /proc/1/cmdline', 'debugger'), /trap 'exit 0' TERM; :;/);
    await remove('ephemeral');
    await until('it is gone, its debugger included', () => isGone('ephemeral'));
  });

  test('a variable from a file that an init container has written', async () => {
    const mounts = { volumeMounts: [{ name: 'config', mountPath: '/data' }] };
    const from = (key: string, optional: boolean) => ({
      name: key,
      valueFrom: { fileKeyRef: { volumeName: 'config', path: 'config.env', key, optional } },
    });
    const text = await run(
      { env: [from('DB_ADDRESS', false), from('NOBODY', true)] },
      {
        volumes: [{ name: 'config', emptyDir: {} }],
        initContainers: [shell(`echo "DB_ADDRESS='address'" > /data/config.env`, { ...mounts, name: 'setup' })],
      },
    );
    assert.ok(lines(text).includes('DB_ADDRESS=address') && !text.includes('NOBODY'), text);
  });

  test('groups, seccomp, /proc and host namespaces are as asked for', async () => {
    const filtered = { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } as const;
    assert.match(await run({ command: ['grep', 'Seccomp:', '/proc/self/status'] }, filtered), /\t2$/m);
    assert.match(await run({ command: ['grep', 'Seccomp:', '/proc/self/status'] }), /\t0$/m);
    const groups = { securityContext: { runAsUser: 1000, fsGroup: 2000, supplementalGroups: [3000] } };
    assert.match(await run({ command: ['id'] }, groups), /uid=1000 gid=0.*2000.*3000/);
    const namespaces = ['sh', '-c', 'readlink /proc/self/ns/ipc; readlink /proc/self/ns/pid'];
    const own = lines(await run({ command: namespaces }));
    const hosts = lines(await run({ command: namespaces }, { hostIPC: true, hostPID: true }));
    assert.deepEqual(hosts, [await readlink('/proc/self/ns/ipc'), await readlink('/proc/self/ns/pid')]);
    assert.ok(!own.includes(hosts[0]!) && !own.includes(hosts[1]!));
  });

  test('what the node cannot do is said', async () => {
    const refused = async (spec: Partial<PodSpecInput>) => {
      const name = newName();
      await create(name, spec);
      const { status } = await podWhen(name, 'is refused', (pod) => pod.status.phase === 'Failed');
      return [status.reason, status.message];
    };
    assert.deepEqual(await refused({ securityContext: { supplementalGroupsPolicy: 'Strict' } }), [
      'SupplementalGroupsPolicyNotSupported',
      'Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node',
    ]);
    assert.deepEqual(await refused({ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }), [
      'AppArmor',
      'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    ]);
  });

  test('of last words no more than 4096 bytes of the file, and no more than 2048 of the log', async () => {
    const lastWords = async (command: string, more: Partial<ContainerInput>, phase: string) => {
      const name = newName();
      await create(name, { ...NEVER, containers: [shell(command, more)] });
      const { status } = await podWhen(name, `has ${phase}`, (pod) => pod.status.phase === phase);
      return status.containerStatuses?.[0]?.state?.terminated?.message;
    };
    const written = await lastWords('yes long | head -c 9000 > /dev/termination-log', {}, 'Succeeded');
    assert.equal(written?.length, 4096);
    const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;
    const logged = await lastWords('yes long | head -c 9000; false', fallback, 'Failed');
    assert.equal(logged?.length, 80 * 'long\n'.length);
  });

  test('what a pod asks for that the runtime cannot give keeps it from starting', async () => {
    await create('own-users', { hostUsers: false });
    await create('sealed', {
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        shell(untilTold(), {
          volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'Enabled' }],
        }),
      ],
    });
    const { eventsOf } = nodePods(() => node);
    const event = await until('it is told', async () =>
      (await eventsOf('own-users')).find(({ reason }) => reason === 'FailedCreatePodSandBox'),
    );
    assert.match(event.message ?? '', /can't set `spec.hostUsers: false`, runtime does not support user namespaces/);
    await podWhen(
      'sealed',
      'waits',
      (pod) => pod.status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
    for (const name of ['own-users', 'sealed']) await remove(name, 0);
  });
});
