import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { CPU, MEMORY, SimulatedUsage } from './simulated-usage.ts';

const NOW = Date.UTC(2026, 0, 1);
const MEBIBYTE = 2 ** 20;

function pod(annotations: Readonly<Record<string, string>>, requests: Readonly<Record<string, string>> = {}): Pod {
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'uid-web', annotations, creationTimestamp: formatTime(NOW) },
    spec: { containers: [{ name: 'main', resources: { requests } }] },
    status: { containerStatuses: [{ name: 'main', state: { running: { startedAt: formatTime(NOW) } } }] },
  } as unknown as Pod;
}

function used(usage: SimulatedUsage, of: Pod, afterMs: number) {
  const [container] = usage.figures([of], NOW + afterMs).pods[0]?.containers ?? [];
  const { usageCoreNanoSeconds = 0, usageNanoCores = 0 } = container?.cpu ?? {};
  return {
    seconds: usageCoreNanoSeconds / 1e9,
    cores: usageNanoCores / 1e9,
    mebibytes: (container?.memory?.workingSetBytes ?? 0) / MEBIBYTE,
  };
}

describe('SimulatedUsage', () => {
  const cases: readonly [string, Pod, { readonly cores: number; readonly mebibytes: number }][] = [
    ['what it says', pod({ [CPU]: '250m', [MEMORY]: '64Mi' }), { cores: 0.25, mebibytes: 64 }],
    ['a part of what it asks for', pod({}, { cpu: '2', memory: '100Mi' }), { cores: 0.2, mebibytes: 50 }],
    ['a little', pod({}), { cores: 0.001, mebibytes: 16 }],
    [
      'a little, if it says nothing that makes sense',
      pod({ [CPU]: 'much', [MEMORY]: '-1' }),
      { cores: 0.001, mebibytes: 16 },
    ],
  ];
  for (const [title, of, { cores, mebibytes }] of cases) {
    test(`a container uses ${title}`, () => {
      const usage = new SimulatedUsage({ name: 'node', startedMs: NOW });
      assert.deepEqual(used(usage, of, 10_000), { seconds: cores * 10, cores, mebibytes });
    });
  }

  test('CPU time goes on from where it was when a pod says something else', () => {
    const usage = new SimulatedUsage({ name: 'node', startedMs: NOW });
    assert.equal(used(usage, pod({ [CPU]: '1' }), 10_000).seconds, 10);
    assert.equal(used(usage, pod({ [CPU]: '500m' }), 20_000).seconds, 15);
  });

  test('the node’s CPU time does not go back when a pod goes', () => {
    const usage = new SimulatedUsage({ name: 'node', startedMs: NOW });
    const before = usage.figures([pod({ [CPU]: '4' })], NOW + 10_000).node.cpu?.usageCoreNanoSeconds ?? 0;
    assert.ok(before >= 40e9);
    assert.ok((usage.figures([], NOW + 11_000).node.cpu?.usageCoreNanoSeconds ?? 0) > before);
  });

  test('a pod of which nothing runs is not told of', () => {
    const usage = new SimulatedUsage({ name: 'node', startedMs: NOW });
    const ended = { ...pod({}), status: { containerStatuses: [{ name: 'main', state: { terminated: {} } }] } };
    assert.deepEqual(usage.figures([ended as unknown as Pod], NOW).pods, []);
  });
});
