import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, nextFaultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { dropDisabledFields } from '../disabled-fields.ts';
import { readInput } from '../read-input.ts';
import { ResourceSlice } from './resource-slice.ts';

type Spec = Parameters<typeof faultsOf<typeof ResourceSlice>>[1]['spec'];

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const ONE_OF = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

const pool = { name: 'node', generation: 0, resourceSliceCount: 1 };
const base: Spec = { driver: 'gpu.example.com', pool, nodeName: 'n' };
const elsewhere = (given: Partial<Spec>): Spec => ({ driver: 'gpu.example.com', pool, ...given });
const term = { matchExpressions: [{ key: 'a', operator: 'Exists' }] } as const;
const many = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));
const counters = { memory: { value: '1Gi' } };
const taints = [{ key: 'a', effect: 'NoSchedule' }] as const;

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['devices of a node', { ...base, devices: [{ name: 'a' }] }, []],
  ['counters for all nodes', elsewhere({ allNodes: true, sharedCounters: [{ name: 'a', counters }] }), []],
  ['devices of some nodes', elsewhere({ nodeSelector: { nodeSelectorTerms: [term] } }), []],
  ['devices that choose', elsewhere({ perDeviceNodeSelection: true, devices: [{ name: 'a', allNodes: true }] }), []],
  ['no driver', { ...base, driver: '' }, ['driver: Required value']],
  ['a driver that is none', { ...base, driver: 'a_b' }, [`driver: Invalid value: "a_b": ${NO_SUBDOMAIN}`]],
  [
    'no pool',
    { ...base, pool: { name: '', generation: -1, resourceSliceCount: 0 } },
    [
      'pool.name: Required value',
      'pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'pool.generation: Invalid value: -1: must be greater than or equal to zero',
    ],
  ],
  ['no nodes', elsewhere({}), [`spec: Required value: ${ONE_OF}`]],
  [
    'an empty node',
    elsewhere({ nodeName: '', allNodes: true }),
    ['nodeName: Invalid value: "": must be either unset or set to a non-empty string'],
  ],
  ['a node that is none', { ...base, nodeName: 'A' }, [`nodeName: Invalid value: "A": ${NO_SUBDOMAIN}`]],
  [
    'two choices of nodes',
    { ...base, allNodes: true },
    [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${ONE_OF}, but multiple fields are set`],
  ],
  [
    'choices that are none',
    { ...base, allNodes: false, perDeviceNodeSelection: false },
    [
      'allNodes: Invalid value: false: must be either unset or set to true',
      'perDeviceNodeSelection: Invalid value: false: must be either unset or set to true',
    ],
  ],
  [
    'nodes of two sorts',
    elsewhere({ nodeSelector: { nodeSelectorTerms: [term, term] } }),
    [
      `nodeSelector.nodeSelectorTerms: Invalid value: ${JSON.stringify([term, term])}: must have exactly one node selector term`,
    ],
  ],
  [
    'both counters and devices',
    { ...base, devices: [{ name: 'a' }], sharedCounters: [{ name: 'a', counters }] },
    ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed'],
  ],
  [
    'too many devices',
    { ...base, devices: many(129, (i) => ({ name: `a${i}` })) },
    ['devices: Too many: 129: must have at most 128 items'],
  ],
  ['many devices', { ...base, devices: many(128, (i) => ({ name: `a${i}` })) }, []],
  [
    'too many devices of which one is tainted',
    { ...base, devices: many(65, (i) => ({ name: `a${i}`, ...(i === 9 && { taints }) })) },
    ['devices: Too many: 65: must have at most 64 items'],
  ],
  [
    'too many devices of which one shares',
    { ...base, devices: many(65, (i) => ({ name: `a${i}`, consumesCounters: [{ counterSet: 'a', counters }] })) },
    ['devices: Too many: 65: must have at most 64 items'],
  ],
  ['a device twice', { ...base, devices: [{ name: 'a' }, { name: 'a' }] }, ['devices[1]: Duplicate value: "a"']],
  [
    'too many sets of counters',
    { ...base, sharedCounters: many(9, (i) => ({ name: `a${i}`, counters })) },
    ['sharedCounters: Too many: 9: must have at most 8 items'],
  ],
  [
    'sets of counters that are none',
    {
      ...base,
      sharedCounters: [
        { name: '', counters: {} },
        { name: 'A', counters: { B: { value: '1' } } },
        { name: 'A', counters: Object.fromEntries(many(33, (i) => [`a${i}`, { value: '1' }])) },
      ],
    },
    [
      'sharedCounters[0].name: Required value',
      'sharedCounters[0].counters: Required value',
      `sharedCounters[1].name: Invalid value: "A": ${NO_LABEL}`,
      `sharedCounters[1].counters[B]: Invalid value: "B": ${NO_LABEL}`,
      `sharedCounters[2].name: Invalid value: "A": ${NO_LABEL}`,
      'sharedCounters[2].counters: Too many: 33: must have at most 32 items',
      'sharedCounters[2]: Duplicate value: "A"',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`ResourceSlice.validate of ${title}`, () => {
    const faults = faultsOf(ResourceSlice, { spec });
    assert.deepEqual(
      faults.map((fault) => fault.replace(/^spec\./, '')),
      expected,
    );
  });
}

test('ResourceSlice.validateUpdate keeps driver, pool and node', () => {
  const after: Spec = { ...base, pool: { ...pool, generation: 2, resourceSliceCount: 3 }, devices: [{ name: 'a' }] };
  assert.deepEqual(updateFaultsOf(ResourceSlice, { spec: after }, { spec: base }), []);
  const other: Spec = { driver: 'other', pool: { ...pool, name: 'b' }, nodeName: 'm' };
  assert.deepEqual(updateFaultsOf(ResourceSlice, { spec: other }, { spec: base }), [
    'spec.pool.name: Invalid value: "b": field is immutable',
    'spec.driver: Invalid value: "other": field is immutable',
    'spec.nodeName: Invalid value: "m": field is immutable',
  ]);
});

test('ResourceSlice.validate leaves taints be that do not change', () => {
  const tainted = (effect: string, key = 'a'): { readonly spec: Spec } => ({
    spec: { ...base, devices: [{ name: 'a', taints: [{ key, effect: effect as 'None' }] }] },
  });
  const fault =
    'spec.devices[0].taints[0].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"';
  assert.deepEqual(nextFaultsOf(ResourceSlice, tainted('Some'), tainted('Some')), []);
  assert.deepEqual(nextFaultsOf(ResourceSlice, tainted('Some', 'b'), tainted('Some')), [fault]);
});

test('ResourceSlice.warnings of a driver in upper case', () => {
  assert.deepEqual(warningsOf(ResourceSlice, { spec: base }), []);
  assert.deepEqual(warningsOf(ResourceSlice, { spec: { ...base, driver: 'Gpu.example.com' } }), [
    'spec.driver: driver names should be lowercase; "Gpu.example.com" contains uppercase characters',
  ]);
});

test('ResourceSlice is prepared without what is not enabled, and says since when devices are tainted', () => {
  const timeAdded = '2026-01-01T00:00:00Z';
  const now = '2026-01-01T01:00:00Z';
  const draft = readInput(ResourceSlice, {
    spec: {
      ...base,
      devices: [
        {
          name: 'a',
          attributes: { a: { ints: [1] }, b: { int: 1, strings: ['a'] } },
          nodeAllocatableResourceMappings: { cpu: {} },
          taints: [taints[0], { ...taints[0], timeAdded }],
        },
      ],
    },
  });
  dropDisabledFields(ResourceSlice, draft);
  ResourceSlice.stamp?.(draft, undefined, { user: {}, now });
  assert.deepEqual(draft.spec.devices, [
    {
      name: 'a',
      attributes: { a: {}, b: { int: 1 } },
      taints: [
        { ...taints[0], timeAdded: now },
        { ...taints[0], timeAdded },
      ],
    },
  ]);
});
