import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { EndpointSlice } from './endpoint-slice.ts';

const slice = { addressType: 'IPv4', endpoints: [], ports: [] } as const;

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'a slice',
    rowOf(EndpointSlice, {
      ...slice,
      endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.3', '10.0.0.4'] }],
      ports: [{ port: 80 }, { name: 'dns' }],
    }),
    'x | IPv4 | 80,dns | 10.0.0.1,10.0.0.2,10.0.0.3 + 1 more... | 60m',
  ],
  ['a slice of nothing', rowOf(EndpointSlice, slice), 'x | IPv4 | <unset> | <unset> | 60m'],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('EndpointSlice: ports have a name, if an empty one, and are of TCP', () => {
  const { ports } = readInput(EndpointSlice, { ...slice, ports: [{ port: 80 }] });
  assert.deepEqual(ports, [{ name: '', protocol: 'TCP', port: 80 }]);
});

type Endpoints = NonNullable<Parameters<typeof readInput<typeof EndpointSlice>>[1]['endpoints']>;

test('EndpointSlice: topology of old is dropped', () => {
  const written = readInput(EndpointSlice, {
    ...slice,
    endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: { a: 'b' } }],
  });
  EndpointSlice.prepareForCreate?.(written);
  assert.equal(written.endpoints?.[0]?.deprecatedTopology, undefined);
});

test('EndpointSlice: the node that the topology of old names becomes a field of its own', () => {
  const deprecatedTopology = { 'kubernetes.io/hostname': 'node1' };
  const update = (endpoints: Endpoints, before: Endpoints) => {
    const next = readInput(EndpointSlice, { ...slice, endpoints });
    EndpointSlice.prepareForUpdate?.(next, readInput(EndpointSlice, { ...slice, endpoints: before }) as EndpointSlice);
    return next.endpoints?.map(({ nodeName, deprecatedTopology: topology }) => [nodeName, topology]);
  };
  const addresses = ['10.0.0.1'];
  const old = { addresses, deprecatedTopology };
  const other = { addresses: ['10.0.0.2'] };
  assert.deepEqual(update([old], [old]), [[undefined, deprecatedTopology]]);
  assert.deepEqual(update([old, other], [old]), [
    ['node1', undefined],
    [undefined, undefined],
  ]);
  assert.deepEqual(update([old], [other]), [[undefined, undefined]]);
  assert.deepEqual(update([{ ...old, nodeName: 'node2' }], [old]), [['node2', undefined]]);
});
