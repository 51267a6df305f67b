import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { type KubeletConfiguration, kubeletSettings } from '../settings/kubelet-configuration.ts';
import { shutdownGrace, shutdownGroups, shutdownPeriods } from './shutdown-groups.ts';

describe('shutdownPeriods', () => {
  const cases: readonly (readonly [string, KubeletConfiguration, readonly (readonly [number, number])[]])[] = [
    ['are none by default', {}, []],
    [
      'keep a part for critical pods',
      { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' },
      [
        [0, 20],
        [2_000_000_000, 10],
      ],
    ],
    [
      'are none where the part is more than the whole',
      { shutdownGracePeriod: '10s', shutdownGracePeriodCriticalPods: '30s' },
      [],
    ],
    [
      'go by priority where that is given',
      {
        shutdownGracePeriod: '30s',
        shutdownGracePeriodByPodPriority: [
          { priority: 1000, shutdownGracePeriodSeconds: 5 },
          { priority: -1, shutdownGracePeriodSeconds: 7 },
        ],
      },
      [
        [-1, 7],
        [1000, 5],
      ],
    ],
  ];
  for (const [name, options, expected] of cases) {
    test(name, () =>
      assert.deepEqual(
        shutdownPeriods(kubeletSettings(options)).map((period) => [period.priority, period.shutdownGracePeriodSeconds]),
        expected,
      ),
    );
  }
});

test('shutdownGroups has a group for each period with pods, the least important ones first', () => {
  const periods = [
    { priority: 0, shutdownGracePeriodSeconds: 20 },
    { priority: 100, shutdownGracePeriodSeconds: 10 },
    { priority: 2_000_000_000, shutdownGracePeriodSeconds: 5 },
  ];
  const pods = [undefined, -5, 99, 100, 2_000_001_000].map((priority) =>
    kubeletPod({ name: `p${priority}`, spec: priority === undefined ? {} : { priority } }),
  );
  const groups = shutdownGroups(periods, pods);
  assert.deepEqual(
    groups.map((group) => [group.periodSeconds, group.pods.map(({ metadata }) => metadata.name)]),
    [
      [20, ['pundefined', 'p-5', 'p99']],
      [10, ['p100']],
      [5, ['p2000001000']],
    ],
  );
});

test('shutdownGrace is what the pod asks for, and no more than its period', () => {
  const of = (seconds: number) => shutdownGrace(kubeletPod({ spec: { terminationGracePeriodSeconds: seconds } }), 10);
  assert.deepEqual([of(5), of(30)], [5, 10]);
});
