import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError } from '../field-error.ts';
import type { AnyObject } from '../kind.ts';
import { readInput } from '../read-input.ts';
import { Pod } from './pod.ts';
import { validateEphemeralContainersUpdate, validateResize } from './pod-subresource-validation.ts';

type Input = Parameters<typeof readInput<typeof Pod>>[1];
type Container = NonNullable<NonNullable<NonNullable<Input['spec']>['containers']>[number]>;

const main = { name: 'main', image: 'nginx' };
const debug = { name: 'debug', image: 'busybox' };
const mirror = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'a' } } };
const podOf = (input: Input) =>
  readInput(Pod, { ...input, spec: { containers: [main], ...input.spec } }) as unknown as AnyObject;

const ephemeralFaults = (pod: Input, previous: Input) =>
  validateEphemeralContainersUpdate(podOf(pod), podOf(previous)).map(formatFieldError);

const ephemeralCases: readonly [title: string, pod: Input, previous: Input, expected: readonly string[]][] = [
  [
    'another',
    { spec: { containers: [main], ephemeralContainers: [{ ...debug, name: 'other' }, debug] } },
    { spec: { containers: [main], ephemeralContainers: [debug] } },
    [],
  ],
  [
    'one less',
    {},
    { spec: { containers: [main], ephemeralContainers: [debug] } },
    ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n'],
  ],
  [
    'another image',
    { spec: { containers: [main], ephemeralContainers: [{ ...debug, image: 'alpine' }] } },
    { spec: { containers: [main], ephemeralContainers: [debug] } },
    [
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed\nspec.ephemeralContainers[debug].image: "busybox" -> "alpine"',
    ],
  ],
  ['a pod of a file', mirror, mirror, [': Forbidden: static pods do not support ephemeral containers']],
];

for (const [title, pod, previous, expected] of ephemeralCases) {
  test(`validateEphemeralContainersUpdate of ${title}`, () => {
    assert.deepEqual(ephemeralFaults(pod, previous), expected);
  });
}

const faults = (pod: Input, previous: Input) => validateResize(podOf(pod), podOf(previous)).map(formatFieldError);

const sized = (
  requests: Readonly<Record<string, string>>,
  limits: Readonly<Record<string, string>> = {},
): Container => ({
  ...main,
  resources: { requests, limits },
});
const podWith = (...containers: Container[]): Input => ({ spec: { containers } });
const initWith = (init: Partial<Container>): Input => ({
  spec: { containers: [sized({ cpu: '1' })], initContainers: [{ ...main, name: 'init', ...init }] },
});
const wholeWith = (resources: NonNullable<Container['resources']>): Input => ({
  spec: { containers: [main], resources },
});

const cases: readonly [title: string, pod: Input, previous: Input, expected: readonly string[]][] = [
  [
    'processor time and memory',
    podWith(sized({ cpu: '2', memory: '1Gi' })),
    podWith(sized({ cpu: '1', memory: '2Gi' })),
    [],
  ],
  ['a limit that was none', podWith(sized({ cpu: '1' }, { cpu: '2' })), podWith(sized({ cpu: '1' })), []],
  ['a pod of a file', mirror, mirror, [': Forbidden: static pods cannot be resized']],
  [
    'a pod of Windows',
    { spec: { containers: [main], os: { name: 'windows' } } },
    { spec: { containers: [main], os: { name: 'windows' } } },
    [': Forbidden: windows pods cannot be resized'],
  ],
  [
    'another class of service',
    podWith(sized({ cpu: '1' })),
    {},
    ['spec: Invalid value: null: Pod QOS Class may not change as a result of resizing'],
  ],
  [
    'a node that cannot',
    podWith(main),
    {
      status: {
        containerStatuses: [
          {
            name: 'main',
            state: { running: { startedAt: null } },
            ready: true,
            restartCount: 0,
            image: '',
            imageID: '',
          },
        ],
      },
    },
    ['spec: Forbidden: Pod running on node without support for resize'],
  ],
  [
    'resources that a driver gave',
    podWith(main),
    { status: { nodeAllocatableResourceClaimStatuses: [{ resourceClaimName: 'a', resources: {} }] } },
    ['spec: Forbidden: pods with node allocatable resource claims cannot be resized'],
  ],
  [
    'a request less',
    podWith(sized({ cpu: '1' })),
    podWith(sized({ cpu: '1', memory: '1Gi' })),
    ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
  ],
  [
    'a limit less',
    podWith(sized({ cpu: '1' })),
    podWith(sized({ cpu: '1' }, { cpu: '1' })),
    ['spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed'],
  ],
  [
    'storage',
    podWith(sized({ cpu: '1', 'ephemeral-storage': '2Gi' })),
    podWith(sized({ cpu: '1', 'ephemeral-storage': '1Gi' })),
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ],
  [
    'a container more',
    podWith(sized({ cpu: '1' }), { ...main, name: 'other' }),
    podWith(sized({ cpu: '1' })),
    ['spec.containers: Forbidden: containers may not be added or removed on resize'],
  ],
  [
    'another name',
    { spec: { containers: [main], initContainers: [{ ...main, name: 'b' }] } },
    { spec: { containers: [main], initContainers: [{ ...main, name: 'a' }] } },
    ['spec.initContainers[0].name: Forbidden: initContainers may not be renamed or reordered on resize'],
  ],
  [
    'a sidecar',
    initWith({ restartPolicy: 'Always', resources: { requests: { cpu: '2' } } }),
    initWith({ restartPolicy: 'Always', resources: { requests: { cpu: '1' } } }),
    [],
  ],
  [
    'storage of a sidecar',
    initWith({ restartPolicy: 'Always', resources: { requests: { 'ephemeral-storage': '2' } } }),
    initWith({ restartPolicy: 'Always', resources: { requests: { 'ephemeral-storage': '1' } } }),
    ['spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable'],
  ],
  [
    'an init container that would start again',
    initWith({
      resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
      resources: { requests: { cpu: '2' } },
    }),
    initWith({
      resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
      resources: { requests: { cpu: '1' } },
    }),
    [
      'spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
    ],
  ],
  ['the pod as a whole', wholeWith({ requests: { cpu: '2' } }), wholeWith({ requests: { cpu: '1' } }), []],
  [
    'nothing of the pod as a whole any more',
    podWith(sized({ cpu: '1' })),
    wholeWith({ requests: { cpu: '1' } }),
    ['spec.resources: Forbidden: pod-level resources cannot be removed'],
  ],
  [
    'less of the pod as a whole',
    wholeWith({ requests: { memory: '1Gi' } }),
    wholeWith({ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } }),
    [
      'spec.resources.requests: Forbidden: pod-level resource requests cannot be removed',
      'spec.resources.limits: Forbidden: pod-level resource limits cannot be removed',
    ],
  ],
  [
    'huge pages of the pod as a whole',
    wholeWith({ requests: { cpu: '1' }, limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } }),
    wholeWith({ requests: { cpu: '1' }, limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } }),
    ['spec: Forbidden: only cpu and memory resources are mutable at pod-level'],
  ],
];

for (const [title, pod, previous, expected] of cases) {
  test(`validateResize of ${title}`, () => {
    assert.deepEqual(faults(pod, previous), expected);
  });
}
