import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../api/core/pod.ts';
import type { Service } from '../api/core/service.ts';
import { LAST_CHANGE_TRIGGER_TIME, TriggerTimes, withTriggerTime } from './trigger-times.ts';

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const service = (second: number) =>
  ({ metadata: { namespace: 'default', name: 'web', creationTimestamp: at(second) } }) as unknown as Service;
const pod = (name: string, second?: number) => {
  const conditions = second === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: at(second) }];
  return { metadata: { name }, status: { conditions } } as unknown as Pod;
};

test('TriggerTimes tells of the earliest change since the last look', () => {
  const times = new TriggerTimes();
  const steps: readonly [what: string, service: Service, pods: readonly Pod[], wanted: string | undefined][] = [
    ['a new service', service(5), [pod('a', 9)], at(5)],
    ['nothing new', service(5), [pod('a', 9)], undefined],
    ['pods that became ready', service(5), [pod('a', 9), pod('b', 12), pod('c', 11)], at(11)],
    ['a pod that is not ready yet', service(5), [pod('a', 9), pod('b', 12), pod('c', 11), pod('d')], undefined],
    ['a pod that has gone', service(5), [pod('a', 9)], undefined],
    ['the service made anew', service(20), [pod('a', 25)], at(20)],
  ];
  for (const [what, one, pods, wanted] of steps) assert.equal(times.next(one, pods), wanted, what);
  times.forget('default/web');
  assert.equal(times.next(service(20), [pod('a', 30)]), at(20));
});

test('withTriggerTime replaces the time and leaves the rest', () => {
  const before = { note: 'x', [LAST_CHANGE_TRIGGER_TIME]: at(1) };
  assert.deepEqual(withTriggerTime(before, at(2)), { note: 'x', [LAST_CHANGE_TRIGGER_TIME]: at(2) });
  assert.deepEqual(withTriggerTime(before, undefined), { note: 'x' });
});
