import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Container = NonNullable<NonNullable<NonNullable<Input['spec']>['containers']>[number]>;

const faults = (container: Partial<Container>) =>
  faultsOf(Pod, { spec: { containers: [{ name: 'main', image: 'nginx', ...container }] } });

const cases: readonly [title: string, container: Partial<Container>, expected: readonly string[]][] = [
  [
    'a container with all there is',
    {
      command: ['sh'],
      args: ['-c', 'true'],
      workingDir: '/',
      ports: [
        { name: 'web', containerPort: 80, hostPort: 8080 },
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
      ],
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'RestartContainer' },
        { resourceName: 'memory', restartPolicy: 'NotRequired' },
      ],
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    },
    [],
  ],
  ['no name', { name: '' }, ['spec.containers[0].name: Required value']],
  [
    'a name that is not a label',
    { name: 'a.b' },
    ['spec.containers[0].name: Invalid value: "a.b": must not contain dots'],
  ],
  ['no image', { image: '' }, ['spec.containers[0].image: Required value']],
  [
    'an image with space around it',
    { image: ' nginx' },
    ['spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace'],
  ],
  [
    'an unknown termination message policy',
    { terminationMessagePolicy: 'None' as 'File' },
    [
      'spec.containers[0].terminationMessagePolicy: Unsupported value: "None": supported values: "File", "FallbackToLogsOnError"',
    ],
  ],
  [
    'a port name that is not one',
    { ports: [{ name: 'HTTP', containerPort: 80 }] },
    [
      'spec.containers[0].ports[0].name: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.containers[0].ports[0].name: Invalid value: "HTTP": must contain at least one letter (a-z)',
    ],
  ],
  [
    'a port name twice',
    {
      ports: [
        { name: 'a', containerPort: 80 },
        { name: 'a', containerPort: 81 },
      ],
    },
    ['spec.containers[0].ports[1].name: Duplicate value: "a"'],
  ],
  ['no port', { ports: [{ containerPort: 0 }] }, ['spec.containers[0].ports[0].containerPort: Required value']],
  [
    'ports that are none',
    { ports: [{ containerPort: 70000, hostPort: -1 }] },
    [
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.containers[0].ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'a port of the host twice',
    {
      ports: [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80 },
      ],
    },
    ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
  ],
  [
    'a resize policy twice',
    {
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      ],
    },
    ['spec.containers[0].resizePolicy[1]: Duplicate value: "cpu"'],
  ],
  [
    'a resize policy of what cannot be resized',
    { resizePolicy: [{ resourceName: 'pids', restartPolicy: 'Sometimes' }] },
    [
      'spec.containers[0].resizePolicy: Unsupported value: "pids": supported values: "cpu", "memory"',
      'spec.containers[0].resizePolicy: Unsupported value: "Sometimes": supported values: "NotRequired", "RestartContainer"',
    ],
  ],
  [
    'an empty resize policy',
    { resizePolicy: [{ resourceName: '', restartPolicy: '' }] },
    ['spec.containers[0].resizePolicy: Required value'],
  ],
  [
    'an unknown restart policy',
    { restartPolicy: 'Sometimes' },
    [
      'spec.containers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
    ],
  ],
  [
    'restart rules without a restart policy',
    { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }] },
    ['spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used'],
  ],
  [
    'too many restart rules',
    {
      restartPolicy: 'Never',
      restartPolicyRules: Array.from({ length: 21 }, () => ({
        action: 'Restart',
        exitCodes: { operator: 'In', values: [1] },
      })),
    },
    ['spec.containers[0].restartPolicyRules: Too long: may not be more than 20 bytes'],
  ],
  [
    'a restart rule that does something else',
    {
      restartPolicy: 'Never',
      restartPolicyRules: [
        { action: 'Stop', exitCodes: { operator: 'Is', values: Array.from({ length: 256 }, () => 1) } },
      ],
    },
    [
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart"',
      'spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"',
      'spec.containers[0].restartPolicyRules[0].exitCodes.values: Too long: may not be more than 255 bytes',
    ],
  ],
  [
    'a restart rule for all containers',
    {
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'NotIn', values: [0] } }],
    },
    [],
  ],
  [
    'a restart rule for nothing',
    { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] },
    ['spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified'],
  ],
];

for (const [title, container, expected] of cases) {
  test(`Pod.validate of ${title}`, () => {
    assert.deepEqual(faults(container), expected);
  });
}

type Spec = NonNullable<Input['spec']>;
const main: Container = { name: 'main', image: 'nginx' };
const specFaults = (spec: Partial<Spec>) => faultsOf(Pod, { spec: { containers: [main], ...spec } });

const specCases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['no containers', { containers: [] }, ['spec.containers: Required value']],
  ['a name twice', { containers: [main, main] }, ['spec.containers[1].name: Duplicate value: "main"']],
  [
    'a resize policy that restarts what never restarts',
    {
      restartPolicy: 'Never',
      containers: [{ ...main, resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }],
    },
    [
      "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
    ],
  ],
  [
    'an init container and a sidecar',
    {
      initContainers: [
        { ...main, name: 'init' },
        { ...main, name: 'proxy', restartPolicy: 'Always', readinessProbe: { exec: { command: ['true'] } } },
      ],
    },
    [],
  ],
  [
    'an init container with restart rules alone',
    { initContainers: [{ ...main, name: 'init', restartPolicyRules: [{ action: 'Stop' }] }] },
    ['spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used'],
  ],
  [
    'a sidecar with restart rules',
    {
      initContainers: [
        {
          ...main,
          name: 'proxy',
          restartPolicy: 'Always',
          restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }],
        },
      ],
    },
    [],
  ],
  [
    'an init container that is named as a container',
    { initContainers: [main] },
    ['spec.initContainers[0].name: Duplicate value: "main"'],
  ],
  [
    'an init container with the probes of one that stays',
    {
      initContainers: [
        {
          ...main,
          name: 'init',
          lifecycle: { preStop: { exec: { command: ['true'] } } },
          livenessProbe: { exec: { command: ['true'] } },
          readinessProbe: { exec: { command: ['true'] } },
          startupProbe: { exec: { command: ['true'] } },
        },
      ],
    },
    [
      'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      'spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
  [
    'init containers that take the same port of the host one after the other',
    { initContainers: ['a', 'b'].map((name) => ({ ...main, name, ports: [{ containerPort: 80, hostPort: 80 }] })) },
    [],
  ],
  [
    'a sidecar with a faulty probe',
    {
      initContainers: [
        {
          ...main,
          name: 'proxy',
          restartPolicy: 'Always',
          startupProbe: { successThreshold: 2, exec: { command: ['true'] } },
        },
      ],
    },
    ['spec.initContainers[0].startupProbe.successThreshold: Invalid value: 2: must be 1'],
  ],
];

for (const [title, spec, expected] of specCases) {
  test(`Pod.validate of a pod with ${title}`, () => {
    assert.deepEqual(specFaults(spec), expected);
  });
}

type Ephemeral = NonNullable<NonNullable<Spec['ephemeralContainers']>[number]>;
/** That they are there at all is another rule's. */
const ephemeralFaults = (container: Partial<Ephemeral>) =>
  specFaults({
    volumes: [{ name: 'data' }],
    ephemeralContainers: [{ name: 'debug', image: 'busybox', ...container }],
  }).filter((fault) => !fault.endsWith('cannot be set on create'));

const ephemeralCases: readonly [title: string, container: Partial<Ephemeral>, expected: readonly string[]][] = [
  ['one that looks into a container', { targetContainerName: 'main', stdin: true, tty: true }, []],
  ['a name that a container has', { name: 'main' }, ['spec.ephemeralContainers[0].name: Duplicate value: "main"']],
  [
    'a target that there is not',
    { targetContainerName: 'other' },
    ['spec.ephemeralContainers[0].targetContainerName: Not found: "other"'],
  ],
  [
    'an image with space around it',
    { image: 'busybox ' },
    ['spec.ephemeralContainers[0].image: Invalid value: "busybox ": must not have leading or trailing whitespace'],
  ],
  [
    'what would make it a part of the pod',
    {
      ports: [{ containerPort: 80 }],
      resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
      livenessProbe: { exec: { command: ['true'] } },
      readinessProbe: { exec: { command: ['true'] } },
      startupProbe: { exec: { command: ['true'] } },
      lifecycle: { preStop: { exec: { command: ['true'] } } },
      resources: { limits: { cpu: '1' } },
      restartPolicy: 'Always',
    },
    [
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].resizePolicy: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].restartPolicy: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].readinessProbe: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].startupProbe: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container',
    ],
  ],
  [
    'a part of a volume',
    {
      volumeMounts: [
        { name: 'data', mountPath: '/a', subPath: 'a' },
        { name: 'data', mountPath: '/b', subPathExpr: 'b' },
      ],
    },
    [
      'spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].volumeMounts[1].subPathExpr: Forbidden: cannot be set for an Ephemeral Container',
    ],
  ],
];

for (const [title, container, expected] of ephemeralCases) {
  test(`Pod.validate of an ephemeral container with ${title}`, () => {
    assert.deepEqual(ephemeralFaults(container), expected);
  });
}
