// What becomes of containers and how they see the world, with real ones: the conformance tests of common-node under their
// own names, and what Kubernetes promises besides. Needs Linux and root.

import assert from 'node:assert/strict';
import { readlink } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../test/support/kubelet-node.ts';
import type { ContainerInput, PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { namespace, nodePods, shell, until, untilTold } from '../../test/support/node-pods.ts';
import { Pod } from '../api/core/pod.ts';

const skip = await installNodeTools();

const NEVER = { restartPolicy: 'Never' } as const;

describe('[sig-node]', { skip: skip ?? false, concurrency: 5 }, () => {
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

  async function addEphemeral(name: string, containers: readonly object[]): Promise<void> {
    await node.client.patch(
      Pod,
      { name, namespace },
      { type: 'strategic', body: { spec: { ephemeralContainers: containers } } },
      { subresource: 'ephemeralcontainers' },
    );
  }
  const ephemeralRuns = (container: string) => (pod: Pod) =>
    pod.status.ephemeralContainerStatuses?.some(
      ({ name, state }) => name === container && state?.running !== undefined,
    );

  test('Ephemeral Containers will start an ephemeral container in an existing pod', async () => {
    await create('ephemeral', {});
    await whenReady('ephemeral');
    await addEphemeral('ephemeral', [
      { ...shell(untilTold('echo polo')), name: 'debugger', targetContainerName: 'main', stdin: true, tty: true },
    ]);
    const { status } = await podWhen('ephemeral', 'has its debugger', ephemeralRuns('debugger'));
    assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
    assert.equal(await output('ephemeral', 'echo marco', 'debugger'), 'marco');
    // It sees the processes of its target, whose shell is the first of them.
    assert.match(await output('ephemeral', 'cat /proc/1/cmdline', 'debugger'), /trap 'exit 0' TERM; :;/);
  });

  test('Ephemeral Containers should update the ephemeral containers in an existing pod', async () => {
    await create('ephemerals', {});
    await whenReady('ephemerals');
    await addEphemeral('ephemerals', [{ ...shell('exit 3'), name: 'first' }]);
    await podWhen('ephemerals', 'has ended its first', ({ status }) =>
      status.ephemeralContainerStatuses?.some(({ state }) => state?.terminated?.exitCode === 3),
    );
    await addEphemeral('ephemerals', [{ ...shell(untilTold()), name: 'second' }]);
    const { status, spec } = await podWhen('ephemerals', 'has its second', ephemeralRuns('second'));
    assert.deepEqual(spec.ephemeralContainers?.map(({ name }) => name).sort(), ['first', 'second']);
    const first = status.ephemeralContainerStatuses?.find(({ name }) => name === 'first');
    assert.deepEqual([first?.restartCount, first?.ready], [0, false]);
    await remove('ephemerals');
    await until('it is gone, its debugger included', () => isGone('ephemerals'));
  });

  test('Containers should use the image defaults if command and args are blank', async () => {
    const name = newName();
    await create(name, { ...NEVER, containers: [{ name: 'main', image: 'busybox:latest' }] });
    await printed(name); // Its shell has no input, and so nothing to do.
  });

  test("Containers should be able to override the image's default arguments (container cmd)", async () => {
    const { command: _none, ...plain } = shell('');
    assert.equal(
      await run({ ...plain, command: [], args: ['sh', '-c', 'echo override arguments'] }),
      'override arguments\n',
    );
  });

  test("Containers should be able to override the image's default command (container entrypoint)", async () => {
    assert.equal(await run({ command: ['echo', 'entrypoint'] }), 'entrypoint\n');
  });

  test("Containers should be able to override the image's default command and arguments", async () => {
    assert.equal(await run({ command: ['echo'], args: ['override', 'arguments'] }), 'override arguments\n');
  });

  describe('Variable Expansion', { concurrency: 3 }, () => {
    const podName = { name: 'POD_NAME', value: 'foo' };
    const volume = { volumes: [{ name: 'workdir', emptyDir: {} }] };
    const mount = (subPathExpr: string) => ({
      volumeMounts: [
        { name: 'workdir', mountPath: '/logscontainer', subPathExpr },
        { name: 'workdir', mountPath: '/testcontainer' },
      ],
    });

    test('should allow composing env vars into new env vars', async () => {
      const env = [
        { name: 'FOO', value: 'foo-value' },
        { name: 'BAR', value: 'bar-value' },
        { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
      ];
      const printedLines = lines(await run({ env }));
      for (const line of ['FOO=foo-value', 'BAR=bar-value', 'FOOBAR=foo-value;;bar-value']) {
        assert.ok(printedLines.includes(line), line);
      }
    });

    test("should allow substituting values in a container's command", async () => {
      const env = [{ name: 'TEST_VAR', value: 'test-value' }];
      const command = ['sh', '-c', 'TEST_VAR=wrong echo "$(TEST_VAR)"'];
      assert.equal(await run({ env, command }), 'test-value\n');
    });

    test("should allow substituting values in a container's args", async () => {
      const env = [{ name: 'TEST_VAR', value: 'test-value' }];
      const args = ['TEST_VAR=wrong echo "$(TEST_VAR)"'];
      assert.equal(await run({ env, command: ['sh', '-c'], args }), 'test-value\n');
    });

    test('should allow substituting values in a volume subpath', async () => {
      const command = ['sh', '-c', 'test -d /testcontainer/foo; echo $?'];
      assert.equal(await run({ env: [podName], command, ...mount('$(POD_NAME)') }, volume), '0\n');
    });

    for (const [what, value] of [
      ['backticks', '..'],
      ['absolute path', '/tmp'],
    ] as const) {
      test(`should fail substituting values in a volume subpath with ${what}`, async () => {
        const name = newName();
        const env = [{ name: 'POD_NAME', value }];
        await create(name, { ...NEVER, ...volume, containers: [{ ...shell('true'), env, ...mount('$(POD_NAME)') }] });
        const { status } = await podWhen(
          name,
          'is refused',
          (pod) => pod.status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
        );
        assert.match(
          status.containerStatuses?.[0]?.state?.waiting?.message ?? '',
          /^(error SubPath `\/tmp` must not be an absolute path|unable to provision SubPath `\.\.`: must not contain '\.\.')$/,
        );
        await remove(name, 0);
      });
    }

    test('should verify that a failing subpath expansion can be modified during the lifecycle of a container', async () => {
      const name = newName();
      const annotation = { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } };
      await create(name, {
        ...volume,
        containers: [
          { ...shell(untilTold()), env: [{ name: 'POD_NAME', valueFrom: annotation }], ...mount('$(POD_NAME)') },
        ],
      });
      const { status } = await podWhen(
        name,
        'waits',
        (pod) => pod.status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
      );
      assert.equal(status.containerStatuses?.[0]?.state?.waiting?.message, 'missing value for POD_NAME');
      const annotations = { mysubpath: 'mypath' };
      await node.client.patch(Pod, { name, namespace }, { type: 'merge', body: { metadata: { annotations } } });
      await whenReady(name);
      assert.equal(await output(name, 'test -d /testcontainer/mypath && echo there'), 'there');
      await remove(name, 0);
    });

    test('should succeed in writing subpaths in container', async () => {
      const name = newName();
      const annotation = { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } };
      await create(
        name,
        {
          ...volume,
          containers: [
            {
              ...shell(untilTold()),
              env: [{ name: 'ANNOTATION', valueFrom: annotation }],
              ...mount('$(ANNOTATION)/$(NAME)'),
            },
          ].map((container) => ({ ...container, env: [...container.env, { name: 'NAME', value: 'bar' }] })),
        },
        { annotations: { mysubpath: 'foo' } },
      );
      await whenReady(name);
      await output(name, 'touch /logscontainer/test.log');
      assert.equal(await output(name, 'test -f /testcontainer/foo/bar/test.log && echo there'), 'there');
      const annotations = { mysubpath: 'mynewpath' };
      await node.client.patch(Pod, { name, namespace }, { type: 'merge', body: { metadata: { annotations } } });
      const { status } = await whenReady(name); // What runs keeps its mounts.
      assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
      assert.equal(await output(name, 'test -f /testcontainer/foo/bar/test.log && echo there'), 'there');
      await remove(name, 0);
    });
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

  describe('Security Context', { concurrency: 3 }, () => {
    test('When creating a container with runAsUser should run the container with uid 65534 [LinuxOnly]', async () => {
      assert.equal(await run({ command: ['id', '-u'], securityContext: { runAsUser: 65534 } }), '65534\n');
    });

    test('When creating a pod with privileged should run the container as unprivileged when false [LinuxOnly]', async () => {
      const command = ['sh', '-c', 'ip link add dummy0 type dummy || true'];
      assert.match(await run({ command, securityContext: { privileged: false } }), /Operation not permitted/);
    });

    test('When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false', async () => {
      const securityContext = { readOnlyRootFilesystem: false };
      assert.equal(await run({ command: ['touch', 'checkfile'], securityContext }), '');
    });

    test('when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false [LinuxOnly]', async () => {
      const securityContext = { allowPrivilegeEscalation: false, runAsUser: 1000 };
      assert.match(await run({ command: ['grep', 'NoNewPrivs', '/proc/self/status'], securityContext }), /\t1$/m);
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
  });

  test('Sysctls [LinuxOnly] should support sysctls [Environment:NotInUserNS]', async () => {
    const securityContext = { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] };
    assert.equal(await run({ command: ['cat', '/proc/sys/kernel/shm_rmid_forced'] }, { securityContext }), '1\n');
  });

  describe('Container Runtime blackbox test on terminated container', { concurrency: 3 }, () => {
    const message = async (command: string, more: Partial<ContainerInput>, phase = 'Succeeded') => {
      const name = newName();
      await create(name, { ...NEVER, containers: [shell(command, more)] });
      const { status } = await podWhen(name, `has ${phase}`, (pod) => pod.status.phase === phase);
      return status.containerStatuses?.[0]?.state?.terminated?.message;
    };
    const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;

    test('should report termination message if TerminationMessagePath is set as non-root user and at a non-default path', async () => {
      const more = {
        terminationMessagePath: '/dev/termination-custom-log',
        securityContext: { runAsUser: 1000 },
      };
      assert.equal(await message('/bin/echo -n DONE > /dev/termination-custom-log', more), 'DONE');
    });

    test('should report termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set', async () => {
      assert.equal(await message('echo -n DONE; false', fallback, 'Failed'), 'DONE');
    });

    test('should report termination message as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set', async () => {
      assert.equal(await message('echo DONE; true', fallback), undefined);
    });

    test('should report termination message from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set', async () => {
      assert.equal(await message('echo -n OK > /dev/termination-log; echo ERROR', fallback), 'OK');
    });

    test('no more than 4096 bytes of the file, and no more than 2048 of the log', async () => {
      const written = await message('yes long | head -c 9000 > /dev/termination-log', {});
      assert.equal(written?.length, 4096);
      const logged = await message('yes long | head -c 9000; false', fallback, 'Failed');
      assert.equal(logged?.length, 80 * 'long\n'.length);
    });
  });

  test('Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly]', async () => {
    const command = ['sh', '-c', 'echo test > /file || echo refused'];
    assert.match(await run({ command, securityContext: { readOnlyRootFilesystem: true } }), /refused/);
  });

  test('Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason', async () => {
    const name = newName();
    await create(name, { ...NEVER, containers: [shell('false')] });
    const { status } = await podWhen(name, 'fails', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.containerStatuses?.[0]?.state?.terminated?.reason, 'Error');
    await remove(name);
    await until('it is gone', () => isGone(name));
  });

  describe('InitContainer', { concurrency: 4 }, () => {
    const two = (...commands: readonly string[]) =>
      commands.map((command, index) => shell(command, { name: `init${index + 1}` }));

    test('should invoke init containers on a RestartNever pod', async () => {
      const name = newName();
      await create(name, { ...NEVER, initContainers: two('true', 'true'), containers: [shell('true')] });
      const { status } = await podWhen(name, 'succeeds', (pod) => pod.status.phase === 'Succeeded');
      assert.equal(status.conditions?.find(({ type }) => type === 'Initialized')?.status, 'True');
      for (const { ready, state } of status.initContainerStatuses ?? []) {
        assert.deepEqual([ready, state?.terminated?.exitCode], [true, 0]);
      }
    });

    test('should invoke init containers on a RestartAlways pod', async () => {
      const name = newName();
      await create(name, { initContainers: two('true', 'true') });
      const { status } = await whenReady(name);
      assert.equal(status.initContainerStatuses?.length, 2);
      await remove(name, 0);
    });

    test('should not start app containers if init containers fail on a RestartAlways pod', async () => {
      const name = newName();
      await create(name, { initContainers: two('false', 'true') });
      const { status } = await podWhen(name, 'tries again', ({ status: { initContainerStatuses = [] } }) =>
        initContainerStatuses.some(({ restartCount }) => restartCount > 0),
      );
      assert.equal(status.phase, 'Pending');
      assert.deepEqual(
        [...(status.initContainerStatuses ?? []).slice(1), ...(status.containerStatuses ?? [])].map(
          ({ state }) => state?.waiting?.reason,
        ),
        ['PodInitializing', 'PodInitializing'],
      );
      const initialized = status.conditions?.find(({ type }) => type === 'Initialized');
      assert.deepEqual(
        [initialized?.status, initialized?.reason, initialized?.message],
        ['False', 'ContainersNotInitialized', 'containers with incomplete status: [init1 init2]'],
      );
      await remove(name, 0);
    });

    test('should not start app containers and fail the pod if init containers fail on a RestartNever pod', async () => {
      const name = newName();
      await create(name, { ...NEVER, initContainers: two('true', 'false'), containers: [shell('true')] });
      const { status } = await podWhen(name, 'fails', (pod) => pod.status.phase === 'Failed');
      assert.equal(status.containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing');
    });
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
