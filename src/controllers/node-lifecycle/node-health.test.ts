import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import type { Taint } from '../../api/core/toleration.ts';
import { formatTime } from '../../api/time.ts';
import { missingLabels, plannedTaints, silentConditions } from './node-health.ts';

const NOW = Date.UTC(2026, 0, 1);

function node(
  ready: string | undefined,
  taints: readonly Taint[] = [],
  more: Record<string, string> = {},
  spec = {},
): Node {
  const conditions = Object.entries({ ...(ready === undefined ? {} : { Ready: ready }), ...more });
  return {
    metadata: { name: 'n', creationTimestamp: formatTime(NOW) },
    spec: { taints, ...spec },
    status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
  } as unknown as Node;
}

const short = (taints: readonly Taint[]) => taints.map(({ key, effect }) => `${key.split('/').at(-1)}:${effect}`);
const taint = (key: string, effect: Taint['effect'] = 'NoExecute'): Taint => ({ key, effect });

test('plannedTaints follow the conditions and leave those of others alone', () => {
  const notReady = taint('node.kubernetes.io/not-ready', 'NoSchedule');
  const cases: readonly (readonly [string, Node, boolean, readonly string[]])[] = [
    ['ready', node('True'), true, []],
    ['not ready', node('False'), true, ['not-ready:NoSchedule', 'not-ready:NoExecute']],
    ['not ready, none may be evicted', node('False'), false, ['not-ready:NoSchedule']],
    ['not heard of', node('Unknown'), true, ['unreachable:NoSchedule', 'unreachable:NoExecute']],
    ['no condition yet', node(undefined, [notReady]), true, []],
    ['ready again', node('True', [notReady, taint('mine')]), true, ['mine:NoExecute']],
    [
      'pressures',
      node('True', [], { DiskPressure: 'True', MemoryPressure: 'False', PIDPressure: 'True' }),
      true,
      ['disk-pressure:NoSchedule', 'pid-pressure:NoSchedule'],
    ],
    ['cordoned', node('True', [], {}, { unschedulable: true }), true, ['unschedulable:NoSchedule']],
  ];
  for (const [what, one, evicts, wanted] of cases) {
    assert.deepEqual(short(plannedTaints(one, { evicts, nowMs: NOW })), wanted, what);
  }
  const settled = node('False', [notReady]);
  assert.equal(plannedTaints(settled, { evicts: false, nowMs: NOW }), settled.spec.taints);
});

test('silentConditions marks what only a living node can vouch for, once', () => {
  const conditions = silentConditions(node('True', [], { DiskPressure: 'False', NetworkUnavailable: 'False' }), NOW);
  assert.deepEqual(
    conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['DiskPressure', 'Unknown', 'NodeStatusUnknown'],
      ['NetworkUnavailable', 'False', undefined],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ],
  );
  assert.equal(silentConditions({ ...node('Unknown'), status: { conditions } } as unknown as Node, NOW), undefined);
});

test('missingLabels are those of old, as the new ones have them', () => {
  const labelled = (labels: Record<string, string>) => ({ metadata: { name: 'n', labels } }) as unknown as Node;
  const os = { 'kubernetes.io/os': 'linux' };
  assert.deepEqual(missingLabels(labelled({})), {});
  assert.deepEqual(missingLabels(labelled(os)), { 'beta.kubernetes.io/os': 'linux' });
  assert.deepEqual(missingLabels(labelled({ ...os, 'beta.kubernetes.io/os': 'linux' })), {});
  assert.deepEqual(missingLabels(labelled({ 'kubernetes.io/arch': 'arm64', 'beta.kubernetes.io/arch': 'x' })), {
    'beta.kubernetes.io/arch': 'arm64',
  });
});
