// Variables in commands, in other variables and in the paths of volumes. Upstream: test/e2e/common/node/expansion.go.

import assert from 'node:assert/strict';
import { Pod } from '../../../src/api/core/pod.ts';
import { shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { assertPrinted } from './environment-sources.ts';

const VOLUMES = { volumes: [{ name: 'workdir', emptyDir: {} }] };
const NEVER = { restartPolicy: 'Never' } as const;

export function variableExpansionTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Variable Expansion should ${name}`, body);
  const testVar = [{ name: 'TEST_VAR', value: 'test-value' }];

  test('allow composing env vars into new env vars', async ({ run }) => {
    const env = [
      { name: 'FOO', value: 'foo-value' },
      { name: 'BAR', value: 'bar-value' },
      { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
    ];
    assertPrinted(await run({ env }), ['FOO=foo-value', 'BAR=bar-value', 'FOOBAR=foo-value;;bar-value']);
  });

  test("allow substituting values in a container's command", async ({ run }) => {
    const command = ['sh', '-c', 'TEST_VAR=wrong echo "$(TEST_VAR)"'];
    assert.equal(await run({ env: testVar, command }), 'test-value\n');
  });

  test("allow substituting values in a container's args", async ({ run }) => {
    const args = ['TEST_VAR=wrong echo "$(TEST_VAR)"'];
    assert.equal(await run({ env: testVar, command: ['sh', '-c'], args }), 'test-value\n');
  });

  test('allow substituting values in a volume subpath', async ({ run }) => {
    const command = ['sh', '-c', 'test -d /volume/foo; echo $?'];
    assert.equal(await run({ env: podName('foo'), command, ...mounts('$(POD_NAME)') }, VOLUMES), '0\n');
  });

  for (const [what, value, why] of [
    ['backticks', '..', "unable to provision SubPath `..`: must not contain '..'"],
    ['absolute path', '/tmp', 'error SubPath `/tmp` must not be an absolute path'],
  ] as const) {
    test(`fail substituting values in a volume subpath with ${what}`, async (scene) => {
      const container = shell('true', { env: podName(value), ...mounts('$(POD_NAME)') });
      await scene.create('refused', { ...NEVER, ...VOLUMES, containers: [container] });
      assert.equal(await refusal(scene, 'refused'), why);
    });
  }

  test('verify that a failing subpath expansion can be modified during the lifecycle of a container', async (scene) => {
    const { create, whenReady, output, remove, isGone } = scene;
    await create(
      'pod',
      { ...NEVER, ...VOLUMES, containers: [annotated()] },
      { annotations: { notmysubpath: 'mypath' } },
    );
    assert.equal(await refusal(scene, 'pod'), 'missing value for ANNOTATION');
    await annotate(scene, 'mypath');
    await whenReady('pod');
    assert.equal(await output('pod', 'test -d /volume/mypath/foo && echo there'), 'there');
    await remove('pod');
    await until('the pod is gone', () => isGone('pod'));
  });

  test('succeed in writing subpaths in container', async (scene) => {
    const { create, whenReady, output, remove, isGone } = scene;
    await create('pod', { ...NEVER, ...VOLUMES, containers: [annotated()] }, { annotations: { mysubpath: 'mypath' } });
    await whenReady('pod');
    await output('pod', 'touch /volume/mypath/foo/test.log');
    await output('pod', 'test -f /subpath/test.log');
    await annotate(scene, 'mynewpath');
    const { status } = await whenReady('pod'); // What runs keeps its mounts.
    assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
    await output('pod', 'test -f /subpath/test.log');
    await remove('pod');
    await until('the pod is gone', () => isGone('pod'));
  });
}

function podName(value: string) {
  return [{ name: 'POD_NAME', value }];
}

function mounts(subPathExpr: string) {
  return {
    volumeMounts: [
      { name: 'workdir', mountPath: '/subpath', subPathExpr },
      { name: 'workdir', mountPath: '/volume' },
    ],
  };
}

/** Has a part of the volume that one of the pod's annotations names. */
function annotated() {
  const fieldRef = { fieldPath: "metadata.annotations['mysubpath']" };
  const env = [...podName('foo'), { name: 'ANNOTATION', valueFrom: { fieldRef } }];
  return shell(untilTold(), { env, ...mounts('$(ANNOTATION)/$(POD_NAME)') });
}

async function annotate({ client, namespace }: Scene, mysubpath: string): Promise<void> {
  const body = { metadata: { annotations: { mysubpath } } };
  await client.patch(Pod, { name: 'pod', namespace }, { type: 'merge', body });
}

/** Why the container cannot be made. */
async function refusal({ podWhen }: Scene, name: string): Promise<string | undefined> {
  const waiting = ({ status }: Pod) => status.containerStatuses?.[0]?.state?.waiting;
  const isRefused = (pod: Pod) => waiting(pod)?.reason === 'CreateContainerConfigError';
  return waiting(await podWhen(name, 'is refused', isRefused))?.message;
}
