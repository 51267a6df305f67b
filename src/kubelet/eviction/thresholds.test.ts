import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletSettings } from '../settings/kubelet-configuration.ts';
import { amountOf, amountText, evictionReserved, evictionThresholds } from './thresholds.ts';

describe('evictionThresholds', () => {
  test('are upstream’s without settings, and that of memory for all pods together as well', () => {
    assert.deepEqual(
      evictionThresholds(kubeletSettings()).map(({ signal, graceMs }) => `${signal} ${graceMs}`),
      [
        'imagefs.available 0',
        'imagefs.inodesFree 0',
        'memory.available 0',
        'nodefs.available 0',
        'nodefs.inodesFree 0',
        'allocatableMemory.available 0',
      ],
    );
  });

  test('have the time of a soft one and what is to be free again, and leave out what is switched off', () => {
    const settings = kubeletSettings({
      evictionHard: { 'memory.available': '0%', 'pid.available': '100%' },
      evictionSoft: { 'nodefs.available': '1Gi' },
      evictionSoftGracePeriod: { 'nodefs.available': '1m30s' },
      evictionMinimumReclaim: { 'nodefs.available': '5%' },
    });
    const [soft, ...others] = evictionThresholds(settings);
    assert.deepEqual(others, []);
    const { signal, value, graceMs, reclaim } = soft!;
    assert.deepEqual([signal, value, graceMs], ['nodefs.available', { quantity: '1Gi' }, 90_000]);
    assert.equal(amountOf(reclaim!, 1000), 50);
  });

  test('tell amounts as they were written, and shares of what there is', () => {
    assert.equal(amountText({ quantity: '1G' }, 5), '1G');
    assert.equal(amountText({ share: 0.25 }, 4096), '1Ki');
  });
});

test('evictionReserved is what the hard thresholds keep free of memory and disk', () => {
  const of = (evictionHard: Readonly<Record<string, string>>) =>
    evictionReserved(evictionThresholds(kubeletSettings({ evictionHard })), { memoryBytes: 1000, diskBytes: 2000 });
  assert.deepEqual(of({ 'memory.available': '100', 'nodefs.available': '25%' }), {
    memory: '100',
    'ephemeral-storage': '500',
  });
  assert.deepEqual(of({}), { memory: '0', 'ephemeral-storage': '0' });
  assert.equal(of({ 'memory.available': '1Gi' })['memory'], '1000', 'no more than there is');
});
