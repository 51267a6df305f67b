import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput } from '../../../test/support/kubelet-objects.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { PodFigures } from '../figures/figures.ts';
import { kubeletSettings } from '../settings/kubelet-configuration.ts';
import { evictionMessage } from './eviction-message.ts';
import { exceededLimit } from './local-limits.ts';
import { rankPods } from './rank-pods.ts';
import type { Observation, Signal } from './signals.ts';
import { evictionThresholds } from './thresholds.ts';

const MI = 1024 * 1024;
const fs = (usedBytes: number, inodesUsed = 0) => ({ atMs: 0, usedBytes, inodesUsed });

interface Shape {
  readonly name: string;
  readonly priority?: number;
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
  readonly volumes?: PodSpecInput['volumes'];
  readonly memory?: number;
  readonly processes?: number;
  readonly rootFs?: number;
  readonly logs?: number;
  readonly data?: number;
  /** Nothing was measured of it. */
  readonly unknown?: true;
}

function podOf({ name, priority = 0, requests = {}, limits = {}, volumes }: Shape): Pod {
  const containers = [{ name: 'main', resources: { requests, limits } }];
  return kubeletPod({ name, spec: { priority, containers, volumes: volumes ?? [{ name: 'data', emptyDir: {} }] } });
}

function figuresOf({ name, memory = 0, processes = 0, rootFs = 0, logs = 0, data = 0 }: Shape): PodFigures {
  return {
    ...{ name, namespace: 'default', uid: `uid-${name}`, startedMs: 0, processes },
    memory: { atMs: 0, workingSetBytes: memory },
    containers: [
      {
        ...{ name: 'main', startedMs: 0, rootFs: fs(rootFs), logs: fs(logs) },
        memory: { atMs: 0, workingSetBytes: memory },
      },
    ],
    volumes: [{ name: 'data', ...fs(data) }],
    ephemeralStorage: fs(rootFs + logs + data),
  };
}

describe('rankPods', () => {
  const cases: readonly (readonly [string, Signal, readonly Shape[], string, boolean?])[] = [
    [
      'who uses more than it asked for, before those who do not, whatever their priority',
      'memory.available',
      [
        { name: 'modest', memory: 90 * MI, requests: { memory: '100Mi' } },
        { name: 'greedy', memory: 20 * MI, requests: { memory: '10Mi' }, priority: 10 },
      ],
      'greedy modest',
    ],
    [
      'the lower priority, before the larger excess',
      'allocatableMemory.available',
      [
        { name: 'large', memory: 90 * MI, priority: 10 },
        { name: 'small', memory: 5 * MI },
      ],
      'small large',
    ],
    [
      'the larger excess, not the larger usage',
      'memory.available',
      [
        { name: 'used', memory: 90 * MI, requests: { memory: '80Mi' } },
        { name: 'excess', memory: 30 * MI, requests: { memory: '10Mi' } },
      ],
      'excess used',
    ],
    [
      'those of which nothing is known',
      'memory.available',
      [
        { name: 'known', memory: 90 * MI },
        { name: 'new', unknown: true },
      ],
      'new known',
    ],
    [
      'by priority for want of processes, then by their number',
      'pid.available',
      [
        { name: 'few', processes: 1 },
        { name: 'many', processes: 100 },
        { name: 'important', processes: 1000, priority: 1 },
      ],
      'many few important',
    ],
    [
      'by all that a pod has on the one disk there is',
      'nodefs.available',
      [
        { name: 'volumes', data: 3 },
        { name: 'files', rootFs: 2, logs: 2 },
      ],
      'files volumes',
    ],
    [
      'by logs and volumes where images have a disk of their own',
      'nodefs.available',
      [
        { name: 'files', rootFs: 9, logs: 2 },
        { name: 'volumes', data: 3 },
      ],
      'volumes files',
      true,
    ],
    [
      'by what containers write for want of room on that one',
      'imagefs.available',
      [
        { name: 'volumes', data: 30 },
        { name: 'files', rootFs: 9 },
      ],
      'files volumes',
      true,
    ],
  ];
  for (const [what, signal, shapes, order, dedicatedImageFs = false] of cases) {
    test(`begins with ${what}`, () => {
      const known = shapes.filter(({ unknown }) => !unknown).map(figuresOf);
      const ranked = rankPods(shapes.map(podOf), {
        ...{ signal, dedicatedImageFs },
        figuresOf: ({ metadata }) => known.find(({ uid }) => uid === metadata.uid),
      });
      assert.equal(ranked.map(({ metadata }) => metadata.name).join(' '), order);
    });
  }
});

describe('exceededLimit', () => {
  const sized = [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }];
  const limits = { 'ephemeral-storage': '2Mi' };
  const cases: readonly (readonly [string, Shape, string | undefined, boolean?])[] = [
    ['nothing while a volume is full', { name: 'a', volumes: sized, data: MI }, undefined],
    [
      'the volume',
      { name: 'a', volumes: sized, data: MI + 1 },
      'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ',
    ],
    [
      'the pod',
      { name: 'a', limits, data: MI, logs: MI, rootFs: 1 },
      'Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ',
    ],
    ['nothing within the limit', { name: 'a', limits, logs: MI, rootFs: MI }, undefined],
    ['nothing without one', { name: 'a', logs: 100 * MI }, undefined],
  ];
  for (const [what, shape, message] of cases) {
    test(`tells of ${what}`, () =>
      assert.equal(exceededLimit(podOf(shape), figuresOf(shape), false)?.message, message));
  }

  test('tells of a container, whose files do not count where they are on the disk of the images', () => {
    const shape = { name: 'a', limits, rootFs: 2 * MI, logs: 1 };
    const figures = { ...figuresOf(shape), ephemeralStorage: fs(0) };
    const message = 'Container main exceeded its local ephemeral storage limit "2Mi". ';
    const limit = 'ephemeralcontainerfs.limit';
    assert.deepEqual(exceededLimit(podOf(shape), figures, false), { limit, message });
    assert.equal(exceededLimit(podOf(shape), figures, true), undefined);
  });
});

describe('evictionMessage', () => {
  const of = (shape: Shape, evictionHard: Readonly<Record<string, string>>, seen: readonly [Signal, Observation][]) => {
    const due = evictionThresholds(kubeletSettings({ evictionHard }));
    return evictionMessage(podOf(shape), shape.unknown ? undefined : figuresOf(shape), due, new Map(seen));
  };

  test('names what is short, and the containers that use more than they asked for', () => {
    const shape = { name: 'a', memory: 20 * MI, requests: { memory: '10Mi' } };
    const seen: [Signal, Observation] = ['memory.available', { available: 50 * MI, capacity: 1000 * MI }];
    assert.deepEqual(of(shape, { 'memory.available': '100Mi' }, [seen]), {
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 20Mi, request is 10Mi, has larger consumption of memory. ',
      annotations: {
        offending_containers: 'main',
        offending_containers_usage: '20Mi',
        starved_resource: 'memory',
      },
    });
  });

  test('tells shares as amounts, and of disk what containers write and log', () => {
    const seen: [Signal, Observation] = ['nodefs.available', { available: 512, capacity: 16384 }];
    const { message } = of({ name: 'a', rootFs: 2048, logs: 1024 }, { 'nodefs.available': '25%' }, [seen]);
    assert.equal(
      message,
      'The node was low on resource: ephemeral-storage. Threshold quantity: 4Ki, available: 512. Container main was using 3Ki, request is 0, has larger consumption of ephemeral-storage. ',
    );
  });

  test('blames nobody for processes, nor anybody of whom nothing is known', () => {
    const seen: [Signal, Observation] = ['pid.available', { available: 5, capacity: 100 }];
    const hard = { 'pid.available': '10' };
    const lead = 'The node was low on resource: pids. Threshold quantity: 10, available: 5. ';
    assert.equal(of({ name: 'a', processes: 9 }, hard, [seen]).message, lead);
    assert.deepEqual(of({ name: 'a', unknown: true }, hard, [seen]), { message: lead, annotations: {} });
  });
});
