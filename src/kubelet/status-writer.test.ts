import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod } from '../../test/support/kubelet-objects.ts';
import { schedulingCluster } from '../../test/support/scheduling-cluster.ts';
import { Pod } from '../api/core/pod.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import { isStatusError } from '../api/status-error.ts';
import { FakeClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { StatusWriter, statusChange } from './status-writer.ts';

const condition = (type: string, status: 'True' | 'False') => ({
  type,
  status,
  lastProbeTime: null,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

describe('statusChange', () => {
  const cases: readonly (readonly [string, PodStatus, PodStatus, object])[] = [
    ['nothing', { phase: 'Running' }, { phase: 'Running' }, {}],
    ['a field that changes', { phase: 'Pending' }, { phase: 'Running' }, { phase: 'Running' }],
    ['a field that goes', { phase: 'Failed', reason: 'Evicted' }, { phase: 'Failed' }, { reason: null }],
    ['nothing where only the order of keys differs', { hostIPs: [{ ip: 'a' }] }, { hostIPs: [{ ip: 'a' }] }, {}],
    [
      'only the conditions that change',
      { conditions: [condition('Ready', 'False'), condition('Initialized', 'True')] },
      { conditions: [condition('Ready', 'True'), condition('Initialized', 'True')] },
      { conditions: [condition('Ready', 'True')] },
    ],
    [
      'that a condition has no reason any more',
      { conditions: [{ ...condition('Ready', 'False'), reason: 'ContainersNotReady', message: 'not yet' }] },
      { conditions: [condition('Ready', 'True')] },
      { conditions: [{ ...condition('Ready', 'True'), reason: null, message: null }] },
    ],
    [
      'no condition for being in another place',
      { conditions: [condition('Ready', 'True'), condition('Mine', 'True')] },
      { conditions: [condition('Mine', 'True'), condition('Ready', 'True')] },
      {},
    ],
    [
      'that a condition of the node’s own is over, and nothing of others’',
      { conditions: [condition('PodResizePending', 'True'), condition('Mine', 'True')] },
      { conditions: [] },
      { conditions: [{ type: 'PodResizePending', $patch: 'delete' }] },
    ],
    [
      'addresses as a whole, for they are merged otherwise',
      { podIPs: [{ ip: '10.0.0.1' }] },
      { podIPs: [{ ip: '10.0.0.2' }] },
      { podIPs: [{ ip: '10.0.0.2' }, { $patch: 'replace' }] },
    ],
  ];
  for (const [name, from, to, expected] of cases) test(name, () => assert.deepEqual(statusChange(from, to), expected));
});

describe('StatusWriter', () => {
  async function writerOn() {
    await using stack = new AsyncDisposableStack();
    const { client } = stack.use(await schedulingCluster());
    const clock = new FakeClock();
    const writer = stack.use(new StatusWriter({ client, clock, log: silentLogger }));
    const { spec } = kubeletPod();
    const made = await client.create(Pod, { metadata: { name: 'pod', namespace: 'default' }, spec });
    const owned = stack.move();
    const get = () => client.get(Pod, { name: 'pod', namespace: 'default' });
    const until = async (holds: (pod: Pod) => boolean) => {
      for (let turn = 0; turn < 1_000; turn++) {
        const pod = await get();
        if (holds(pod)) return pod;
        await clock.advance(10);
      }
      return assert.fail('not in time');
    };
    return { client, clock, writer, made, get, until, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }
  const running: PodStatus = { phase: 'Running', conditions: [condition('Ready', 'True')], qosClass: 'BestEffort' };

  test('takes away the reason of a condition that has none any more', async () => {
    await using on = await writerOn();
    const { writer, made, until } = on;
    const isReady = (status: 'True' | 'False') => (pod: Pod) => pod.status.conditions?.[0]?.status === status;
    writer.set(made, { conditions: [{ ...condition('Ready', 'False'), reason: 'ContainersNotReady' }] });
    const ill = await until(isReady('False'));
    assert.equal(ill.status.conditions?.[0]?.reason, 'ContainersNotReady');
    writer.set(ill, { conditions: [condition('Ready', 'True')] });
    assert.equal((await until(isReady('True'))).status.conditions?.[0]?.reason, undefined);
  });

  test('writes what is new, and nothing twice', async () => {
    await using on = await writerOn();
    const { writer, made, until, get, clock } = on;
    writer.set(made, running);
    const { metadata, status } = await until((pod) => pod.status.phase === 'Running');
    assert.equal(status.conditions?.[0]?.status, 'True');
    assert.equal(writer.current(made).phase, 'Running');
    writer.set(made, { ...running });
    await clock.advance(10_000);
    assert.equal((await get()).metadata.resourceVersion, metadata.resourceVersion);
  });

  test('leaves conditions of others alone, and writes its own again when they are overwritten', async () => {
    await using on = await writerOn();
    const { client, writer, made, until } = on;
    writer.set(made, running);
    await until((pod) => pod.status.phase === 'Running');
    const body = { status: { conditions: [condition('example.com/gate', 'True'), condition('Ready', 'False')] } };
    const other = await client.patch(
      Pod,
      { name: 'pod', namespace: 'default' },
      { type: 'strategic', body },
      { subresource: 'status' },
    );
    writer.observe(other);
    const { status } = await until(
      (pod) => pod.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
    );
    assert.equal(status.conditions?.find(({ type }) => type === 'example.com/gate')?.status, 'True');
  });

  test('writes the last status, then removes the very pod', async () => {
    await using on = await writerOn();
    const { client, writer, made } = on;
    const watched: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const batch of client.watch(Pod, {
        resourceVersion: made.metadata.resourceVersion,
        signal: stop.signal,
      })) {
        for (const { type, object } of batch) watched.push(`${type} ${object.status.phase}`);
        if (watched.some((line) => line.startsWith('DELETED'))) return;
      }
    })();
    await client.delete(Pod, { name: 'pod', namespace: 'default' }, { gracePeriodSeconds: 30 });
    await writer.finish(made, { ...running, phase: 'Succeeded' }, AbortSignal.timeout(5_000));
    await watching;
    stop.abort();
    assert.equal(watched.at(-2), 'MODIFIED Succeeded');
    assert.equal(watched.at(-1), 'DELETED Succeeded');
  });

  test('is content when the pod is gone, and leaves another of its name alone', async () => {
    await using on = await writerOn();
    const { client, writer, made, get } = on;
    await client.delete(Pod, { name: 'pod', namespace: 'default' }, { gracePeriodSeconds: 0 });
    await writer.finish(made, { ...running, phase: 'Failed' }, AbortSignal.timeout(5_000));
    await assert.rejects(get(), (error) => isStatusError(error, 'NotFound'));
    await client.create(Pod, { metadata: { name: 'pod', namespace: 'default' }, spec: kubeletPod().spec });
    await writer.finish(made, { ...running, phase: 'Failed' }, AbortSignal.timeout(5_000));
    assert.equal((await get()).status.phase, 'Pending');
  });
});
