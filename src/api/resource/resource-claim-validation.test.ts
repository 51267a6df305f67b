import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusFaultsOf } from '../../../test/support/faults.ts';
import { readInput } from '../read-input.ts';
import { ResourceClaim } from './resource-claim.ts';

type Input = Parameters<typeof statusFaultsOf<typeof ResourceClaim>>[1];
type Status = NonNullable<Input['status']>;
type Allocation = NonNullable<Status['allocation']>;
type Result = NonNullable<NonNullable<Allocation['devices']>['results']>[number];
type Device = NonNullable<Status['devices']>[number];

const NO_LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const SHARE = '01234567-89ab-cdef-0123-456789abcdef';
const spec = { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gpu' } }] } };
const many = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));

const consumer = { resource: 'pods', name: 'web', uid: '1' };
const result: Result = { request: 'a', driver: 'gpu.example.com', pool: 'node/a', device: 'gpu-0' };
const allocation: Allocation = { devices: { results: [result] } };
const opaque = { driver: 'gpu.example.com', parameters: {} };
const allocated = (given: Partial<Result>): Status => ({
  allocation: { devices: { results: [{ ...result, ...given }] } },
});
const configured = (config: NonNullable<NonNullable<Allocation['devices']>['config']>): Status => ({
  allocation: { devices: { config } },
});
const { request: _, ...deviceId } = result;
const device = (given: Partial<Device>): Status => ({ allocation, devices: [{ ...deviceId, ...given }] });
const condition = (i: number) => ({
  type: `Ready${i}`,
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'Ready',
  message: '',
});
const RESULT = 'allocation.devices.results[0]';

const cases: readonly [title: string, status: Status, expected: readonly string[]][] = [
  [
    'all there is',
    {
      allocation: {
        devices: {
          results: [
            {
              ...result,
              adminAccess: true,
              tolerations: [{ operator: 'Exists' }],
              bindingConditions: ['example.com/Ready'],
              bindingFailureConditions: ['example.com/Failed'],
              shareID: SHARE,
              consumedCapacity: { memory: '1' },
            },
          ],
          config: [
            { source: 'FromClass', opaque },
            { source: 'FromClaim', requests: ['a'], opaque },
          ],
        },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }],
        },
        allocationTimestamp: '2026-01-01T00:00:00Z',
      },
      reservedFor: [consumer],
      devices: [
        {
          ...deviceId,
          shareID: SHARE,
          conditions: [condition(0)],
          data: { a: 1 },
          networkData: { interfaceName: 'eth0', ips: ['10.9.8.7/24', '2001:db8::1/64'], hardwareAddress: 'aa:bb' },
        },
      ],
    },
    [],
  ],
  [
    'too many consumers',
    { allocation, reservedFor: many(257, (i) => ({ ...consumer, uid: `${i}` })) },
    ['reservedFor: Too many: 257: must have at most 256 items'],
  ],
  ['a consumer twice', { allocation, reservedFor: [consumer, consumer] }, ['reservedFor[1]: Duplicate value: "1"']],
  [
    'no consumer',
    { allocation, reservedFor: [{ resource: '', name: '', uid: '' }] },
    [
      'reservedFor[0].resource: Required value',
      'reservedFor[0].name: Required value',
      'reservedFor[0].uid: Required value',
    ],
  ],
  [
    'a consumer of nothing',
    { reservedFor: [consumer] },
    ['reservedFor: Forbidden: may not be specified when `allocated` is not set'],
  ],
  [
    'too many results',
    { allocation: { devices: { results: many(33, () => result) } } },
    ['allocation.devices.results: Too many: 33: must have at most 32 items'],
  ],
  [
    'a result that is none',
    allocated({ request: 'b', driver: 'a_b', pool: '', device: 'A' }),
    [
      `${RESULT}.request: Invalid value: "b": ${NO_REQUEST}`,
      `${RESULT}.driver: Invalid value: "a_b": ${NO_SUBDOMAIN}`,
      `${RESULT}.pool: Required value`,
      `${RESULT}.device: Invalid value: "A": ${NO_LABEL}`,
    ],
  ],
  ['a pool that is none', allocated({ pool: 'a/B' }), [`${RESULT}.pool: Invalid value: "B": ${NO_SUBDOMAIN}`]],
  [
    'a pool of a long name',
    allocated({ pool: `${'a'.repeat(200)}/${'a'.repeat(53)}` }),
    [`${RESULT}.pool: Too long: may not be more than 253 bytes`],
  ],
  [
    'a share that is none',
    allocated({ shareID: 'a' }),
    [`${RESULT}.shareID: Invalid value: "a": error validating uid: invalid UUID length: 1`],
  ],
  [
    'a share of other letters',
    allocated({ shareID: 'g'.repeat(36) }),
    [`${RESULT}.shareID: Invalid value: "${'g'.repeat(36)}": error validating uid: invalid UUID format`],
  ],
  [
    'a share in another form',
    allocated({ shareID: SHARE.toUpperCase() }),
    [
      `${RESULT}.shareID: Invalid value: "${SHARE.toUpperCase()}": uid must be in RFC 4122 normalized form, \`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\` with lowercase hexadecimal characters`,
    ],
  ],
  [
    'too many conditions of binding',
    allocated({ bindingConditions: ['a', 'b', 'c', 'd', 'e'], bindingFailureConditions: ['f'] }),
    [`${RESULT}.bindingConditions: Too many: 5: must have at most 4 items`],
  ],
  [
    'conditions of binding twice, and on both sides',
    allocated({ bindingConditions: ['a', 'a'], bindingFailureConditions: ['a', 'b', 'b'] }),
    [
      `${RESULT}.bindingConditions[1]: Duplicate value: "a"`,
      `${RESULT}.bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions`,
      `${RESULT}.bindingFailureConditions[2]: Duplicate value: "b"`,
    ],
  ],
  [
    'conditions of binding without those of failure',
    allocated({ bindingConditions: ['a'] }),
    [
      `${RESULT}.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions`,
    ],
  ],
  [
    'conditions of failure without those of binding',
    allocated({ bindingFailureConditions: ['a'] }),
    [
      `${RESULT}.bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions`,
    ],
  ],
  [
    'too many configurations',
    configured(many(65, () => ({ source: 'FromClaim', opaque }))),
    ['allocation.devices.config: Too many: 65: must have at most 64 items'],
  ],
  [
    'configurations from nowhere',
    configured([
      { source: '' as 'FromClaim', opaque },
      { source: 'Else' as 'FromClaim', requests: ['b'] },
    ]),
    [
      'allocation.devices.config[0].source: Required value',
      'allocation.devices.config[1].source: Unsupported value: "Else": supported values: "FromClaim", "FromClass"',
      `allocation.devices.config[1].requests[0]: Invalid value: "b": ${NO_REQUEST}`,
      'allocation.devices.config[1].opaque: Required value',
    ],
  ],
  [
    'no nodes',
    { allocation: { nodeSelector: { nodeSelectorTerms: [] } } },
    ['allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term'],
  ],
  [
    'a device that is none',
    device({ driver: '', pool: '', device: '' }),
    [
      'devices[0].driver: Required value',
      'devices[0].pool: Required value',
      `devices[0].device: Invalid value: "": ${NO_LABEL}`,
      'devices[0]: Invalid value: "//": must be an allocated device in the claim',
    ],
  ],
  [
    'a device that was not allocated',
    device({ shareID: SHARE }),
    [`devices[0]: Invalid value: "gpu.example.com/node/a/gpu-0/${SHARE}": must be an allocated device in the claim`],
  ],
  [
    'a share of a device that is none',
    device({ shareID: 'a' }),
    [
      'devices[0].shareID: Invalid value: "a": error validating uid: invalid UUID length: 1',
      'devices[0]: Invalid value: "gpu.example.com/node/a/gpu-0/a": must be an allocated device in the claim',
    ],
  ],
  [
    'a device twice',
    { allocation, devices: [deviceId, deviceId] },
    ['devices[1]: Duplicate value: "gpu.example.com/node/a/gpu-0"'],
  ],
  [
    'too many conditions of a device',
    device({ conditions: many(9, condition) }),
    ['devices[0].conditions: Too many: 9: must have at most 8 items'],
  ],
  [
    'a condition of a device that is none',
    device({ conditions: [{ ...condition(0), reason: '' }] }),
    ['devices[0].conditions[0].reason: Required value'],
  ],
  [
    'data that is no object',
    device({ data: 'a' as never }),
    ['devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object'],
  ],
  [
    'too much data',
    device({ data: { a: 'a'.repeat(10240) } }),
    ['devices[0].data: Too long: may not be more than 10240 bytes'],
  ],
  [
    'long names of a network',
    device({ networkData: { interfaceName: 'a'.repeat(257), hardwareAddress: 'a'.repeat(129) } }),
    [
      'devices[0].networkData.interfaceName: Too long: may not be more than 256 bytes',
      'devices[0].networkData.hardwareAddress: Too long: may not be more than 128 bytes',
    ],
  ],
  [
    'addresses that are none',
    device({ networkData: { ips: ['10.9.8.7', '2001:DB8::1/64', '10.9.8.7/24', '10.9.8.7/24'] } }),
    [
      'devices[0].networkData.ips[0]: Invalid value: "10.9.8.7": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      'devices[0].networkData.ips[1]: Invalid value: "2001:DB8::1/64": must be in canonical form ("2001:db8::1/64")',
      'devices[0].networkData.ips[3]: Duplicate value: "10.9.8.7/24"',
    ],
  ],
  [
    'too many addresses',
    device({ networkData: { ips: many(17, (i) => `10.0.0.${i}/24`) } }),
    ['devices[0].networkData.ips: Too many: 17: must have at most 16 items'],
  ],
];

for (const [title, status, expected] of cases) {
  test(`ResourceClaim.validateStatusUpdate of ${title}`, () => {
    const faults = statusFaultsOf(ResourceClaim, { spec, status }, { spec });
    assert.deepEqual(
      faults.map((fault) => fault.replace(/^status\./, '')),
      expected,
    );
  });
}

const steps: readonly [title: string, before: Input, after: Input, expected: readonly string[]][] = [
  [
    'the same allocation',
    { spec, status: { allocation } },
    { spec, status: { allocation, reservedFor: [consumer] } },
    [],
  ],
  ['no allocation any more', { spec, status: { allocation } }, { spec }, []],
  [
    'another allocation',
    { spec, status: { allocation } },
    { spec, status: { allocation: {} } },
    ['status.allocation: Invalid value: {"devices":{}}: field is immutable'],
  ],
  [
    'fewer consumers of a claim that goes',
    { spec, status: { allocation, reservedFor: [consumer, { ...consumer, uid: '2' }] } },
    { spec, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { allocation, reservedFor: [consumer] } },
    [],
  ],
  [
    'further consumers of a claim that goes',
    { spec, status: { allocation } },
    { spec, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { allocation, reservedFor: [consumer] } },
    [
      'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
    ],
  ],
];

for (const [title, before, after, expected] of steps) {
  test(`ResourceClaim.validateStatusUpdate to ${title}`, () => {
    assert.deepEqual(statusFaultsOf(ResourceClaim, after, before), expected);
  });
}

test('ResourceClaim.prepareForStatusUpdate forgets devices that have been taken away', () => {
  const previous = readInput(ResourceClaim, { metadata: { labels: { a: 'b' } }, spec, status: device({}) }) as never;
  const kept = readInput(ResourceClaim, { spec, status: device({}) });
  ResourceClaim.prepareForStatusUpdate?.(kept, previous);
  assert.deepEqual([kept.status.devices?.length, kept.metadata.labels], [1, { a: 'b' }]);
  const gone = readInput(ResourceClaim, { spec, status: { devices: [deviceId] } });
  ResourceClaim.prepareForStatusUpdate?.(gone, previous);
  assert.equal(gone.status.devices, undefined);
});
