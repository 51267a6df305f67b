// Containers that run before the others. All that the API tells meanwhile is looked at: as long as one of them has not
// come to a good end, no other container of the pod has begun. Upstream: test/e2e/common/node/init_container.go.

import assert from 'node:assert/strict';
import { Pod } from '../../../src/api/core/pod.ts';
import type { PodSpecInput } from '../../support/kubelet-objects.ts';
import { conditionOf, shell, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { type EventLog, recordEvents } from './event-log.ts';

export function initContainerTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] InitContainer should ${name}`, body);

  test('invoke init containers on a RestartNever pod', async (scene) => {
    const spec = { restartPolicy: 'Never', containers: [shell('true')] } as const;
    await using log = await start(scene, spec, ['true', 'true']);
    const { object } = await log.when('the pod has ended', ({ object: { status } }) =>
      /^(Succ|Fail)/.test(status.phase!),
    );
    assert.equal(object.status.phase, 'Succeeded');
    assertInitialized(object);
    assertOrder(log);
  });

  test('invoke init containers on a RestartAlways pod', async (scene) => {
    const containers = [shell(untilTold(), { resources: { limits: { cpu: '100m' } } })];
    await using log = await start(scene, { containers }, ['true', 'true']);
    const { object } = await log.when('the pod runs', ({ object: { status } }) => status.phase === 'Running');
    assertInitialized(object);
    assertOrder(log);
  });

  test('not start app containers if init containers fail on a RestartAlways pod', async (scene) => {
    await using log = await start(scene, {}, ['false', 'true']);
    const { object } = await log.when(
      'it is tried three times more',
      ({ object: { status } }) => (status.initContainerStatuses?.[0]?.restartCount ?? 0) >= 3,
      { limitMs: 90_000 },
    );
    assert.equal(object.status.phase, 'Pending');
    assertNotInitialized(object, 'containers with incomplete status: [init1 init2]');
    assertOrder(log);
  });

  test('not start app containers and fail the pod if init containers fail on a RestartNever pod', async (scene) => {
    const spec = { restartPolicy: 'Never', containers: [shell('true')] } as const;
    await using log = await start(scene, spec, ['true', 'false']);
    const { object } = await log.when('the pod has ended', ({ object: { status } }) =>
      /^(Succ|Fail)/.test(status.phase!),
    );
    assert.equal(object.status.phase, 'Failed');
    assertNotInitialized(object, 'containers with incomplete status: [init2]');
    const [first, second] = object.status.initContainerStatuses ?? [];
    assert.deepEqual([first?.state?.terminated?.exitCode, first?.ready], [0, true]);
    assert.deepEqual([second?.state?.terminated?.exitCode, second?.ready], [1, false]);
    assertOrder(log);
  });
}

async function start(
  scene: Scene,
  spec: Partial<PodSpecInput>,
  commands: readonly string[],
): Promise<EventLog<typeof Pod>> {
  const { client, namespace, create } = scene;
  const initContainers = commands.map((command, index) => shell(command, { name: `init${index + 1}` }));
  await create('pod', { ...spec, initContainers });
  return recordEvents(client, Pod, { namespace, fieldSelector: 'metadata.name=pod' });
}

function assertInitialized({ status }: Pod): void {
  assert.equal(status.conditions?.find(({ type }) => type === 'Initialized')?.status, 'True');
  assert.deepEqual(
    status.initContainerStatuses?.map(({ ready, state }) => [ready, state?.terminated?.exitCode]),
    [
      [true, 0],
      [true, 0],
    ],
  );
}

function assertNotInitialized(pod: Pod, expected: string): void {
  const { status, reason, message } = conditionOf(pod, 'Initialized') ?? {};
  assert.deepEqual([status, reason, message], ['False', 'ContainersNotInitialized', expected]);
  assert.equal(pod.status.initContainerStatuses?.length, 2);
}

/** What holds at every moment, and that a pod that is initialized stays so. */
function assertOrder({ events }: EventLog<typeof Pod>): void {
  let wasInitialized = false;
  for (const { object } of events) {
    const { initContainerStatuses, containerStatuses = [] } = object.status;
    if (!initContainerStatuses?.length) continue;
    const said = JSON.stringify(object.status);
    const open = initContainerStatuses.findIndex(({ state }) => state?.terminated?.exitCode !== 0);
    const isInitialized = open < 0;
    assert.equal(conditionOf(object, 'Initialized')?.status, isInitialized ? 'True' : 'False', said);
    assert.ok(isInitialized || !wasInitialized, said);
    wasInitialized = isInitialized;
    if (isInitialized) continue;
    for (const { state, restartCount } of [...initContainerStatuses.slice(open + 1), ...containerStatuses]) {
      assert.deepEqual([state?.waiting?.reason, restartCount], ['PodInitializing', 0], said);
    }
  }
}
