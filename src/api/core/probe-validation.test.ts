import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Container = NonNullable<NonNullable<Spec['containers']>[number]>;

const faults = (container: Partial<Container>) =>
  faultsOf(Pod, { spec: { containers: [{ name: 'main', image: 'nginx', ...container }] } }).map((fault) =>
    fault.replace('spec.containers[0].', ''),
  );
const exec = { command: ['true'] };

const cases: readonly [title: string, container: Partial<Container>, expected: readonly string[]][] = [
  [
    'a probe of each sort',
    {
      livenessProbe: { exec, terminationGracePeriodSeconds: 5 },
      readinessProbe: {
        httpGet: { port: 'web', httpHeaders: [{ name: 'Accept', value: '*/*' }] },
        successThreshold: 3,
      },
      startupProbe: { grpc: { port: 9090 } },
    },
    [],
  ],
  [
    'hooks of each sort',
    { lifecycle: { postStart: { tcpSocket: { port: 80 } }, preStop: { sleep: { seconds: 30 } } } },
    [],
  ],
  ['a probe without a handler', { livenessProbe: {} }, ['livenessProbe: Required value: must specify a handler type']],
  [
    'a probe with two handlers',
    { livenessProbe: { exec, tcpSocket: { port: 80 } } },
    ['livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type'],
  ],
  [
    'a command that is empty',
    { readinessProbe: { exec: { command: [] } } },
    ['readinessProbe.exec.command: Required value'],
  ],
  [
    'a port that is none',
    { readinessProbe: { tcpSocket: { port: 0 } } },
    ['readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  ],
  [
    'a port name that is none',
    { readinessProbe: { httpGet: { port: 'a_b' } } },
    [
      'readinessProbe.httpGet.port: Invalid value: "a_b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
  ],
  [
    'a header that is none',
    { readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'A B', value: '' }] } } },
    [
      "readinessProbe.httpGet.httpHeaders: Invalid value: \"A B\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ],
  ],
  [
    'a port of gRPC that is none',
    { readinessProbe: { grpc: { port: 70000 } } },
    ['readinessProbe.grpc.port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'negative counts',
    {
      readinessProbe: {
        exec,
        initialDelaySeconds: -1,
        timeoutSeconds: -1,
        periodSeconds: -1,
        successThreshold: -1,
        failureThreshold: -1,
      },
    },
    [
      'readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
      'readinessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0',
      'readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
      'readinessProbe.successThreshold: Invalid value: -1: must be greater than or equal to 0',
      'readinessProbe.failureThreshold: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a grace period of nothing',
    { livenessProbe: { exec, terminationGracePeriodSeconds: 0 } },
    ['livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0'],
  ],
  [
    'a readiness probe with a grace period',
    { readinessProbe: { exec, terminationGracePeriodSeconds: 5 } },
    ['readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes'],
  ],
  [
    'liveness that takes more than one success',
    { livenessProbe: { exec, successThreshold: 2 } },
    ['livenessProbe.successThreshold: Invalid value: 2: must be 1'],
  ],
  [
    'a hook without a handler',
    { lifecycle: { preStop: {} } },
    ['lifecycle.preStop: Required value: must specify a handler type'],
  ],
  [
    'a hook that sleeps longer than the pod has',
    { lifecycle: { postStart: { sleep: { seconds: -1 } }, preStop: { sleep: { seconds: 31 } } } },
    [
      'lifecycle.postStart.sleep: Invalid value: -1: must be non-negative and less than terminationGracePeriodSeconds (30)',
      'lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  ],
];

for (const [title, container, expected] of cases) {
  test(`Pod.validate of a container with ${title}`, () => {
    assert.deepEqual(faults(container), expected);
  });
}
