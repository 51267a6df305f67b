import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { ResourceSlice } from './resource-slice.ts';

type Spec = Parameters<typeof faultsOf<typeof ResourceSlice>>[1]['spec'];
type Device = NonNullable<Spec['devices']>[number];
type Policy = NonNullable<NonNullable<Device['capacity']>[string]['requestPolicy']>;

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NO_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const NO_KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const NO_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CHOICE =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

const faults = (device: Partial<Device>, nodes: Partial<Spec> = { allNodes: true }) =>
  faultsOf(ResourceSlice, {
    spec: {
      driver: 'gpu.example.com',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      ...nodes,
      devices: [{ name: 'gpu', ...device }],
    },
  }).map((fault) => fault.replace(/^spec\.devices\[0\]\.?/, ''));
const many = <T>(count: number, item: T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, item]));
const counters = { memory: { value: '1' } };
const nodeSelector = {
  nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
} as const;

const cases: readonly [title: string, device: Partial<Device>, expected: readonly string[]][] = [
  [
    'all there is',
    {
      attributes: {
        a: { int: 0 },
        'example.com/b': { bool: false },
        c: { string: 'x' },
        d: { version: '1.2.3-rc.1+build.5' },
      },
      capacity: { memory: { value: '1Gi' } },
      taints: [{ key: 'example.com/k', value: 'v', effect: 'None' }],
      consumesCounters: [{ counterSet: 'set', counters }],
      bindsToNode: true,
      bindingConditions: ['a'],
      bindingFailureConditions: ['b'],
    },
    [],
  ],
  ['a name that is no label', { name: 'A' }, [`name: Invalid value: "A": ${NO_LABEL}`]],
  [
    'too many attributes and capacities',
    { attributes: many(32, { int: 1 }), capacity: { x: { value: '1' } } },
    [': Invalid value: 33: the total number of attributes and capacities must not exceed 32'],
  ],
  [
    'names of attributes and capacities that are none',
    { attributes: { '!': { int: 1 } }, capacity: { 'a_b/c': { value: '1' } } },
    [`attributes[!]: Invalid value: "!": ${NO_IDENTIFIER}`, `capacity[a_b/c]: Invalid value: "a_b": ${NO_SUBDOMAIN}`],
  ],
  [
    'an attribute without a value',
    { attributes: { a: {} } },
    ['attributes[a]: Invalid value: "": exactly one value must be specified'],
  ],
  [
    'an attribute of two values',
    { attributes: { a: { int: 1, bool: true } } },
    ['attributes[a]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified'],
  ],
  [
    'an attribute of a long name without a value',
    { attributes: { ['a'.repeat(97)]: {} } },
    [
      `attributes[${'a'.repeat(47)}...${'a'.repeat(46)}]: Too long: may not be more than 32 bytes`,
      `attributes[${'a'.repeat(47)}...${'a'.repeat(46)}]: Invalid value: "": exactly one value must be specified`,
    ],
  ],
  [
    'a long text',
    { attributes: { a: { string: 'a'.repeat(65) } } },
    ['attributes[a].string: Too long: may not be more than 64 bytes'],
  ],
  [
    'versions that are none',
    { attributes: { a: { version: '1.2' }, b: { version: `1.2.3-${'a'.repeat(64)}` } } },
    [
      'attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
      'attributes[b].version: Too long: may not be more than 64 bytes',
    ],
  ],
  [
    'too many taints',
    { taints: Array.from({ length: 17 }, () => ({ key: 'a', effect: 'None' }) as const) },
    ['taints: Too many: 17: must have at most 16 items'],
  ],
  [
    'taints that are none',
    {
      taints: [
        { key: '!', value: '!', effect: '' as 'None' },
        { key: 'a', effect: 'Some' as 'None' },
      ],
    },
    [
      `taints[0].key: Invalid value: "!": ${NO_KEY}`,
      `taints[0].value: Invalid value: "!": ${NO_VALUE}`,
      'taints[0].effect: Required value',
      'taints[1].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"',
    ],
  ],
  [
    'counters of too many sets',
    { consumesCounters: ['a', 'b', 'c'].map((counterSet) => ({ counterSet, counters })) },
    ['consumesCounters: Too many: 3: must have at most 2 items'],
  ],
  [
    'counters of a set twice',
    {
      consumesCounters: [
        { counterSet: 'a', counters },
        { counterSet: 'a', counters },
      ],
    },
    ['consumesCounters[1]: Duplicate value: "a"'],
  ],
  [
    'counters of no set',
    {
      consumesCounters: [
        { counterSet: '', counters: {} },
        { counterSet: 'A', counters: many(33, { value: '1' }) },
      ],
    },
    [
      'consumesCounters[0].counterSet: Required value',
      'consumesCounters[0].counters: Required value',
      `consumesCounters[1].counterSet: Invalid value: "A": ${NO_LABEL}`,
      'consumesCounters[1].counters: Too many: 33: must have at most 32 items',
    ],
  ],
  [
    'nodes of its own',
    { allNodes: true },
    [
      ': Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
    ],
  ],
  [
    'conditions of binding alone',
    { bindingConditions: ['!'] },
    [
      `bindingConditions[0]: Invalid value: "!": ${NO_KEY}`,
      'bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
    ],
  ],
  [
    'something to share of a device that is given away whole',
    { capacity: { a: { value: '4', requestPolicy: { default: '1', validValues: ['1'] } } } },
    ['capacity[a].requestPolicy: Forbidden: allowMultipleAllocations must be true'],
  ],
];

for (const [title, device, expected] of cases) {
  test(`ResourceSlice.validate of a device with ${title}`, () => assert.deepEqual(faults(device), expected));
}

const choices: readonly [title: string, device: Partial<Device>, expected: readonly string[]][] = [
  ['a node', { nodeName: 'n' }, []],
  ['some nodes', { nodeSelector }, []],
  ['all nodes', { allNodes: true }, []],
  ['no nodes', {}, [`: Required value: ${CHOICE}`]],
  [
    'an empty node and not all nodes',
    { nodeName: '', allNodes: false },
    [
      'nodeName: Invalid value: "": must not be empty',
      'allNodes: Invalid value: false: must be either unset or set to true',
      `: Required value: ${CHOICE}`,
    ],
  ],
  ['a node that is none', { nodeName: 'A' }, [`nodeName: Invalid value: "A": ${NO_SUBDOMAIN}`]],
  [
    'nodes that are none',
    { nodeSelector: { nodeSelectorTerms: [] } },
    ['nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term'],
  ],
  ['two choices', { nodeName: 'n', allNodes: true }, [`: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${CHOICE}`]],
];

for (const [title, device, expected] of choices) {
  test(`ResourceSlice.validate of a device that chooses ${title}`, () => {
    assert.deepEqual(faults(device, { perDeviceNodeSelection: true }), expected);
  });
}

const policies: readonly [title: string, policy: Policy, expected: readonly string[]][] = [
  ['nothing', {}, []],
  ['values', { default: '1Gi', validValues: ['1Gi', '2Gi'] }, []],
  ['a range', { default: '1Gi', validRange: { min: '1Gi', max: '3Gi', step: '1Gi' } }, []],
  [
    'both',
    { default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } },
    [
      ': Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
    ],
  ],
  [
    'values and no default',
    { validValues: ['1Gi'] },
    ['default: Required value: required when validValues is defined'],
  ],
  [
    'values and another default',
    { default: '2Gi', validValues: ['1Gi'] },
    ['validValues: Invalid value: "2Gi": default value is not valid according to the requestPolicy'],
  ],
  [
    'values in no order, twice and too large',
    { default: '2Gi', validValues: ['2Gi', '1Gi', '1Gi', '5Gi'] },
    [
      'validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order',
      'validValues[3]: Invalid value: "5Gi": option is larger than capacity value: 4Gi',
      'validValues[2]: Duplicate value: "1073741824"',
    ],
  ],
  [
    'too many values',
    { default: '1', validValues: Array.from({ length: 11 }, (_, i) => String(i + 1)) },
    [
      'validValues: Too many: 11: must have at most 10 items',
      'validValues: Invalid value: "1": default value is not valid according to the requestPolicy',
    ],
  ],
  [
    'a range and no default',
    { validRange: { min: '1Gi' } },
    ['default: Required value: required when validRange is defined'],
  ],
  [
    'a range without a beginning',
    { default: '1Gi', validRange: {} as never },
    ['validRange.min: Required value: required when validRange is defined'],
  ],
  [
    'a range above the capacity',
    { default: '6Gi', validRange: { min: '5Gi', max: '6Gi' } },
    [
      'validRange.min: Invalid value: "5Gi": min is larger than capacity value: 4Gi',
      'validRange.max: Invalid value: "6Gi": max is larger than capacity value: 4Gi',
    ],
  ],
  [
    'a range from above to below, with a default outside',
    { default: '1Gi', validRange: { min: '3Gi', max: '2Gi' } },
    [
      'validRange.min: Invalid value: "1Gi": default is less than min: 3Gi',
      'validRange.max: Invalid value: "3Gi": min is larger than max: 2Gi',
    ],
  ],
  [
    'a default above the range',
    { default: '3Gi', validRange: { min: '1Gi', max: '2Gi' } },
    ['validRange.max: Invalid value: "3Gi": default is more than max: 2Gi'],
  ],
  [
    'steps of nothing',
    { default: '1Gi', validRange: { min: '1Gi', step: '0' } },
    ['validRange.step: Invalid value: "0": must be greater than zero'],
  ],
  [
    'steps that are too large',
    { default: '1Gi', validRange: { min: '1Gi', step: '4Gi' } },
    ['validRange.step: Invalid value: "4Gi": one step 5Gi is larger than capacity value: 4Gi'],
  ],
  [
    'steps that do not lead there',
    { default: '2Gi', validRange: { min: '1Gi', max: '4Gi', step: '2Gi' } },
    [
      'validRange.step: Invalid value: "2Gi": value is not a multiple of a given step (2Gi) from (1Gi)',
      'validRange.step: Invalid value: "4Gi": value is not a multiple of a given step (2Gi) from (1Gi)',
    ],
  ],
];

for (const [title, requestPolicy, expected] of policies) {
  test(`ResourceSlice.validate of a capacity shared out by ${title}`, () => {
    const device = { allowMultipleAllocations: true, capacity: { a: { value: '4Gi', requestPolicy } } };
    assert.deepEqual(
      faults(device).map((fault) => fault.replace(/^capacity\[a\]\.requestPolicy\.?/, '')),
      expected,
    );
  });
}
