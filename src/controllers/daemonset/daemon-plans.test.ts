import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { daemonFacts } from './daemon-facts.ts';
import { daemonSetStatus } from './daemonset-status.ts';
import { planUpkeep } from './plan-daemons.ts';
import { planUpdate } from './plan-update.ts';

const NOW = Date.UTC(2026, 0, 2);

type RollingUpdate = { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };

function daemonSet(rollingUpdate: RollingUpdate = { maxUnavailable: 1 }, spec: object = {}): DaemonSet {
  return {
    metadata: { name: 'd', annotations: {} },
    spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate }, template: { spec: {} }, ...spec },
    status: {},
  } as unknown as DaemonSet;
}

/** `a`, or `a tainted` (no new pods), `a evicting` (no pods at all). */
function node(text: string): Node {
  const [name, trait] = text.split(' ');
  const effect = trait === 'tainted' ? 'NoSchedule' : 'NoExecute';
  return { metadata: { name }, spec: { taints: trait ? [{ key: 'x', effect }] : [] } } as unknown as Node;
}

/** A pod on node a that is called `a1`: `a1 old unready going Failed`; the number says how young it is. */
function pod(text: string): Pod {
  const [name = '', ...traits] = text.split(' ');
  const is = (trait: string) => traits.includes(trait);
  const phase = ['Failed', 'Succeeded', 'Pending'].find(is) ?? 'Running';
  const isReady = phase === 'Running' && !is('unready');
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [name[0]] }];
  return {
    metadata: {
      name,
      creationTimestamp: formatTime(NOW - 60_000 + Number(name.slice(1)) * 1000),
      labels: { 'controller-revision-hash': is('old') ? 'old' : 'new' },
      ...(is('going') ? { deletionTimestamp: formatTime(NOW) } : {}),
    },
    spec: is('unbound')
      ? {
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } },
          },
        }
      : { nodeName: name[0] },
    status: {
      phase,
      conditions: isReady ? [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(NOW - 10_000) }] : [],
    },
  } as unknown as Pod;
}

const factsOf = (set: DaemonSet, nodes: readonly string[], pods: readonly string[]) =>
  daemonFacts(set, { hash: 'new', nodes: nodes.map(node), pods: pods.map(pod), nowMs: NOW });

function planText({ create, delete: doomed }: { readonly create: readonly string[]; readonly delete: readonly Pod[] }) {
  return [...create.map((name) => `+${name}`), ...doomed.map(({ metadata }) => `-${metadata.name}`)].join(' ');
}

type Case = readonly [what: string, DaemonSet, nodes: string[], pods: string[], expected: string];

test('planUpkeep: one pod on every node that the set is for', () => {
  const plain = daemonSet();
  const surging = daemonSet({ maxSurge: 1 });
  const cases: readonly Case[] = [
    ['missing pods', plain, ['a', 'b'], ['a1'], '+b'],
    ['those meant for a node count', plain, ['a'], ['a1 unbound Pending'], ''],
    ['those that go must be gone', plain, ['a'], ['a1 going'], ''],
    ['unless they have ended', plain, ['a'], ['a1 going Failed'], '+a'],
    ['none where they are not tolerated', plain, ['a tainted'], [], ''],
    ['where they may stay', plain, ['a tainted'], ['a1'], ''],
    ['or must leave', plain, ['a evicting'], ['a1', 'a2 going'], '-a1'],
    ['of several the oldest stays', plain, ['a'], ['a3', 'a1', 'a2'], '-a2 -a3'],
    ['but one on the node before one that is not', plain, ['a'], ['a1 unbound', 'a2'], '-a1'],
    ['ended pods are for the backoff', plain, ['a'], ['a1 Failed'], ''],
    ['stranded ones go', plain, ['a'], ['a1', 'b1 unbound', 'c1'], '-b1'],
    ['a surge does not wait', surging, ['a'], ['a1 going'], '+a'],
    ['keeps one of each template', surging, ['a'], ['a1 old', 'a2 unready'], ''],
    ['until the old one is unready', surging, ['a'], ['a1 old unready', 'a2 unready'], '-a1'],
    ['or the new one is available', surging, ['a'], ['a1 old', 'a2'], '-a1'],
    ['and no more', surging, ['a'], ['a1 old', 'a2 old', 'a3 unready', 'a4 unready'], '-a4 -a2'],
  ];
  for (const [what, set, nodes, pods, expected] of cases) {
    assert.equal(planText(planUpkeep(factsOf(set, nodes, pods))), expected, what);
  }
  const { ended } = planUpkeep(factsOf(plain, ['a', 'b'], ['a1 Failed', 'b1 Succeeded']));
  assert.deepEqual(
    ended.map(({ node, pod }) => `${node} ${pod.metadata.name}`),
    ['a a1', 'b b1'],
  );
});

test('planUpdate exchanges pods within what may be unavailable or surge', () => {
  const onDelete = daemonSet({}, { updateStrategy: { type: 'OnDelete' } });
  const three = ['a', 'b', 'c'];
  const old = ['a1 old', 'b1 old', 'c1 old'];
  const cases: readonly Case[] = [
    ['one at a time', daemonSet(), three, old, '-a1'],
    ['or more', daemonSet({ maxUnavailable: '50%' }), three, old, '-a1 -b1'],
    ['not while a new one is unready', daemonSet(), three, ['a2 unready', 'b1 old', 'c1 old'], ''],
    ['nor while one is missing', daemonSet(), three, ['b1 old', 'c1 old'], ''],
    [
      'what is not available goes at once',
      daemonSet(),
      three,
      ['a1 old unready', 'b1 old unready', 'c1 old'],
      '-a1 -b1',
    ],
    ['available means for long enough', daemonSet({ maxUnavailable: 1 }, { minReadySeconds: 11 }), ['a'], ['a1'], ''],
    ['nothing to do', daemonSet(), three, ['a1', 'b1', 'c1'], ''],
    ['impossible figures mean one', daemonSet({ maxUnavailable: 0 }), three, old, '-a1'],
    ['OnDelete leaves it to others', onDelete, three, old, ''],
    ['a new one beside the old', daemonSet({ maxSurge: 1 }), three, old, '+a'],
    ['or more', daemonSet({ maxSurge: '50%' }), three, old, '+a +b'],
    ['not while one is surging', daemonSet({ maxSurge: 1 }), three, ['a1 old', 'a2 unready', 'b1 old', 'c1 old'], ''],
    ['beside unavailable ones at once', daemonSet({ maxSurge: 1 }), three, ['a1 old unready', 'b1 old', 'c1'], '+a +b'],
    ['the old one goes for an available one', daemonSet({ maxSurge: 1 }), ['a'], ['a1 old', 'a2'], '-a1'],
    [
      'where none belongs the old one stays',
      daemonSet({ maxSurge: 1 }),
      ['a tainted', 'b'],
      ['a1 old', 'b2 unready'],
      '',
    ],
    ['till others are available', daemonSet({ maxSurge: 1 }), ['a tainted', 'b'], ['a1 old', 'b2'], '-a1'],
    ['unless it is not available', daemonSet({ maxSurge: 1 }), ['a tainted', 'b'], ['a1 old unready', 'b2'], '-a1'],
  ];
  for (const [what, set, nodes, pods, expected] of cases) {
    assert.equal(planText(planUpdate(factsOf(set, nodes, pods))), expected, what);
  }
});

test('daemonSetStatus counts nodes', () => {
  const nodes = ['a', 'b', 'c', 'd tainted', 'e evicting', 'f'];
  const pods = ['a1', 'b1 old unready', 'c1 going', 'd1', 'f1 old', 'f2'];
  assert.deepEqual(daemonSetStatus(factsOf(daemonSet(), nodes, pods), { collisionCount: 2 }), {
    currentNumberScheduled: 4,
    numberMisscheduled: 1,
    desiredNumberScheduled: 4,
    numberReady: 3,
    observedGeneration: 0,
    updatedNumberScheduled: 2,
    numberAvailable: 3,
    numberUnavailable: 1,
    collisionCount: 2,
  });
});
