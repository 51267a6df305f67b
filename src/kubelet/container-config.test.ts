import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ContainerInput, containerOf, kubeletPod, type PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { containerConfig, containerHash } from './container-config.ts';
import { NO_DEVICES } from './devices/merged-allocation.ts';

function configOf(
  container: Partial<ContainerInput>,
  spec: Partial<PodSpecInput> = {},
  user: { uid?: number; username?: string } = {},
  devices = NO_DEVICES,
) {
  const pod = kubeletPod({ spec: { ...spec, containers: [{ name: 'main', ...container }] } });
  return containerConfig(pod, containerOf(pod, 'main'), {
    attempt: 2,
    imageRef: 'sha256:1',
    imageUser: { uid: user.uid, username: user.username ?? '' },
    environment: new Map([['NAME', 'value']]),
    mounts: [{ containerPath: '/data', hostPath: '/pods/data' }],
    nodeMemoryBytes: 1024 ** 3,
    terminationMessageFile: '/pods/last-words',
    devices,
    seccompDir: '/seccomp',
  });
}
const securityOf = (...of: Parameters<typeof configOf>) => configOf(...of).linux?.securityContext;

describe('containerConfig', () => {
  test('has what comes with devices, its own environment before theirs', () => {
    const node = { containerPath: '/dev/a', hostPath: '/dev/null', permissions: 'rw' };
    const config = configOf(
      {},
      {},
      {},
      {
        envs: { NAME: 'theirs', DEVICE: 'a' },
        mounts: [{ containerPath: '/lib', hostPath: '/host/lib', readOnly: true }],
        devices: [node],
        annotations: { 'example.com/device': 'a' },
        cdiDevices: [{ name: 'example.com/device=a' }],
      },
    );
    assert.deepEqual(config.envs, [
      { key: 'DEVICE', value: 'a' },
      { key: 'NAME', value: 'value' },
    ]);
    assert.deepEqual(config.mounts, [
      { containerPath: '/lib', hostPath: '/host/lib', readonly: true },
      { containerPath: '/data', hostPath: '/pods/data' },
    ]);
    assert.deepEqual([config.devices, config.cdiDevices], [[node], [{ name: 'example.com/device=a' }]]);
    assert.equal(config.annotations?.['example.com/device'], 'a');
  });

  test('has what the agent needs to know it again', () => {
    const { metadata, image, labels, annotations, logPath, envs, mounts } = configOf({});
    assert.deepEqual(metadata, { name: 'main', attempt: 2 });
    assert.deepEqual(image, { image: 'sha256:1', userSpecifiedImage: 'busybox' });
    assert.equal(logPath, 'main/2.log');
    assert.deepEqual(envs, [{ key: 'NAME', value: 'value' }]);
    assert.deepEqual(mounts, [{ containerPath: '/data', hostPath: '/pods/data' }]);
    assert.deepEqual(labels, {
      'io.kubernetes.container.name': 'main',
      'io.kubernetes.pod.name': 'pod',
      'io.kubernetes.pod.namespace': 'default',
      'io.kubernetes.pod.uid': 'uid-pod',
    });
    assert.equal(annotations?.['typernetes.io/container.terminationMessageFile'], '/pods/last-words');
    assert.equal(annotations?.['io.kubernetes.container.terminationMessagePath'], '/dev/termination-log');
    assert.equal(annotations?.['io.kubernetes.container.terminationMessagePolicy'], 'File');
  });

  test('expands command and arguments, and leaves the image’s own where the pod has none', () => {
    const { command, args, workingDir } = configOf({
      command: ['echo', '$(NAME)'],
      args: ['$$(NAME)', '$(X)'],
      workingDir: '/work',
    });
    assert.deepEqual([command, args, workingDir], [['echo', 'value'], ['$(NAME)', '$(X)'], '/work']);
    assert.deepEqual([configOf({}).command, configOf({}).args], [[], []]);
  });

  test('passes terminal and input on', () => {
    const { tty, stdin, stdinOnce } = configOf({ tty: true, stdin: true });
    assert.deepEqual([tty, stdin, stdinOnce], [true, true, false]);
  });

  test('runs as the container says, else as the pod, else as the image', () => {
    const shared = { securityContext: { runAsUser: 1000, runAsGroup: 2000 } };
    const users = [
      securityOf({ securityContext: { runAsUser: 3000 } }, shared, { uid: 4000 }),
      securityOf({}, shared, { uid: 4000 }),
      securityOf({}, {}, { uid: 4000 }),
      securityOf({}, {}, { username: 'www' }),
    ].map((context) => [context?.runAsUser, context?.runAsUsername, context?.runAsGroup]);
    assert.deepEqual(users, [
      [3000, undefined, 2000],
      [1000, undefined, 2000],
      [4000, undefined, undefined],
      [undefined, 'www', undefined],
    ]);
  });

  test('has the groups of the pod, each once', () => {
    const context = securityOf({}, { securityContext: { fsGroup: 7, supplementalGroups: [5, 7] } });
    assert.deepEqual(context?.supplementalGroups, [5, 7]);
  });

  test('hides what is dangerous in /proc and /sys, but not from a privileged container', () => {
    const plain = securityOf({});
    assert.ok(plain?.maskedPaths?.includes('/proc/kcore') && plain.readonlyPaths?.includes('/proc/sys'));
    const privileged = securityOf({ securityContext: { privileged: true } });
    assert.deepEqual([privileged?.privileged, privileged?.maskedPaths, privileged?.readonlyPaths], [true, [], []]);
    assert.deepEqual(securityOf({ securityContext: { procMount: 'Unmasked' } })?.maskedPaths, []);
  });

  test('has the privileges that the pod asks for, and no seccomp profile unless it does', () => {
    const context = securityOf({
      securityContext: {
        capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        seccompProfile: { type: 'Localhost', localhostProfile: 'mine.json' },
      },
    });
    assert.deepEqual(context?.capabilities, { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['ALL'] });
    assert.deepEqual([context?.noNewPrivs, context?.readonlyRootfs], [true, true]);
    assert.deepEqual(context?.seccomp, { profileType: 'Localhost', localhostRef: '/seccomp/mine.json' });
    assert.equal(securityOf({})?.seccomp?.profileType, 'Unconfined');
    const ofPod = securityOf({}, { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } });
    assert.equal(ofPod?.seccomp?.profileType, 'RuntimeDefault');
  });
});

test('containerHash changes with the image, and with nothing that can be changed in place', () => {
  const hashOf = (container: Partial<ContainerInput>) =>
    containerHash(containerOf(kubeletPod({ spec: { containers: [{ name: 'main', ...container }] } }), 'main'));
  assert.notEqual(hashOf({ image: 'a' }), hashOf({ image: 'b' }));
  assert.equal(hashOf({ resources: { limits: { cpu: '1' } } }), hashOf({}));
});
