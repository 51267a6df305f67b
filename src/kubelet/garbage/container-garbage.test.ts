import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { newPodRecord, type PodRecord } from '../pod-record.ts';
import { ContainerGarbage, type ContainerGarbageDeps } from './container-garbage.ts';

const { signal } = new AbortController();

describe('ContainerGarbage', () => {
  let logsDir: string;
  before(async () => {
    logsDir = await mkdtemp(join(tmpdir(), 't8s-logs-'));
    for (const name of ['alive', 'gone']) await mkdir(join(logsDir, `default_${name}_uid-${name}`));
  });
  after(() => rm(logsDir, { recursive: true }));

  const labels = (name: string) => ({
    'io.kubernetes.pod.uid': `uid-${name}`,
    'io.kubernetes.pod.name': name,
    'io.kubernetes.pod.namespace': 'default',
    'io.kubernetes.container.name': 'main',
  });
  const container = (pod: string, attempt: number, state = 'CONTAINER_EXITED') => ({
    ...{ id: `${pod}-${attempt}`, podSandboxId: pod, labels: labels(pod), state, createdAt: attempt },
    metadata: { attempt },
  });
  const sandbox = (pod: string, id: string, attempt: number, state = 'SANDBOX_NOTREADY') => ({
    ...{ id, labels: labels(pod), state, createdAt: attempt, metadata: { attempt } },
  });

  /** A pod that runs, one that is done, one that ends; and one that nobody knows. */
  function collector() {
    const taken: string[] = [];
    const removed: string[] = [];
    const record = (name: string, more: Partial<PodRecord> = {}) =>
      [`uid-${name}`, { ...newPodRecord(kubeletPod({ name })), ...more }] as const;
    const verdict = { reason: 'Evicted', message: '' };
    const records = new Map<string, PodRecord>([
      record('alive'),
      record('done', { settled: true }),
      record('ending', { verdict }),
    ]);
    const deps = {
      cri: {
        listContainers: async () => ({
          containers: [
            ...[0, 1].map((attempt) => container('alive', attempt)),
            container('alive', 2, 'CONTAINER_RUNNING'),
            container('done', 0),
            ...[0, 1].map((attempt) => container('ending', attempt)),
            ...[0, 1].map((attempt) => container('gone', attempt)),
          ],
        }),
        listPodSandbox: async () => ({
          items: [
            sandbox('alive', 'alive', 1, 'SANDBOX_READY'),
            sandbox('alive', 'former', 0),
            sandbox('done', 'done', 0),
          ],
        }),
        stopPodSandbox: async () => ({}),
        removePodSandbox: async ({ podSandboxId }: { podSandboxId: string }) => void removed.push(podSandboxId),
      },
      inspector: { pods: async () => [{ uid: 'uid-gone', name: 'gone', namespace: 'default' }] },
      runtime: {
        removeContainer: async (_pod: object, { id }: { id: string }) => void removed.push(id),
      },
      workers: {
        record: (uid: string) => records.get(uid),
        uids: () => [...records.keys()],
        takeOrphans: (pods: readonly { readonly name: string }[], onDisk: readonly string[]) =>
          void taken.push(...pods.map(({ name }) => name), ...onDisk),
      },
      onDisk: async () => ['uid-left', 'uid-alive'],
      logsDir,
    } as unknown as ContainerGarbageDeps;
    return { garbage: new ContainerGarbage(deps), taken, removed };
  }

  test('keeps one dead container of each, and has pods ended that nobody knows', async () => {
    const { garbage, taken, removed } = collector();
    await garbage.collect({ settledToo: false }, signal);
    assert.deepEqual(taken, ['gone', 'uid-left']);
    assert.deepEqual(removed, ['alive-0', 'former']);
    assert.deepEqual(await readdir(logsDir), ['default_alive_uid-alive']);
  });

  test('takes from pods that are done all they have, where room is needed', async () => {
    const { garbage, removed } = collector();
    await garbage.collect({ settledToo: true }, signal);
    assert.deepEqual(removed, ['alive-0', 'done-0', 'former', 'done']);
  });
});
