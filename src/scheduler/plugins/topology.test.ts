import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Cycle, type CycleShape } from '../../../test/support/scheduling-cycle.ts';
import { type NodeShape, type PodShape, podInfo } from '../../../test/support/scheduling-objects.ts';
import type { AnyObject } from '../../api/kind.ts';
import { CycleState } from '../framework.ts';

const zones: readonly NodeShape[] = [
  { name: 'a1', labels: { zone: 'a' } },
  { name: 'a2', labels: { zone: 'a' } },
  { name: 'b1', labels: { zone: 'b' } },
];
const web = { app: 'web' };
const near = (app: string, more: object = {}) => ({
  labelSelector: { matchLabels: { app } },
  topologyKey: 'zone',
  ...more,
});
type AffinityKind = 'podAffinity' | 'podAntiAffinity';
const requires = (kind: AffinityKind, ...terms: readonly object[]): PodShape => ({
  spec: { affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms } } } as never,
});
const prefers = (kind: AffinityKind, weight: number, podAffinityTerm: object): PodShape => ({
  spec: {
    affinity: { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } },
  } as never,
});
const spread = (constraint: object, labels: Readonly<Record<string, string>> = web): PodShape => ({
  labels,
  spec: {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: web },
        ...constraint,
      },
    ],
  } as never,
});
const namespaceObject = (name: string, labels: object): AnyObject =>
  ({ kind: 'Namespace', apiVersion: 'v1', metadata: { name, labels } }) as unknown as AnyObject;

interface Case extends CycleShape {
  readonly name: string;
  readonly pod: PodShape;
  /** The node, one of several, or the message. */
  readonly expected: string | readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'affinity: near a pod, by topology',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: requires('podAffinity', near('web')),
    expected: ['a1', 'a2'],
  },
  {
    name: 'affinity: no such pod',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'a1', labels: { app: 'other' } }],
    pod: requires('podAffinity', near('web')),
    expected: "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.",
  },
  {
    name: 'affinity: one pod must match all terms',
    nodes: zones,
    pods: [
      { name: 'x', nodeName: 'a1', labels: { app: 'web' } },
      { name: 'y', nodeName: 'b1', labels: { app: 'web', tier: 'front' } },
    ],
    pod: requires('podAffinity', near('web'), { ...near('web'), labelSelector: { matchLabels: { tier: 'front' } } }),
    expected: 'b1',
  },
  {
    name: 'affinity: the first of its kind is let in',
    nodes: [{ name: 'n' }, ...zones.slice(2)],
    pod: { labels: web, ...requires('podAffinity', near('web')) },
    expected: 'b1',
  },
  {
    name: 'affinity: only its own namespace, unless others are named or selected',
    nodes: zones,
    pods: [{ name: 'x', namespace: 'other', nodeName: 'b1', labels: web }],
    objects: [namespaceObject('other', { team: 'x' }), namespaceObject('default', {})],
    pod: requires('podAffinity', near('web')),
    expected: "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.",
  },
  {
    name: 'affinity: a namespace by name',
    nodes: zones,
    pods: [{ name: 'x', namespace: 'other', nodeName: 'b1', labels: web }],
    pod: requires('podAffinity', near('web', { namespaces: ['other'] })),
    expected: 'b1',
  },
  {
    name: 'affinity: a namespace by its labels',
    nodes: zones,
    pods: [{ name: 'x', namespace: 'other', nodeName: 'b1', labels: web }],
    objects: [namespaceObject('other', { team: 'x' }), namespaceObject('default', {})],
    pod: requires('podAffinity', near('web', { namespaceSelector: { matchLabels: { team: 'x' } } })),
    expected: 'b1',
  },
  {
    name: 'anti-affinity: away from a pod, by topology',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: requires('podAntiAffinity', near('web')),
    expected: 'b1',
  },
  {
    name: 'anti-affinity: nowhere left',
    nodes: zones,
    pods: [
      { name: 'x', nodeName: 'a1', labels: web },
      { name: 'y', nodeName: 'b1', labels: web },
    ],
    pod: requires('podAntiAffinity', near('web')),
    expected: "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
  },
  {
    name: 'anti-affinity: what is there refuses what comes',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'a1', ...requires('podAntiAffinity', near('web')) }],
    pod: { labels: web },
    expected: 'b1',
  },
  {
    name: 'anti-affinity: what is there refuses everywhere',
    nodes: zones.slice(0, 2),
    pods: [{ name: 'x', nodeName: 'a1', ...requires('podAntiAffinity', near('web')) }],
    pod: { labels: web },
    expected: "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
  },
  {
    name: 'preferred affinity: near',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'b1', labels: web, requests: { cpu: '1' } }],
    pod: prefers('podAffinity', 100, near('web')),
    expected: 'b1',
  },
  {
    name: 'preferred affinity: what is there wants what comes',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'b1', ...prefers('podAffinity', 100, near('web')), requests: { cpu: '1' } }],
    pod: { labels: web },
    expected: 'b1',
  },
  {
    name: 'preferred anti-affinity: away',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: prefers('podAntiAffinity', 100, near('web')),
    expected: 'b1',
  },
  {
    name: 'spread: to the topology with the fewest',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: spread({}),
    expected: 'b1',
  },
  {
    name: 'spread: a larger skew is allowed',
    nodes: zones.map((node) => ({ ...node, unschedulable: node.name === 'b1' })),
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: spread({ maxSkew: 2 }),
    expected: ['a1', 'a2'],
  },
  {
    name: 'spread: the only balanced place is closed',
    nodes: zones.map((node) => ({ ...node, unschedulable: node.name === 'b1' })),
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: spread({}),
    expected:
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints.",
  },
  {
    name: 'spread: nodes without the label are no place',
    nodes: [{ name: 'n' }],
    pod: spread({}),
    expected:
      "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
  },
  {
    name: 'spread: too few topologies count as if one were empty',
    nodes: zones.slice(0, 2),
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: spread({ minDomains: 2 }),
    expected: "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.",
  },
  {
    name: 'spread: topologies that the pod may not go to do not count',
    nodes: zones,
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: (() => {
      const shape = spread({});
      return { ...shape, spec: { ...shape.spec, nodeSelector: { zone: 'a' } } };
    })(),
    expected: ['a1', 'a2'],
  },
  {
    name: 'spread: tainted topologies count, unless told otherwise',
    nodes: zones.map((node) =>
      node.name === 'b1' ? { ...node, taints: [{ key: 'k', effect: 'NoSchedule' as const }] } : node,
    ),
    pods: [{ name: 'x', nodeName: 'a1', labels: web }],
    pod: spread({ nodeTaintsPolicy: 'Honor' }),
    expected: ['a1', 'a2'],
  },
  {
    name: 'spread: only pods of the same revision count',
    nodes: zones,
    pods: [
      { name: 'x', nodeName: 'a1', labels: { ...web, revision: '2' } },
      { name: 'y', nodeName: 'b1', labels: { ...web, revision: '1' } },
      { name: 'z', nodeName: 'b1', labels: { ...web, revision: '1' } },
    ],
    pod: spread({ matchLabelKeys: ['revision'] }, { ...web, revision: '2' }),
    expected: 'b1',
  },
  {
    name: 'spread: preferred',
    nodes: zones,
    pods: [
      { name: 'x', nodeName: 'a1', labels: web },
      { name: 'y', nodeName: 'a2', labels: web },
    ],
    pod: spread({ whenUnsatisfiable: 'ScheduleAnyway' }),
    expected: 'b1',
  },
  {
    name: 'spread: pods of one service spread over hosts by default',
    nodes: [{ name: 'n1' }, { name: 'n2' }],
    pods: [{ name: 'x', nodeName: 'n1', labels: web }],
    objects: [
      {
        kind: 'Service',
        apiVersion: 'v1',
        metadata: { name: 'web', namespace: 'default' },
        spec: { selector: web },
      } as unknown as AnyObject,
    ],
    profile: {
      plugins: { score: { enabled: [{ name: 'PodTopologySpread', weight: 1 }], disabled: [{ name: '*' }] } },
    },
    pod: { labels: web },
    expected: 'n2',
  },
];

describe('affinity and spreading', () => {
  for (const { name, pod, expected, ...shape } of cases) {
    test(name, () => {
      const outcome = new Cycle(shape).outcome(pod);
      if (typeof expected === 'string') assert.equal(outcome, expected);
      else assert.ok(expected.includes(outcome), outcome);
    });
  }

  test('what preFilter counted follows pods that are imagined to come and go', () => {
    const cycle = new Cycle({ nodes: zones, pods: [{ name: 'x', nodeName: 'a1', labels: web }] });
    cycle.cache.updateSnapshot(cycle.snapshot);
    for (const shape of [spread({}), requires('podAntiAffinity', near('web'))]) {
      const info = podInfo(shape);
      const state = new CycleState();
      cycle.profile.preFilter(state, info, cycle.snapshot.nodes);
      const filters = cycle.profile.filtersFor(state);
      const a1 = cycle.snapshot.get('a1');
      const [victim] = a1?.pods ?? [];
      assert.ok(a1 && victim);
      assert.ok(cycle.profile.filter(filters, state, info, a1), 'turned down as it is');
      const without = state.clone();
      cycle.profile.removePod(without, info, victim, a1);
      assert.equal(cycle.profile.filter(filters, without, info, a1), undefined, 'passes without the other');
      cycle.profile.addPod(without, info, victim, a1);
      assert.ok(cycle.profile.filter(filters, without, info, a1), 'turned down again');
      assert.ok(cycle.profile.filter(filters, state, info, a1), 'the first state was not touched');
    }
  });
});
