import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { CriError } from '../../cri/cri.ts';
import { type CheckpointDeps, checkpointContainer } from './checkpoint-request.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('checkpointContainer', async () => {
  const directory = await mkdtemp(join(tmpdir(), 't8s-checkpoints-'));
  after(() => rm(directory, { recursive: true }));

  const checkpoint = (query: string, parts: Partial<CheckpointDeps> = {}) => {
    const asked: unknown[] = [];
    const deps: CheckpointDeps = {
      cri: {
        async checkpointContainer(request) {
          asked.push(request);
          return {};
        },
      },
      clock: { now: () => NOW_MS },
      checkpointsDir: join(directory, 'checkpoints'),
      running: async () => 'id-1',
      ...parts,
    };
    const of = { pod: kubeletPod(), container: 'main', query: new URLSearchParams(query) };
    return { asked, made: checkpointContainer(deps, of, AbortSignal.timeout(1000)) };
  };

  test('has the runtime write an archive that nobody else can read', async () => {
    const { asked, made } = checkpoint('timeout=7');
    const location = await made;
    assert.equal(location, join(directory, 'checkpoints/checkpoint-pod_default-main-2026-01-02T03:04:05Z.tar'));
    assert.deepEqual(asked, [{ containerId: 'id-1', location, timeout: 7 }]);
    assert.equal((await stat(join(directory, 'checkpoints'))).mode & 0o777, 0o700);
  });

  test('says what the runtime says', async () => {
    const cri = {
      checkpointContainer: async () => {
        throw new CriError('checkpointContainer', 'UNIMPLEMENTED', 'unknown method');
      },
    };
    await assert.rejects(checkpoint('', { cri }).made, {
      status: 500,
      message: /^checkpointing of default\/pod\/main failed \(rpc error: code = Unimplemented desc = unknown method\)$/,
    });
    await assert.rejects(checkpoint('', { running: async () => undefined }).made, { status: 500, message: /not run/ });
  });

  for (const query of ['timeout=1&timeout=2', 'timeout=soon', 'timeout=-1']) {
    test(`refuses ${query}`, () => assert.rejects(checkpoint(query).made, { status: 400, message: /timeout/ }));
  }
});
