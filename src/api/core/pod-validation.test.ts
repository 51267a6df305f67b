import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
const spec = { containers: [{ name: 'main', image: 'nginx' }] };
const faults = (input: Input) => faultsOf(Pod, input);
const token = [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }];

const cases: readonly [title: string, pod: Input, expected: readonly string[]][] = [
  ['little', { spec }, []],
  ['a token of somebody', { spec: { ...spec, serviceAccountName: 'default', volumes: token } }, []],
  [
    'a token of nobody',
    { spec: { ...spec, volumes: token } },
    [
      'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
    ],
  ],
  [
    'images with space around them',
    { spec: { containers: [{ name: 'main', image: 'a ' }], initContainers: [{ name: 'init', image: ' b' }] } },
    [
      'spec.containers[0].image: Invalid value: "a ": must not have leading or trailing whitespace',
      'spec.initContainers[0].image: Invalid value: " b": must not have leading or trailing whitespace',
    ],
  ],
  [
    'a container to look into it before it is there',
    { spec: { ...spec, ephemeralContainers: [{ name: 'debug', image: 'busybox' }] } },
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
  ['a gate', { spec: { ...spec, schedulingGates: [{ name: 'wait' }] } }, []],
  [
    'a gate and a node',
    { spec: { ...spec, nodeName: 'node', schedulingGates: [{ name: 'wait' }] } },
    ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  ],
  [
    "a claim for devices of a node's own pod",
    {
      metadata: { annotations: { 'kubernetes.io/config.mirror': 'a' } },
      spec: { ...spec, nodeName: 'node', resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
    },
    [': Forbidden: static pods do not support resource claims'],
  ],
  [
    'a claim that would have too long a name',
    {
      metadata: { name: 'a'.repeat(253) },
      spec: {
        ...spec,
        volumes: [
          {
            name: 'data',
            ephemeral: {
              volumeClaimTemplate: {
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            },
          },
        ],
      },
    },
    [
      'spec.volumes[0].name: Invalid value: "data": PVC name "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-data": must be no more than 253 characters',
    ],
  ],
];

for (const [title, pod, expected] of cases) {
  test(`Pod.validate of a pod with ${title}`, () => {
    assert.deepEqual(faults(pod), expected);
  });
}
