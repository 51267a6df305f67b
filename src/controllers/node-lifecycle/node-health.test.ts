import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Taint, Toleration } from '../../api/core/toleration.ts';
import { formatTime } from '../../api/time.ts';
import { planEviction } from '../taint-eviction/plan-eviction.ts';
import { clusterHealth, evictionRate, plannedTaints, silentConditions } from './node-health.ts';

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

test('clusterHealth and evictionRate spare pods when it is not the nodes that are at fault', () => {
  const nodes = (ready: number, silent: number) => [
    ...Array.from({ length: ready }, () => node('True')),
    ...Array.from({ length: silent }, () => node('Unknown')),
  ];
  const cases: readonly (readonly [number, number, string, number])[] = [
    [0, 0, 'normal', 0.1],
    [10, 1, 'normal', 0.1],
    [1, 1, 'normal', 0.1],
    [4, 6, 'partial', 0],
    [40, 60, 'partial', 0.01],
    [0, 1, 'full', 0],
    [0, 20, 'full', 0],
  ];
  for (const [ready, silent, health, rate] of cases) {
    const all = nodes(ready, silent);
    assert.equal(clusterHealth(all), health, `${ready} ${silent}`);
    assert.equal(evictionRate(clusterHealth(all), all.length), rate, `${ready} ${silent}`);
  }
});

test('planEviction gives each pod the time that it tolerates', () => {
  const added = formatTime(NOW - 10_000);
  const tainted = (...taints: Taint[]) => node('Unknown', taints);
  const pod = (...tolerations: Toleration[]) => ({ spec: { tolerations } }) as unknown as Pod;
  const unreachable: Taint = { ...taint('node.kubernetes.io/unreachable'), timeAdded: added };
  const tolerates = (seconds?: number): Toleration => ({
    key: 'node.kubernetes.io/unreachable',
    operator: 'Exists',
    effect: 'NoExecute',
    ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
  });
  const cases: readonly (readonly [string, Node, Pod, number | undefined])[] = [
    ['no taint', node('True'), pod(), undefined],
    ['a taint that keeps away only', tainted(taint('k', 'NoSchedule')), pod(), undefined],
    ['not tolerated', tainted(unreachable), pod(), NOW],
    ['tolerated for ever', tainted(unreachable), pod(tolerates()), undefined],
    ['tolerated for a while, counted from the taint', tainted(unreachable), pod(tolerates(300)), NOW + 290_000],
    ['the shortest counts', tainted(unreachable), pod(tolerates(300), tolerates(60)), NOW + 50_000],
    ['a second taint is not', tainted(unreachable, taint('other')), pod(tolerates(300)), NOW],
    ['less than nothing', tainted({ ...unreachable, timeAdded: formatTime(NOW) }), pod(tolerates(-5)), NOW],
    ['another value', tainted({ ...taint('k'), value: 'a' }), pod({ key: 'k', operator: 'Equal', value: 'b' }), NOW],
    ['everything', tainted(taint('k'), unreachable), pod({ operator: 'Exists' }), undefined],
  ];
  for (const [what, one, whose, atMs] of cases) {
    const wanted = atMs === undefined ? { type: 'never' } : { type: 'at', atMs };
    assert.deepEqual(planEviction(one, whose, NOW), wanted, what);
  }
});
