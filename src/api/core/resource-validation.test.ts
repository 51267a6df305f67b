import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Container = NonNullable<NonNullable<Spec['containers']>[number]>;
type Resources = NonNullable<Container['resources']>;

const main: Container = { name: 'main', image: 'nginx' };
const faults = (resources: Resources) =>
  faultsOf(Pod, {
    spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }], containers: [{ ...main, resources }] },
  }).map((fault) => fault.replace('spec.containers[0].resources.', ''));

const cases: readonly [title: string, resources: Resources, expected: readonly string[]][] = [
  [
    'resources of each sort',
    {
      requests: { cpu: '100m', memory: '1Gi', 'ephemeral-storage': '1Gi' },
      limits: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' },
      claims: [
        { name: 'gpu', request: 'a' },
        { name: 'gpu', request: 'b' },
      ],
    },
    [],
  ],
  [
    'a negative limit',
    { limits: { cpu: '-1' } },
    [
      'limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'a limit below the request',
    { limits: { cpu: '1' }, requests: { cpu: '2' } },
    ['requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
  ],
  [
    'a limit that is not the request',
    { limits: { 'example.com/gpu': '2' }, requests: { 'example.com/gpu': '1' } },
    ['requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
  ],
  [
    'no limit of what cannot be overcommitted',
    { requests: { 'example.com/gpu': '1' } },
    ['limits: Required value: Limit must be set for non overcommitable resources'],
  ],
  [
    'a part of a device',
    { limits: { 'example.com/gpu': '1.5' } },
    [
      'limits[example.com/gpu]: Invalid value: "1500m": must be an integer',
      'requests[example.com/gpu]: Invalid value: "1500m": must be an integer',
    ],
  ],
  [
    'a part of a huge page',
    { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } },
    [
      'limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      'requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    ],
  ],
  [
    'huge pages of no size',
    { limits: { cpu: '1', 'hugepages-big': '1Mi' } },
    [
      'limits[hugepages-big]: Invalid value: "1Mi": 1Mi is not positive integer multiple of hugepages-big',
      'requests[hugepages-big]: Invalid value: "1Mi": 1Mi is not positive integer multiple of hugepages-big',
    ],
  ],
  [
    'huge pages alone',
    { limits: { 'hugepages-2Mi': '2Mi' } },
    ['spec.containers[0].resources: Forbidden: HugePages require cpu or memory'],
  ],
  [
    'a resource that is no name',
    { limits: { '!': '1' } },
    [
      "limits[!]: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'limits[!]: Invalid value: "!": must be a standard resource for containers',
      "requests[!]: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'requests[!]: Invalid value: "!": must be a standard resource for containers',
    ],
  ],
  [
    'a resource that is unknown',
    { limits: { gpu: '1' } },
    [
      'limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      'requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    ],
  ],
  [
    'a resource that is not for containers',
    { limits: { pods: '1' } },
    [
      'limits[pods]: Invalid value: "pods": must be a standard resource for containers',
      'requests[pods]: Invalid value: "pods": must be a standard resource for containers',
    ],
  ],
  [
    'a resource named like a quota',
    { limits: { 'requests.example.com/gpu': '1' } },
    [
      'limits[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn\'t follow extended resource name standard',
      'requests[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn\'t follow extended resource name standard',
    ],
  ],
  [
    'a claim that there is not',
    { claims: [{ name: 'other' }] },
    ['claims[0]: Not found: "other": must be one of the names in pod.spec.resourceClaims: gpu'],
  ],
  ['a claim without a name', { claims: [{ name: '' }] }, ['claims[0]: Required value']],
  ['a claim twice', { claims: [{ name: 'gpu' }, { name: 'gpu' }] }, ['claims[1]: Duplicate value: "gpu"']],
  [
    'a request of a claim twice',
    {
      claims: [
        { name: 'gpu', request: 'a' },
        { name: 'gpu', request: 'a' },
      ],
    },
    ['claims[1]: Duplicate value: "gpu/a"'],
  ],
  [
    'a claim and one of its requests',
    { claims: [{ name: 'gpu', request: 'a' }, { name: 'gpu' }] },
    ['claims[1]: Duplicate value: "gpu"'],
  ],
  [
    'a request of a claim that is none',
    { claims: [{ name: 'gpu', request: 'A' }] },
    [
      "claims[0].request: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
];

for (const [title, resources, expected] of cases) {
  test(`Pod.validate of a container with ${title}`, () => {
    assert.deepEqual(faults(resources), expected);
  });
}

const podFaults = (spec: Partial<Spec>) => faultsOf(Pod, { spec: { containers: [main], ...spec } });

const podCases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  [
    'resources as a whole',
    {
      resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
      containers: [{ ...main, resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }],
    },
    [],
  ],
  [
    'claims as a whole',
    { resources: { claims: [{ name: 'a' }] } },
    ['spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level'],
  ],
  [
    'what is not for pods',
    { resources: { limits: { 'example.com/gpu': '1' } } },
    ['spec.resources.limits[example.com/gpu]: Unsupported value: "example.com/gpu": supported values: "cpu", "memory"'],
  ],
  [
    'less than the containers ask for',
    { resources: { requests: { cpu: '1' } }, containers: [{ ...main, resources: { requests: { cpu: '2' } } }] },
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
  ],
  [
    'less than one of its init containers asks for',
    {
      resources: { requests: { cpu: '2' } },
      containers: [main],
      initContainers: [
        { ...main, name: 'proxy', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } },
        { ...main, name: 'init', resources: { requests: { cpu: '1500m' } } },
      ],
    },
    [
      'spec.resources.requests[cpu]: Invalid value: "2": must be greater than or equal to aggregate container requests of 2500m',
    ],
  ],
  [
    'fewer huge pages than the containers have together',
    {
      resources: { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } },
      containers: [main, { ...main, name: 'other' }].map((one) => ({
        ...one,
        resources: { limits: { cpu: '100m', 'hugepages-2Mi': '4Mi' } },
      })),
    },
    [
      'spec.resources.requests[hugepages-2Mi]: Invalid value: "4Mi": must be greater than or equal to aggregate container requests of 8Mi',
      'spec.resources.limits[hugepages-2Mi]: Invalid value: "4Mi": must be greater than or equal to aggregate container limits of 8Mi',
    ],
  ],
  [
    'a limit below that of a container',
    { resources: { limits: { cpu: '1' } }, containers: [{ ...main, resources: { limits: { cpu: '2' } } }] },
    [
      'spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
      'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
    ],
  ],
  [
    'a negative overhead',
    { overhead: { cpu: '-1' } },
    ['spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
];

for (const [title, spec, expected] of podCases) {
  test(`Pod.validate of a pod with ${title}`, () => {
    assert.deepEqual(podFaults(spec), expected);
  });
}
