import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput, runtimePod } from '../../../test/support/kubelet-objects.ts';
import type { ResourceRequirements } from '../../api/core/container-resources.ts';
import type { PodPlan } from '../pod-plan.ts';
import { type Allocation, allocationOf, withAllocation } from './allocation.ts';
import { hasResizes, inPlace, planResize, withRestarts } from './plan-resize.ts';

const has = (cpu: string, memory: string): ResourceRequirements => ({
  limits: { cpu, memory },
  requests: { cpu, memory },
});
const container = (name: string, resources: ResourceRequirements, more: object = {}) => ({ name, resources, ...more });
const podOf = (...containers: readonly ReturnType<typeof container>[]) =>
  kubeletPod({ spec: { containers } as Partial<PodSpecInput> });
const runs = (...names: readonly string[]) => ({ containers: names.map((name) => ({ name })) });
const known = (containers: Allocation['containers'], pod?: ResourceRequirements): Allocation => ({ containers, pod });
const RESTART = { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] };

describe('planResize', () => {
  const cases: readonly (readonly [string, ResourceRequirements, ResourceRequirements, readonly string[]])[] = [
    ['nothing where all is as it should be', has('100m', '64Mi'), has('0.1', '65536Ki'), []],
    ['CPU', has('100m', '64Mi'), has('200m', '64Mi'), ['cpu']],
    ['both', has('100m', '64Mi'), has('200m', '32Mi'), ['memory', 'cpu']],
    ['nothing below the kernel’s least', { requests: { cpu: '2m' } }, { requests: { cpu: '1m' } }, []],
    [
      'a limit that is added',
      { requests: { cpu: '20m' } },
      { requests: { cpu: '20m' }, limits: { cpu: '30m' } },
      ['cpu'],
    ],
    [
      'a request for memory, which the kernel is not told',
      { requests: { memory: '1Mi' } },
      { requests: { memory: '2Mi' } },
      ['memory'],
    ],
  ];
  for (const [name, from, to, changed] of cases) {
    test(`finds ${name}`, () => {
      const pod = podOf(container('main', to));
      const { containers } = planResize(pod, runtimePod(pod, runs('main')), known({ main: from }));
      assert.deepEqual(
        containers.flatMap((each) => each.changed),
        changed,
      );
    });
  }

  test('leaves alone what does not run, and what nobody knows', () => {
    const pod = podOf(container('ended', has('1', '1Gi')), container('unknown', has('1', '1Gi')));
    const runtime = runtimePod(pod, { containers: [{ name: 'ended', state: 'exited' }, { name: 'unknown' }] });
    assert.equal(hasResizes(planResize(pod, runtime, known({ ended: has('2', '2Gi') }))), false);
  });

  test('finds what the pod has as a whole, once its group is known', () => {
    const pod = kubeletPod({ spec: { resources: has('1', '1Gi') } });
    const runtime = runtimePod(pod, runs('main'));
    assert.equal(planResize(pod, runtime, known({}, has('2', '1Gi'))).pod, true);
    assert.equal(planResize(pod, runtime, known({}, has('1', '1Gi'))).pod, false);
    assert.equal(planResize(pod, runtime, known({})).pod, false);
  });

  test('has those that give back go first', () => {
    const pod = podOf(
      container('up', has('2', '2Gi')),
      container('down', has('1', '1Gi')),
      container('mixed', has('2', '1Gi')),
    );
    const before = known({ up: has('1', '1Gi'), down: has('2', '2Gi'), mixed: has('1', '2Gi') });
    const { containers } = planResize(pod, runtimePod(pod, runs('up', 'down', 'mixed')), before);
    const names = (resource: 'cpu' | 'memory') => inPlace(containers, resource).map((each) => each.container.name);
    assert.deepEqual(names('memory'), ['down', 'mixed', 'up']);
    assert.deepEqual(names('cpu'), ['down', 'up', 'mixed']);
  });
});

test('withRestarts ends and starts what cannot be resized while it runs', () => {
  const pod = podOf(container('main', has('1', '2Gi'), RESTART), container('cpu', has('2', '1Gi'), RESTART));
  const resizes = planResize(
    pod,
    runtimePod(pod, runs('main', 'cpu')),
    known({ main: has('1', '1Gi'), cpu: has('1', '1Gi') }),
  );
  const nothing: PodPlan = { stopPod: false, createSandbox: undefined, kill: [], start: [] };
  const { kill, start } = withRestarts(nothing, resizes);
  assert.deepEqual(
    kill.map(({ name, message }) => [name, message]),
    [['main', 'Container main resize requires restart']],
  );
  assert.deepEqual(start, ['main']);
  assert.deepEqual(withRestarts({ ...nothing, stopPod: true }, resizes).kill, []);
});

describe('withAllocation', () => {
  const spec = {
    initContainers: [
      container('first', has('1', '1Gi')),
      container('side', has('1', '1Gi'), { restartPolicy: 'Always' }),
    ],
    containers: [container('main', has('1', '1Gi'))],
  } as Partial<PodSpecInput>;

  test('is the pod itself where it has what it asks for', () => {
    const pod = kubeletPod({ spec });
    assert.equal(withAllocation(pod, allocationOf(pod)), pod);
    assert.equal(withAllocation(pod, undefined), pod);
  });

  test('gives containers and sidecars what they have, and init containers what they ask for', () => {
    const given = has('2', '2Gi');
    const pod = withAllocation(kubeletPod({ spec }), known({ first: given, side: given, main: given }, given));
    assert.deepEqual(pod.spec.resources, given);
    assert.deepEqual(pod.spec.containers[0]?.resources, given);
    assert.deepEqual(
      pod.spec.initContainers?.map(({ resources }) => resources),
      [has('1', '1Gi'), given],
    );
  });
});
