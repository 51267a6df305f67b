import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, refTo, volume } from '../../../test/support/volume-objects.ts';
import type { Node } from '../core/node.ts';
import { boundTo, misfitOf, type SuitableOptions, suitableVolume } from './volume-binding.ts';

const sized = (name: string, storage: string) => volume(name, { spec: { capacity: { storage } } });
const onNode = (name: string) => ({
  required: {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [name] }] }],
  },
});
const node = (name: string) => ({ metadata: { name } }) as unknown as Node;
const asks = claim('data');

const suits: readonly [
  title: string,
  asked: Parameters<typeof suitableVolume>[0],
  volumes: Parameters<typeof suitableVolume>[1],
  expected: string | undefined,
  options?: SuitableOptions,
][] = [
  ['none', asks, [], undefined],
  ['the smallest that is large enough', asks, [sized('s', '1Mi'), sized('l', '3Gi'), sized('m', '2Gi')], 'm'],
  ['the first of several of a size', asks, [volume('a'), volume('b')], 'a'],
  [
    'one that is kept for it, larger though',
    asks,
    [volume('a'), volume('b', { spec: { capacity: { storage: '5Gi' }, claimRef: refTo('data', '') } })],
    'b',
  ],
  [
    'one that is bound to it, whatever its phase',
    asks,
    [volume('b', { spec: { claimRef: refTo('data') }, status: { phase: 'Bound' } })],
    'b',
  ],
  [
    'none that is kept for a former claim of its name',
    asks,
    [volume('b', { spec: { claimRef: refTo('data', 'old') } })],
    undefined,
  ],
  ['none that is released', asks, [volume('a', { status: { phase: 'Released' } })], undefined],
  ['none that is going', asks, [volume('a', { deletionTimestamp: '2026-01-01T00:00:00Z' })], undefined],
  ['none of a class', asks, [volume('a', { spec: { storageClassName: 'fast' } })], undefined],
  [
    'one of its class',
    claim('data', { spec: { storageClassName: 'fast' } }),
    [volume('a'), volume('b', { spec: { storageClassName: 'fast' } })],
    'b',
  ],
  [
    'one with more access modes',
    asks,
    [volume('a', { spec: { accessModes: ['ReadWriteMany', 'ReadWriteOnce'] } })],
    'a',
  ],
  ['none with other access modes', asks, [volume('a', { spec: { accessModes: ['ReadWriteMany'] } })], undefined],
  ['none without a file system', asks, [volume('a', { spec: { volumeMode: 'Block' } })], undefined],
  [
    'one that it selects',
    claim('data', { spec: { selector: { matchLabels: { a: 'b' } } } }),
    [volume('a'), volume('b', { labels: { a: 'b' } })],
    'b',
  ],
  ['none of other attributes', asks, [volume('a', { spec: { volumeAttributesClassName: 'gold' } })], undefined],
  ['none that is as good as taken', asks, [volume('a')], undefined, { except: new Set(['a']) }],
  ['none that is free, if only kept ones count', asks, [volume('a')], undefined, { onlyKept: true }],
  [
    'one that is kept, if only kept ones count',
    asks,
    [volume('a', { spec: { claimRef: refTo('data', '') } })],
    'a',
    { onlyKept: true },
  ],
  [
    'one that the node reaches',
    asks,
    [volume('a', { spec: { nodeAffinity: onNode('x') } }), volume('b', { spec: { nodeAffinity: onNode('y') } })],
    'b',
    { node: node('y') },
  ],
  [
    'none that is kept for it where the node does not reach it',
    asks,
    [volume('a', { spec: { nodeAffinity: onNode('x'), claimRef: refTo('data', '') } }), volume('b')],
    undefined,
    { node: node('y') },
  ],
];
for (const [title, asked, volumes, expected, options] of suits) {
  test(`suitableVolume: ${title}`, () => {
    assert.equal(suitableVolume(asked, volumes, options)?.metadata.name, expected);
  });
}

const misfits: readonly [Parameters<typeof volume>[1], expected: string | undefined][] = [
  [{}, undefined],
  [{ spec: { capacity: { storage: '1Mi' } } }, 'requested PV is too small'],
  [{ spec: { storageClassName: 'fast' } }, 'storageClassName does not match'],
  [{ spec: { volumeAttributesClassName: 'gold' } }, 'VolumeAttributesClassName does not match'],
  [{ spec: { volumeMode: 'Block' } }, 'incompatible volumeMode'],
  [{ spec: { accessModes: ['ReadOnlyMany'] } }, 'incompatible accessMode'],
];
for (const [shape, expected] of misfits) {
  test(`misfitOf: ${expected ?? 'none'}`, () => assert.equal(misfitOf(volume('a', shape), asks), expected));
}

test('boundTo names the claim and says whose choice it was', () => {
  const chosen = boundTo(volume('a'), asks);
  assert.deepEqual(chosen.metadata.annotations, { 'pv.kubernetes.io/bound-by-controller': 'yes' });
  assert.equal(chosen.spec.claimRef?.uid, 'data-uid');
  assert.equal(boundTo(chosen, asks), chosen);
  const kept = boundTo(volume('a', { spec: { claimRef: refTo('data', '') } }), asks);
  assert.deepEqual([kept.metadata.annotations, kept.spec.claimRef?.uid], [{}, 'data-uid']);
});
