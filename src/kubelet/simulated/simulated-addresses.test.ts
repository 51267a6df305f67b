import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_SIMULATED_NODES, nodeAddressOf, PodAddresses, podCidrOf } from './simulated-addresses.ts';

describe('simulated addresses', () => {
  test('pod ranges and node addresses do not meet, up to the last node', () => {
    assert.equal(podCidrOf(0), '100.64.0.0/24');
    assert.equal(podCidrOf(257), '100.65.1.0/24');
    assert.equal(podCidrOf(MAX_SIMULATED_NODES - 1), '100.126.255.0/24');
    assert.equal(nodeAddressOf(0), '100.127.0.0');
    assert.equal(nodeAddressOf(MAX_SIMULATED_NODES - 1), '100.127.62.255');
  });
});

describe('PodAddresses', () => {
  test('a pod keeps its address, and no two pods share one', () => {
    const addresses = new PodAddresses('100.64.3.0/24');
    const given = new Set(Array.from({ length: 253 }, (_, i) => addresses.assign(`pod-${i}`, undefined)));
    assert.equal(given.size, 253);
    assert.ok(given.has('100.64.3.2') && given.has('100.64.3.254'));
    assert.equal(addresses.assign('pod-7', undefined), '100.64.3.9');
    assert.throws(() => addresses.assign('one-more', undefined), /no pod address is left in 100\.64\.3\.0\/24/);
    addresses.release('pod-7');
    assert.equal(addresses.assign('one-more', undefined), '100.64.3.9');
  });

  test('an address that was given back is not the next to be given', () => {
    const addresses = new PodAddresses('100.64.0.0/24');
    const first = addresses.assign('a', undefined);
    addresses.release('a');
    assert.notEqual(addresses.assign('b', undefined), first);
  });

  test('the address that the status names is kept, if it is of the range and free', () => {
    const addresses = new PodAddresses('100.64.0.0/24');
    assert.equal(addresses.assign('a', '100.64.0.77'), '100.64.0.77');
    assert.notEqual(addresses.assign('b', '100.64.0.77'), '100.64.0.77');
    assert.equal(addresses.assign('c', '10.0.0.5'), '100.64.0.3');
  });
});
