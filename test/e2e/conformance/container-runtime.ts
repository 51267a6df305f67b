// What becomes of containers that end, by the policy of their pod, and what their last words are. Upstream:
// test/e2e/common/node/runtime.go.

import assert from 'node:assert/strict';
import type { ContainerInput } from '../../support/kubelet-objects.ts';
import { isReady, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

export function containerRuntimeTests(conformance: Conformance): void {
  const blackbox = '[sig-node] Container Runtime blackbox test';
  conformance(`${blackbox} when starting a container that exits should run with the expected status`, async (scene) => {
    await Promise.all(POLICIES.map((policy) => runsAsExpected(scene, policy)));
  });

  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`${blackbox} on terminated container should report termination message ${name}`, body);
  const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;

  test('if TerminationMessagePath is set as non-root user and at a non-default path', async (scene) => {
    const more = { terminationMessagePath: '/dev/termination-custom-log', securityContext: { runAsUser: 10_000 } };
    const message = await lastWords(scene, '/bin/echo -n DONE > /dev/termination-custom-log', more, 'Succeeded');
    assert.equal(message, 'DONE');
  });

  test('from log output if TerminationMessagePolicy FallbackToLogsOnError is set', async (scene) => {
    assert.equal(await lastWords(scene, '/bin/echo -n DONE; /bin/false', fallback, 'Failed'), 'DONE');
  });

  test('as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set', async (scene) => {
    assert.equal(await lastWords(scene, '/bin/echo -n DONE; /bin/true', fallback, 'Succeeded'), undefined);
  });

  test('from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set', async (scene) => {
    const command = '/bin/echo -n OK > /dev/termination-log; /bin/echo DONE; /bin/true';
    assert.equal(await lastWords(scene, command, fallback, 'Succeeded'), 'OK');
  });
}

interface Policy {
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly phase: string;
  readonly state: 'running' | 'terminated';
  readonly restartCount: number;
  readonly ready: boolean;
}

const POLICIES: readonly Policy[] = [
  { restartPolicy: 'Always', phase: 'Running', state: 'running', restartCount: 2, ready: true },
  { restartPolicy: 'OnFailure', phase: 'Succeeded', state: 'terminated', restartCount: 1, ready: false },
  { restartPolicy: 'Never', phase: 'Failed', state: 'terminated', restartCount: 0, ready: false },
];

/** Fails the first time, succeeds the second, and then stays. */
const TWICE = untilTold(`echo hello >> /restart-count/file
case $(wc -l < /restart-count/file) in
  1) exit 1 ;;
  2) exit 0 ;;
esac`);

async function runsAsExpected({ create, podWhen, remove, isGone }: Scene, expected: Policy): Promise<void> {
  const { restartPolicy, phase, state, restartCount, ready } = expected;
  const name = `exits-${restartPolicy.toLowerCase()}`;
  await create(name, {
    restartPolicy,
    volumes: [{ name: 'restart-count', emptyDir: { medium: 'Memory' } }],
    containers: [shell(TWICE, { volumeMounts: [{ name: 'restart-count', mountPath: '/restart-count' }] })],
  });
  const pod = await podWhen(name, `is ${phase} and ${state}`, ({ status }) => {
    const [main] = status.containerStatuses ?? [];
    return status.phase === phase && main?.restartCount === restartCount && main.state?.[state] !== undefined;
  });
  assert.equal(isReady(pod), ready, restartPolicy);
  await remove(name);
  await until(`${name} is gone`, () => isGone(name));
}

async function lastWords(
  { create, podWhen, remove }: Scene,
  command: string,
  more: Partial<ContainerInput>,
  phase: 'Succeeded' | 'Failed',
): Promise<string | undefined> {
  await create('ends', { restartPolicy: 'Never', containers: [shell(command, more)] });
  const { status } = await podWhen('ends', `has ${phase}`, (pod) => pod.status.phase === phase);
  const end = status.containerStatuses?.[0]?.state?.terminated;
  assert.ok(end, 'the container has ended');
  await remove('ends');
  return end.message;
}
