import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { Node } from './node.ts';

type Input = Parameters<typeof faultsOf<typeof Node>>[1];
const faults = (node: Input) => faultsOf(Node, node);

const cases: readonly [title: string, node: Input, expected: readonly string[]][] = [
  ['nothing', {}, []],
  [
    'all there is',
    {
      spec: {
        podCIDRs: ['10.0.0.0/24', 'fd00::/64'],
        taints: [
          { key: 'a', value: 'b', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoExecute' },
        ],
      },
      status: { capacity: { cpu: '1500m', pods: '110' } },
    },
    [],
  ],
  [
    'taints that are none',
    { spec: { taints: [{ key: '!', value: '!', effect: '' as 'NoExecute' }] } },
    [
      "metadata.taints[0].key: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      "metadata.taints[0].value: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'metadata.taints[0].effect: Required value',
    ],
  ],
  [
    'an effect that is none',
    { spec: { taints: [{ key: 'a', effect: 'Other' as 'NoExecute' }] } },
    [
      'metadata.taints[0].effect: Unsupported value: "Other": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  [
    'a taint twice',
    {
      spec: {
        taints: [
          { key: 'a', effect: 'NoExecute' },
          { key: 'a', effect: 'NoExecute' },
        ],
      },
    },
    [
      'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoExecute"}: taints must be unique by key and effect pair',
    ],
  ],
  [
    'resources that are none',
    { status: { capacity: { cpu: '-1' }, allocatable: { pods: '1.5' } } },
    [
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.allocatable.pods: Invalid value: "1500m": must be an integer',
    ],
  ],
  [
    'networks that are none',
    { spec: { podCIDRs: ['a'] } },
    ['spec.podCIDRs[0]: Invalid value: "a": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ],
  [
    'networks of one family',
    { spec: { podCIDRs: ['10.0.0.0/24', '10.0.0.0/24'] } },
    [
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
];

for (const [title, node, expected] of cases) {
  test(`Node.validate of ${title}`, () => {
    assert.deepEqual(faults(node), expected);
  });
}

const updateFaults = (node: Input, previous: Input) => updateFaultsOf(Node, node, previous);
const source = { namespace: 'a', name: 'b', kubeletConfigKey: 'c' };

const updateCases: readonly [title: string, node: Input, previous: Input, expected: readonly string[]][] = [
  ['what it gets', { spec: { podCIDR: '10.0.0.0/24', providerID: 'a', unschedulable: true } }, {}, []],
  [
    'another network',
    { spec: { podCIDRs: ['10.0.1.0/24'] } },
    { spec: { podCIDRs: ['10.0.0.0/24'] } },
    ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ],
  [
    'no network any more',
    {},
    { spec: { podCIDR: '10.0.0.0/24' } },
    ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ],
  [
    'another provider',
    { spec: { providerID: 'b' } },
    { spec: { providerID: 'a' } },
    ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
  ],
  ['another external name', { spec: { externalID: 'a' } }, {}, ['spec.externalID: Forbidden: may not be updated']],
  [
    'an address twice',
    {
      status: {
        addresses: [
          { type: 'InternalIP', address: 'a' },
          { type: 'InternalIP', address: 'a' },
        ],
      },
    },
    {},
    ['status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"a"}'],
  ],
  [
    'a source of its configuration',
    {
      spec: { configSource: { configMap: source } },
      status: { config: { assigned: { configMap: { ...source, uid: 'a', resourceVersion: '1' } } } },
    },
    {},
    [],
  ],
  [
    'no source of its configuration',
    { spec: { configSource: {} } },
    {},
    ['spec.configSource: Invalid value: {}: exactly one reference subfield must be non-nil'],
  ],
  [
    'a version of its configuration',
    {
      spec: { configSource: { configMap: { ...source, uid: 'a', resourceVersion: '1' } } },
      status: { config: { active: { configMap: source } } },
    },
    {},
    [
      'spec.configSource.configMap.uid: Forbidden: uid must not be set in spec',
      'spec.configSource.configMap.resourceVersion: Forbidden: resourceVersion must not be set in spec',
      'status.config.active.configMap.uid: Required value: uid must be set in status',
      'status.config.active.configMap.resourceVersion: Required value: resourceVersion must be set in status',
    ],
  ],
  [
    'an empty source of its configuration',
    { spec: { configSource: { configMap: { namespace: '', name: '', kubeletConfigKey: '' } } } },
    {},
    [
      'spec.configSource.configMap.namespace: Required value: namespace must be set',
      'spec.configSource.configMap.name: Required value: name must be set',
      'spec.configSource.configMap.kubeletConfigKey: Required value: kubeletConfigKey must be set',
    ],
  ],
  [
    'a source of its configuration that is none',
    { spec: { configSource: { configMap: { namespace: 'A', name: 'B', kubeletConfigKey: '/' } } } },
    {},
    [
      "spec.configSource.configMap.namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      "spec.configSource.configMap.name: Invalid value: \"B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "spec.configSource.configMap.kubeletConfigKey: Invalid value: \"/\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
];

for (const [title, node, previous, expected] of updateCases) {
  test(`Node.validateUpdate of ${title}`, () => {
    assert.deepEqual(updateFaults(node, previous), expected);
  });
}

test('Node.validate looks at swap and at declared features', () => {
  const why = (feature: string) =>
    `invalid feature name "${feature}": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`;
  assert.deepEqual(faults({ status: { declaredFeatures: ['A', 'A/b', 'B'] } }), []);
  assert.deepEqual(faults({ status: { declaredFeatures: ['B', 'B', 'A', 'a'] } }), [
    'status.declaredFeatures[1]: Duplicate value: "B"',
    'status.declaredFeatures[2]: Invalid value: "A": list must be sorted alphabetically',
    `status.declaredFeatures[3]: Invalid value: "a": ${why('a')}`,
  ]);
  const long = 'A'.repeat(254);
  assert.deepEqual(faults({ status: { declaredFeatures: [long] } }), [
    `status.declaredFeatures[0]: Invalid value: "${long}": invalid feature name "${long}": must be no more than 253 characters`,
  ]);
  const swapped = (capacity: number) => faults({ status: { nodeInfo: { ...NODE_INFO, swap: { capacity } } } });
  assert.deepEqual(swapped(1), []);
  assert.deepEqual(swapped(0), ['metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero']);
});

const NODE_INFO = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
};

test('Node.validateStatusUpdate has the rules of both', () => {
  const node = { spec: { taints: [{ key: '!', effect: 'NoExecute' }] }, status: { capacity: { cpu: '-1' } } } as const;
  const fields = statusFaultsOf(Node, node, { spec: { providerID: 'a' } }).map((fault) => fault.replace(/: .*/, ''));
  assert.deepEqual(fields, [
    'status.capacity.cpu',
    'status.allocatable.cpu',
    'spec.providerID',
    'metadata.taints[0].key',
  ]);
});
