import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Cycle, type CycleShape } from '../../../test/support/scheduling-cycle.ts';
import type { PodShape } from '../../../test/support/scheduling-objects.ts';
import type { SchedulerProfile } from '../configuration.ts';

/** A profile that scores by one plugin alone, unweighted. */
const only = (name: string, args?: unknown): SchedulerProfile => ({
  plugins: {
    preScore: { enabled: [{ name }], disabled: [{ name: '*' }] },
    score: { enabled: [{ name, weight: 1 }], disabled: [{ name: '*' }] },
  },
  ...(args === undefined ? {} : { pluginConfig: [{ name, args }] }),
});

interface Case extends CycleShape {
  readonly name: string;
  readonly pod: PodShape;
  readonly expected: Record<string, number>;
}

const prefers = (...terms: readonly [number, object][]): PodShape => ({
  spec: {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: terms.map(([weight, preference]) => ({ weight, preference })),
      },
    },
  } as NonNullable<PodShape['spec']>,
});
const has = (key: string) => ({ matchExpressions: [{ key, operator: 'Exists' }] });
const half = { requests: { cpu: '2', memory: '4Gi' } };

const cases: readonly Case[] = [
  {
    name: 'TaintToleration: the fewest taints of effect PreferNoSchedule that are not tolerated',
    profile: only('TaintToleration'),
    nodes: [
      { name: 'none' },
      { name: 'one', taints: [{ key: 'a', effect: 'PreferNoSchedule' }] },
      {
        name: 'two',
        taints: [
          { key: 'a', effect: 'PreferNoSchedule' },
          { key: 'b', effect: 'PreferNoSchedule' },
        ],
      },
      { name: 'tolerated', taints: [{ key: 'c', effect: 'PreferNoSchedule' }] },
    ],
    pod: { spec: { tolerations: [{ key: 'c', operator: 'Exists' }] } },
    expected: { none: 100, one: 50, two: 0, tolerated: 100 },
  },
  {
    name: 'NodeAffinity: the weights of the terms that match, in proportion to the best',
    profile: only('NodeAffinity'),
    nodes: [{ name: 'a', labels: { x: '' } }, { name: 'b', labels: { x: '', y: '' } }, { name: 'c' }],
    pod: prefers([10, has('x')], [30, has('y')], [50, {}]),
    expected: { a: 25, b: 100, c: 0 },
  },
  {
    name: 'NodeResourcesFit: the least allocated, with the pod',
    profile: only('NodeResourcesFit'),
    nodes: [{ name: 'empty' }, { name: 'half' }, { name: 'small', allocatable: { cpu: '2', memory: '4Gi' } }],
    pods: [{ name: 'x', nodeName: 'half', ...half }],
    pod: { requests: { cpu: '1', memory: '2Gi' } },
    expected: { empty: 75, half: 25, small: 50 },
  },
  {
    name: 'NodeResourcesFit: pods that ask for nothing count a little',
    profile: only('NodeResourcesFit'),
    nodes: [
      { name: 'a', allocatable: { cpu: '1', memory: '2000Mi' } },
      { name: 'b', allocatable: { cpu: '1', memory: '2000Mi' } },
    ],
    pods: [{ name: 'x', nodeName: 'a' }],
    pod: {},
    expected: { a: 80, b: 90 },
  },
  {
    name: 'NodeResourcesFit: the most allocated',
    profile: only('NodeResourcesFit', { scoringStrategy: { type: 'MostAllocated' } }),
    nodes: [{ name: 'empty' }, { name: 'half' }],
    pods: [{ name: 'x', nodeName: 'half', ...half }],
    pod: { requests: { cpu: '1', memory: '2Gi' } },
    expected: { empty: 25, half: 75 },
  },
  {
    name: 'NodeResourcesFit: weights of resources, and special ones only when they are asked for',
    profile: only('NodeResourcesFit', {
      scoringStrategy: {
        type: 'MostAllocated',
        resources: [
          { name: 'cpu', weight: 3 },
          { name: 'memory', weight: 1 },
          { name: 'x.io/gpu', weight: 100 },
        ],
      },
    }),
    nodes: [{ name: 'a', allocatable: { 'x.io/gpu': '2' } }],
    pod: { requests: { cpu: '4', memory: '4Gi' } },
    expected: { a: Math.trunc((100 * 3 + 50) / 4) },
  },
  {
    name: 'NodeResourcesFit: a curve of its own',
    profile: only('NodeResourcesFit', {
      scoringStrategy: {
        type: 'RequestedToCapacityRatio',
        resources: [{ name: 'cpu', weight: 1 }],
        requestedToCapacityRatio: {
          shape: [
            { utilization: 0, score: 0 },
            { utilization: 50, score: 10 },
            { utilization: 100, score: 2 },
          ],
        },
      },
    }),
    nodes: [
      { name: 'quarter' },
      { name: 'half', allocatable: { cpu: '2' } },
      { name: 'full', allocatable: { cpu: '1' } },
    ],
    pod: { requests: { cpu: '1' } },
    expected: { quarter: 50, half: 100, full: 20 },
  },
  {
    name: 'NodeResourcesBalancedAllocation: what is used evenly',
    profile: only('NodeResourcesBalancedAllocation'),
    nodes: [{ name: 'even' }, { name: 'uneven', allocatable: { memory: '80Gi' } }],
    pod: { requests: { cpu: '2', memory: '4Gi' } },
    expected: { even: 100, uneven: Math.trunc((1 - (0.5 - 0.05) / 2) * 100) },
  },
  {
    name: 'NodeResourcesBalancedAllocation: nothing to say of pods that ask for nothing',
    profile: only('NodeResourcesBalancedAllocation'),
    nodes: [{ name: 'a' }],
    pod: {},
    expected: { a: 0 },
  },
  {
    name: 'ImageLocality: large images that are there, less if few nodes have them',
    profile: only('ImageLocality'),
    nodes: [
      { name: 'has', images: [{ names: ['big:latest'], sizeBytes: 2000 * 1024 * 1024 }] },
      { name: 'has-small', images: [{ names: ['small:1'], sizeBytes: 1024 }] },
    ],
    pod: { spec: { containers: [{ name: 'c', image: 'big', resources: {} }] as never } },
    // Half of 2000 MiB, since one of two nodes has it.
    expected: { has: 100, 'has-small': 0 },
  },
];

describe('scores', () => {
  for (const { name, pod, expected, ...shape } of cases) {
    test(name, () => assert.deepEqual(new Cycle(shape).scores(pod), expected));
  }

  test('the default weights add up', () => {
    const cycle = new Cycle({ nodes: [{ name: 'a' }] });
    // TaintToleration 3 x 100, LeastAllocated 1 x 75, BalancedAllocation 1 x 100; the others skip the pod or give 0.
    assert.deepEqual(cycle.scores({ requests: { cpu: '1', memory: '2Gi' } }), { a: 475 });
  });

  for (const [name, shape] of [
    ['empty', []],
    [
      'falling',
      [
        { utilization: 50, score: 1 },
        { utilization: 10, score: 2 },
      ],
    ],
    ['out of range', [{ utilization: 0, score: 11 }]],
  ] as const) {
    test(`a curve that is ${name} is refused`, () => {
      const args = { scoringStrategy: { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } } };
      assert.throws(() => new Cycle({ profile: only('NodeResourcesFit', args) }), TypeError);
    });
  }
});
