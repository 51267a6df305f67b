import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Container = NonNullable<NonNullable<Spec['containers']>[number]>;

const volumes = [
  { name: 'data', emptyDir: {} },
  { name: 'disk', persistentVolumeClaim: { claimName: 'disk' } },
];
const faults = (container: Partial<Container>) =>
  faultsOf(Pod, { spec: { volumes, containers: [{ name: 'main', image: 'nginx', ...container }] } }).map((fault) =>
    fault.replace('spec.containers[0].', ''),
  );

const cases: readonly [title: string, container: Partial<Container>, expected: readonly string[]][] = [
  [
    'mounts and devices',
    {
      securityContext: { privileged: true },
      volumeMounts: [
        { name: 'data', mountPath: '/data', subPath: 'a/b', mountPropagation: 'Bidirectional' },
        { name: 'data', mountPath: '/expr', subPathExpr: '$(NAME)', readOnly: true, recursiveReadOnly: 'IfPossible' },
      ],
      volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }],
    },
    [],
  ],
  [
    'an empty mount',
    { volumeMounts: [{ name: '', mountPath: '' }] },
    [
      'volumeMounts[0].name: Required value',
      'volumeMounts[0].name: Not found: ""',
      'volumeMounts[0].mountPath: Required value',
    ],
  ],
  [
    'a volume that there is not',
    { volumeMounts: [{ name: 'other', mountPath: '/a' }] },
    ['volumeMounts[0].name: Not found: "other"'],
  ],
  [
    'a path twice',
    {
      volumeMounts: [
        { name: 'data', mountPath: '/a' },
        { name: 'disk', mountPath: '/a' },
      ],
    },
    ['volumeMounts[1].mountPath: Invalid value: "/a": must be unique'],
  ],
  [
    'a sub-path that is absolute',
    { volumeMounts: [{ name: 'data', mountPath: '/a', subPath: '/b' }] },
    ['volumeMounts.subPath: Invalid value: "/b": must be a relative path'],
  ],
  [
    'a sub-path that leads out',
    { volumeMounts: [{ name: 'data', mountPath: '/a', subPathExpr: 'a/../b' }] },
    ['volumeMounts.subPathExpr: Invalid value: "a/../b": must not contain \'..\''],
  ],
  [
    'both sub-paths',
    { volumeMounts: [{ name: 'data', mountPath: '/a', subPath: 'b', subPathExpr: 'b' }] },
    ['volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive'],
  ],
  [
    'propagation that there is not',
    { volumeMounts: [{ name: 'data', mountPath: '/a', mountPropagation: 'Slow' as 'None' }] },
    [
      'volumeMounts.mountPropagation: Unsupported value: "Slow": supported values: "Bidirectional", "HostToContainer", "None"',
    ],
  ],
  [
    'propagation without privileges',
    { volumeMounts: [{ name: 'data', mountPath: '/a', mountPropagation: 'Bidirectional' }] },
    [
      'volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
    ],
  ],
  [
    'a mount that is read-only at all depths but not itself',
    {
      volumeMounts: [
        { name: 'data', mountPath: '/a', recursiveReadOnly: 'Enabled', mountPropagation: 'HostToContainer' },
      ],
    },
    [
      'volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
      'volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified',
    ],
  ],
  [
    'an unknown sort of read-only',
    { volumeMounts: [{ name: 'data', mountPath: '/a', recursiveReadOnly: 'Maybe' }] },
    [
      'volumeMounts.recursiveReadOnly: Unsupported value: "Maybe": supported values: "Disabled", "Enabled", "IfPossible"',
    ],
  ],
  [
    'an empty device',
    { volumeDevices: [{ name: '', devicePath: '' }] },
    [
      'volumeDevices[0].name: Required value',
      'volumeDevices[0].name: Not found: ""',
      'volumeDevices[0].devicePath: Required value',
    ],
  ],
  [
    'a device twice',
    {
      volumeDevices: [
        { name: 'disk', devicePath: '/dev/a' },
        { name: 'disk', devicePath: '/dev/a' },
      ],
    },
    [
      'volumeDevices[1].name: Invalid value: "disk": must be unique',
      'volumeDevices[1].devicePath: Invalid value: "/dev/a": must be unique',
    ],
  ],
  [
    'a device that is a directory',
    { volumeDevices: [{ name: 'data', devicePath: '/dev/a' }] },
    [
      'volumeDevices[0].name: Invalid value: "data": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
    ],
  ],
  [
    'a device that leads out',
    { volumeDevices: [{ name: 'disk', devicePath: '/dev/../a' }] },
    ['volumeDevices[0].devicePath: Invalid value: "/dev/../a": can not contain backsteps (\'..\')'],
  ],
  [
    'a volume mounted and as a device',
    { volumeMounts: [{ name: 'disk', mountPath: '/a' }], volumeDevices: [{ name: 'disk', devicePath: '/a' }] },
    [
      'volumeMounts[0].name: Invalid value: "disk": must not already exist in volumeDevices',
      'volumeMounts[0].mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices',
      'volumeDevices[0].name: Invalid value: "disk": must not already exist in volumeMounts',
      'volumeDevices[0].devicePath: Invalid value: "/a": must not already exist as a path in volumeMounts',
    ],
  ],
];

for (const [title, container, expected] of cases) {
  test(`Pod.validate of a container with ${title}`, () => {
    assert.deepEqual(faults(container), expected);
  });
}
