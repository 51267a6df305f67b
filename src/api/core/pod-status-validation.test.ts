import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusFaultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof statusFaultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Status = NonNullable<Input['status']>;
type ContainerStatus = NonNullable<NonNullable<Status['containerStatuses']>[number]>;

const main = {
  name: 'main',
  image: 'nginx',
  resources: { requests: { cpu: '1' }, claims: [{ name: 'gpu', request: 'a' }] },
};
const status = (state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'main',
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  ...(state ? { state } : {}),
  ...more,
});
const ended = (exitCode: number) => status({ terminated: { exitCode } });
const running = status({ running: { startedAt: null } });

const faults = (next: Status, previous: Status, spec: Partial<Spec>) => {
  const podOf = (status: Status): Input => ({ spec: { containers: [main], ...spec }, status });
  return statusFaultsOf(Pod, podOf(next), podOf(previous));
};

const cases: readonly [
  title: string,
  status: Status,
  previous: Status,
  spec: Partial<Spec>,
  expected: readonly string[],
][] = [
  [
    'all there is',
    {
      qosClass: 'Burstable',
      nominatedNodeName: 'node',
      hostIP: '10.0.0.1',
      hostIPs: [{ ip: '10.0.0.1' }, { ip: '::1' }],
      podIPs: [{ ip: '10.0.0.2' }],
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'example.com/ready', status: 'True' },
      ],
      resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'gpu-1' }],
      containerStatuses: [
        status(undefined, {
          user: { linux: { uid: 0, gid: 0, supplementalGroups: [1] } },
          allocatedResourcesStatus: [
            { name: 'cpu' },
            { name: 'claim:gpu/a', resources: [{ resourceID: 'a', health: 'Healthy' }] },
          ],
        }),
      ],
    },
    { qosClass: 'Burstable' },
    { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
    [],
  ],
  [
    'a condition that is none',
    { conditions: [{ type: '!', status: 'True' }] },
    {},
    {},
    [
      "status.conditions[0].Type: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a nominated node that is none',
    { nominatedNodeName: 'A' },
    {},
    {},
    [
      "status.nominatedNodeName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'another class of service',
    { qosClass: 'BestEffort' },
    { qosClass: 'Burstable' },
    {},
    ['status.qosClass: Invalid value: "BestEffort": field is immutable'],
  ],
  ['a container that starts again', { containerStatuses: [running] }, { containerStatuses: [ended(0)] }, {}, []],
  [
    'a failed container that starts again',
    { containerStatuses: [running] },
    { containerStatuses: [ended(1)] },
    { restartPolicy: 'OnFailure' },
    [],
  ],
  [
    'a container that is done and starts again',
    { containerStatuses: [running] },
    { containerStatuses: [ended(0)] },
    { restartPolicy: 'OnFailure' },
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'a container that never restarts and starts again',
    { containerStatuses: [running] },
    { containerStatuses: [ended(1)] },
    { restartPolicy: 'Never' },
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'an init container that starts again',
    { initContainerStatuses: [running] },
    { initContainerStatuses: [ended(0)] },
    { restartPolicy: 'Never' },
    ['status.initContainerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'a sidecar that starts again',
    { initContainerStatuses: [running] },
    { initContainerStatuses: [ended(0)] },
    { restartPolicy: 'Never', initContainers: [{ name: 'main', image: 'a', restartPolicy: 'Always' }] },
    [],
  ],
  [
    'an init container that has failed and starts again',
    { initContainerStatuses: [running] },
    { initContainerStatuses: [ended(1)] },
    { restartPolicy: 'OnFailure', initContainers: [{ name: 'main', image: 'a' }] },
    [],
  ],
  [
    'a container that is not to start again, of a pod that is',
    { containerStatuses: [running] },
    { containerStatuses: [ended(1)] },
    { containers: [{ ...main, restartPolicy: 'Never' }] },
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'a container that starts again by a rule',
    { containerStatuses: [running] },
    { containerStatuses: [ended(42)] },
    {
      restartPolicy: 'Never',
      containers: [
        {
          ...main,
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        },
      ],
    },
    [],
  ],
  [
    'a container that another one has started again',
    { containerStatuses: [running] },
    { containerStatuses: [ended(0)] },
    {
      restartPolicy: 'Never',
      containers: [
        main,
        {
          ...main,
          name: 'watcher',
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }],
        },
      ],
    },
    [],
  ],
  [
    'a container that the pod does not have and starts again',
    { containerStatuses: [status({ running: { startedAt: null } }, { name: 'other' })] },
    { containerStatuses: [status({ terminated: { exitCode: 1 } }, { name: 'other' })] },
    {},
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'an ephemeral container that starts again',
    { ephemeralContainerStatuses: [running] },
    { ephemeralContainerStatuses: [ended(1)] },
    {},
    ['status.ephemeralContainerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'a generation that there cannot be',
    { observedGeneration: -1, conditions: [{ type: 'Ready', status: 'True', observedGeneration: -2 }] },
    {},
    {},
    [
      'status.conditions[0].observedGeneration: Invalid value: -2: must be a non-negative integer',
      'status.observedGeneration: Invalid value: -1: must be a non-negative integer',
    ],
  ],
  [
    'a place for a pod that has one',
    { nominatedNodeName: 'node' },
    {},
    { nodeName: 'other' },
    ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  ],
  [
    'a place that was there before',
    { nominatedNodeName: 'node' },
    { nominatedNodeName: 'node' },
    { nodeName: 'other' },
    [],
  ],
  [
    'a claim that the scheduler has made',
    {
      extendedResourceClaimStatus: {
        resourceClaimName: 'gpus',
        requestMappings: [{ containerName: 'main', resourceName: 'cpu', requestName: 'a' }],
      },
    },
    {},
    {},
    [],
  ],
  [
    'a claim that the scheduler has made for nothing',
    { extendedResourceClaimStatus: { resourceClaimName: '', requestMappings: [] } },
    {},
    {},
    [
      'status.extendedResourceClaimStatus.requestMappings: Required value: at least one request mapping is required',
      'status.extendedResourceClaimStatus.resourceClaimName: Required value',
    ],
  ],
  [
    'a claim that the scheduler has made for others',
    {
      extendedResourceClaimStatus: {
        resourceClaimName: 'gpus',
        requestMappings: [
          { containerName: 'other', resourceName: 'cpu', requestName: 'a' },
          { containerName: 'main', resourceName: 'memory', requestName: 'a.b' },
          { containerName: 'main', resourceName: 'cpu', requestName: 'a' },
          { containerName: 'main', resourceName: 'cpu', requestName: 'a' },
        ],
      },
    },
    {},
    {},
    [
      'requestMappings[0].containerName: Invalid value: "other": must match the name of an entry in spec.initContainers.name or spec.containers.name',
      'requestMappings[1].resourceName: Invalid value: "memory": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests',
      'requestName: Invalid value: "a.b": must not contain dots',
      'requestMappings[3].containerName: Duplicate value: "main"',
      'requestMappings[3].resourceName: Duplicate value: "cpu"',
      'requestMappings[3].requestName: Duplicate value: "a"',
    ].map((fault) => `status.extendedResourceClaimStatus.${fault}`),
  ],
  [
    'a claim that there is not',
    { resourceClaimStatuses: [{ name: 'gpu' }] },
    {},
    {},
    [
      'status.resourceClaimStatuses[0].name: Invalid value: "gpu": must match the name of an entry in `spec.resourceClaims`',
    ],
  ],
  [
    'a claim twice',
    { resourceClaimStatuses: [{ name: 'gpu' }, { name: 'gpu', resourceClaimName: 'A' }] },
    {},
    { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
    [
      'status.resourceClaimStatuses[1].name: Duplicate value: "gpu"',
      "status.resourceClaimStatuses[1].name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'addresses that are none',
    { podIPs: [{ ip: 'a' }], hostIP: 'b', hostIPs: [{ ip: 'b' }] },
    {},
    {},
    [
      'status.podIPs[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.hostIPs[0]: Invalid value: "b": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  ['addresses that were let in before', { podIPs: [{ ip: '010.0.0.1' }] }, { podIPs: [{ ip: '010.0.0.1' }] }, {}, []],
  [
    'another first address of the host',
    { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] },
    {},
    {},
    ['status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'],
  ],
  [
    'two addresses of one family',
    { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
    {},
    {},
    [
      'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'an address twice',
    { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }] },
    {},
    {},
    [
      'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.1"}]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'a user of Linux on Windows',
    { containerStatuses: [status(undefined, { user: { linux: { uid: 0, gid: 0 } } })] },
    {},
    { os: { name: 'windows' } },
    ['status.containerStatuses[0].linux: Forbidden: cannot be set for a windows pod'],
  ],
  [
    'users that are none',
    {
      ephemeralContainerStatuses: [
        status(undefined, { user: { linux: { uid: -1, gid: -1, supplementalGroups: [-1] } } }),
      ],
    },
    {},
    {},
    [
      'status.ephemeralContainerStatuses[0].linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'status.ephemeralContainerStatuses[0].linux.gid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'status.ephemeralContainerStatuses[0].linux.supplementalGroups[0]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'the health of what was not asked for',
    {
      containerStatuses: [status(undefined, { allocatedResourcesStatus: [{ name: 'memory' }, { name: 'claim:gpu' }] })],
    },
    {},
    {},
    [
      'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "memory": must match one of the container\'s resource requests',
      "status.containerStatuses[0].allocatedResourcesStatus[1].name: Invalid value: \"claim:gpu\": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty",
    ],
  ],
  [
    'the health of what was not asked for at all',
    { initContainerStatuses: [status(undefined, { allocatedResourcesStatus: [{ name: 'memory' }] })] },
    {},
    {},
    [],
  ],
  [
    'a health that is none, of a device twice',
    {
      containerStatuses: [
        status(undefined, {
          allocatedResourcesStatus: [
            {
              name: 'cpu',
              resources: [
                { resourceID: 'a', health: 'Good' },
                { resourceID: 'a', health: 'Unknown' },
              ],
            },
          ],
        }),
      ],
    },
    {},
    {},
    [
      'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "Good": supported values: "Healthy", "Unhealthy", "Unknown"',
      'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: "a"',
    ],
  ],
  [
    "the health of an ephemeral container's devices",
    { ephemeralContainerStatuses: [status(undefined, { allocatedResourcesStatus: [{ name: 'cpu' }] })] },
    {},
    {},
    [
      'status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: must not be specified in container status',
    ],
  ],
];

for (const [title, next, previous, spec, expected] of cases) {
  test(`Pod.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(faults(next, previous, spec), expected);
  });
}
