import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergedAllocation, NO_DEVICES } from './merged-allocation.ts';

test('mergedAllocation puts together what several plugins give: the first has a place that two want', () => {
  const part = (name: string) => ({
    envs: { SHARED: name, [name]: 'x' },
    mounts: [{ containerPath: '/shared', hostPath: `/${name}`, readOnly: true }],
    devices: [{ containerPath: `/dev/${name}`, hostPath: '/dev/null', permissions: 'r' }],
    annotations: { shared: name },
    cdiDevices: [{ name: 'vendor.com/gpu=0' }],
  });
  assert.deepEqual(mergedAllocation([part('a'), part('b')]), {
    ...part('a'),
    envs: { SHARED: 'a', a: 'x', b: 'x' },
    devices: [...part('a').devices, ...part('b').devices],
  });
  assert.equal(mergedAllocation([]), NO_DEVICES);
});
