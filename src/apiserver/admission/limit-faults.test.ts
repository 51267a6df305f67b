import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitRangeItem } from '../../api/core/limit-range.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { readInput } from '../../api/read-input.ts';
import { claimFaults, podFaults } from './limit-faults.ts';

type Amounts = Readonly<Record<string, string>>;
interface Resources {
  readonly requests?: Amounts;
  readonly limits?: Amounts;
}

const podOf = (containers: readonly Resources[], more: object = {}) =>
  readInput(Pod, {
    metadata: { name: 'a' },
    spec: { containers: containers.map((resources, i) => ({ name: `c${i}`, image: 'i', resources })), ...more },
  });

const of = (type: string, limits: Omit<LimitRangeItem, 'type'>): LimitRangeItem => ({ type, ...limits });
const min = (amount: string): LimitRangeItem => of('Container', { min: { cpu: amount } });
const max = (amount: string): LimitRangeItem => of('Container', { max: { cpu: amount } });
const ratio = (amount: string): LimitRangeItem => of('Container', { maxLimitRequestRatio: { cpu: amount } });
const asks = (request?: string, limit?: string): Resources => ({
  ...(request ? { requests: { cpu: request } } : {}),
  ...(limit ? { limits: { cpu: limit } } : {}),
});

const cases: readonly [string, Pod, LimitRangeItem, readonly string[]][] = [
  ['enough', podOf([asks('100m', '1')]), min('0.1'), []],
  ['no request', podOf([{}]), min('100m'), ['minimum cpu usage per Container is 100m.  No request is specified']],
  [
    'too small a request',
    podOf([asks('99m')]),
    min('100m'),
    ['minimum cpu usage per Container is 100m, but request is 99m'],
  ],
  ['as much as may be', podOf([asks('1', '1000m')]), max('1'), []],
  ['no limit', podOf([asks('1')]), max('1'), ['maximum cpu usage per Container is 1.  No limit is specified']],
  [
    'too large a limit',
    podOf([asks('1', '1001m')]),
    max('1'),
    ['maximum cpu usage per Container is 1, but limit is 1001m'],
  ],
  ['a fair ratio', podOf([asks('500m', '1')]), ratio('2'), []],
  [
    'too large a ratio',
    podOf([asks('300m', '1')]),
    ratio('2'),
    ['cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333'],
  ],
  [
    'a ratio to nothing',
    podOf([asks('0', '1')]),
    ratio('2'),
    ['cpu max limit to request ratio per Container is 2, but no request is specified or request is 0'],
  ],
  [
    'a ratio without a limit',
    podOf([asks('1')]),
    ratio('2'),
    ['cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0'],
  ],
  [
    'init containers are containers',
    podOf([asks('1', '1')], { initContainers: [{ name: 'init', image: 'i' }] }),
    min('1'),
    ['minimum cpu usage per Container is 1.  No request is specified'],
  ],
  [
    'containers together are the pod',
    podOf([asks('1', '1'), asks('1', '1')]),
    of('Pod', { min: { cpu: '3' }, max: { cpu: '1500m' } }),
    ['minimum cpu usage per Pod is 3, but request is 2', 'maximum cpu usage per Pod is 1500m, but limit is 2'],
  ],
  [
    'what the pod says as a whole counts',
    podOf([{}], { resources: asks('4', '4') }),
    of('Pod', { min: { cpu: '3' } }),
    [],
  ],
  ['limits of claims are not for pods', podOf([{}]), of('PersistentVolumeClaim', { min: { storage: '1Gi' } }), []],
];
for (const [title, pod, item, faults] of cases) {
  test(`podFaults: ${title}`, () => assert.deepEqual(podFaults(pod, [item]), faults));
}

const claimCases: readonly [string, string, readonly string[]][] = [
  ['as much as is allowed', '5Gi', []],
  ['too little', '512Mi', ['minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi']],
  ['too much', '6Gi', ['maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi']],
];
for (const [title, storage, faults] of claimCases) {
  test(`claimFaults: ${title}`, () => {
    const spec = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage } } };
    const claim = readInput(PersistentVolumeClaim, { metadata: { name: 'a' }, spec });
    const item = of('PersistentVolumeClaim', { min: { storage: '1Gi' }, max: { storage: '5Gi' } });
    assert.deepEqual(claimFaults(claim, [item, min('1')]), faults);
  });
}
