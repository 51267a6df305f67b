import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput, runtimePod } from '../../../test/support/kubelet-objects.ts';
import type { ResourceRequirements } from '../../api/core/container-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { CgroupLimits } from '../cgroup-limits.ts';
import { effectiveResources, podResources } from '../resources.ts';
import { planResize } from './plan-resize.ts';
import { ResizeError, resizePod } from './resize-pod.ts';

const MB = 1024 ** 2;
const SIGNAL = new AbortController().signal;
const has = (cpu: string, memory: string): ResourceRequirements => ({
  limits: { cpu, memory },
  requests: { cpu, memory },
});
type Containers = Readonly<Record<string, ResourceRequirements>>;
const podOf = (containers: Containers) =>
  kubeletPod({
    spec: {
      containers: Object.entries(containers).map(([name, resources]) => ({ name, resources })),
    } as Partial<PodSpecInput>,
  });

/** A pod's group and containers that can be resized, and that are never to hold more than their pod may. */
function machine(before: Containers, used: { readonly pod?: number; readonly containers?: number } = {}) {
  const state = { limits: podResources(podOf(before)) as Partial<CgroupLimits>, containers: { ...before } };
  const check = () => {
    const sum = (which: 'memoryLimit' | 'cpuLimit') =>
      Object.values(state.containers).reduce((total, each) => total + effectiveResources(each)[which], 0);
    assert.ok(sum('memoryLimit') <= state.limits.memoryBytes!, 'memory of the containers');
    assert.ok(sum('cpuLimit') * 100 <= state.limits.cpuQuota!, 'CPU of the containers');
  };
  const resize = (pod: Pod) => {
    const names = Object.keys(before).map((name) => ({ name }));
    const plan = planResize(pod, runtimePod(pod, { containers: names }), { containers: state.containers });
    return resizePod(
      {
        cgroups: {
          limits: async () => ({ ...podResources(pod), ...state.limits }),
          async limit(_pod, limits) {
            state.limits = { ...state.limits, ...limits };
            check();
          },
          usage: async () => ({ usageBytes: used.pod ?? 0 }) as never,
        },
        allocations: { actuate() {}, actuatePod() {} },
        runtime: {
          async resizeContainer(_pod, { name, resources }) {
            state.containers = { ...state.containers, [name]: resources };
            check();
          },
          memoryOf: async () => used.containers,
        },
      },
      pod,
      plan,
      SIGNAL,
    );
  };
  return { state, resize };
}

describe('resizePod never has containers hold more than their pod', () => {
  const before = { a: has('100m', '64Mi'), b: has('200m', '64Mi') };
  const cases: readonly (readonly [string, Containers])[] = [
    ['when all grows', { a: has('200m', '128Mi'), b: has('300m', '128Mi') }],
    ['when all shrinks', { a: has('50m', '32Mi'), b: has('100m', '32Mi') }],
    ['when one takes what the other gives', { a: has('200m', '96Mi'), b: has('100m', '32Mi') }],
    ['when CPU grows and memory shrinks', { a: has('300m', '32Mi'), b: has('200m', '64Mi') }],
  ];
  for (const [name, after] of cases) {
    test(name, async () => {
      const { state, resize } = machine(before);
      const pod = podOf(after);
      await resize(pod);
      assert.deepEqual(state.containers, after);
      assert.deepEqual(state.limits, podResources(pod));
    });
  }
});

describe('resizePod takes no memory away that is in use', () => {
  const before = { main: has('100m', '64Mi') };
  test('by the pod', async () => {
    const { state, resize } = machine(before, { pod: 40 * MB });
    await assert.rejects(resize(podOf({ main: has('100m', '32Mi') })), {
      name: 'ResizeError',
      message: 'attempting to set pod memory limit (33554432) below current usage (41943040)',
    });
    assert.deepEqual(state.containers, before);
  });

  test('by the container', async () => {
    const { state, resize } = machine(before, { containers: 40 * MB });
    await assert.rejects(resize(podOf({ main: has('200m', '32Mi') })), ResizeError);
    assert.deepEqual(state.containers, before);
  });
});
