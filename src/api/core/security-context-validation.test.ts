import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Container = NonNullable<NonNullable<Spec['containers']>[number]>;

const main: Container = { name: 'main', image: 'nginx' };
const faults = (spec: Partial<Spec>) => faultsOf(Pod, { spec: { containers: [main], ...spec } });

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  [
    'a security context with all there is',
    {
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        supplementalGroups: [1, 2],
        seLinuxChangePolicy: 'Recursive',
        sysctls: [
          { name: 'net.ipv4.ip_forward', value: '1' },
          { name: 'kernel.shm_rmid_forced', value: '1' },
        ],
        seccompProfile: { type: 'Localhost', localhostProfile: 'a/b.json' },
        appArmorProfile: { type: 'Localhost', localhostProfile: 'a' },
      },
      containers: [
        {
          ...main,
          securityContext: {
            runAsUser: 0,
            privileged: true,
            procMount: 'Default',
            seccompProfile: { type: 'Unconfined' },
            appArmorProfile: { type: 'RuntimeDefault' },
          },
        },
      ],
    },
    [],
  ],
  [
    'negative ids',
    { securityContext: { runAsUser: -1, runAsGroup: -1, fsGroup: -1, supplementalGroups: [-1] } },
    [
      'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.runAsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.supplementalGroups[0]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'negative ids of a container',
    { containers: [{ ...main, securityContext: { runAsUser: -1, runAsGroup: 2 ** 31 } }] },
    [
      'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.containers[0].securityContext.runAsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'one process namespace and that of the host',
    { hostPID: true, shareProcessNamespace: true },
    [
      'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
    ],
  ],
  [
    'sysctls that are none',
    {
      securityContext: {
        sysctls: [
          { name: '', value: '' },
          { name: 'a..b', value: '' },
          { name: 'a', value: '' },
          { name: 'a', value: '' },
        ],
      },
    },
    [
      'spec.securityContext.sysctls[0].name: Required value',
      'spec.securityContext.sysctls[1].name: Invalid value: "a..b": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
      'spec.securityContext.sysctls[3].name: Duplicate value: "a"',
    ],
  ],
  [
    'sysctls of the host',
    {
      hostNetwork: true,
      hostIPC: true,
      securityContext: {
        sysctls: [
          { name: 'net/ipv4/ip_forward', value: '1' },
          { name: 'kernel.sem', value: '1' },
        ],
      },
    },
    [
      'spec.securityContext.sysctls[0].name: Invalid value: "net/ipv4/ip_forward": may not be specified when \'hostNetwork\' is true',
      'spec.securityContext.sysctls[1].name: Invalid value: "kernel.sem": may not be specified when \'hostIPC\' is true',
    ],
  ],
  [
    'an unknown policy of SELinux',
    { securityContext: { seLinuxChangePolicy: 'Other' } },
    [
      'spec.securityContext.seLinuxChangePolicy: Unsupported value: "Other": supported values: "MountOption", "Recursive"',
    ],
  ],
  [
    'seccomp without a type',
    { securityContext: { seccompProfile: { type: '' as 'Localhost' } } },
    ['spec.securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set'],
  ],
  [
    'a local profile of seccomp that is not named',
    { securityContext: { seccompProfile: { type: 'Localhost' } } },
    [
      'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
    ],
  ],
  [
    'a local profile of seccomp elsewhere',
    { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: '/a' } } },
    ['spec.securityContext.seccompProfile.localhostProfile: Invalid value: "/a": must be a relative path'],
  ],
  [
    'a profile of seccomp that is not local',
    { securityContext: { seccompProfile: { type: 'Unconfined', localhostProfile: 'a' } } },
    [
      'spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"type":"Unconfined","localhostProfile":"a"}: can only be set when seccomp type is Localhost',
    ],
  ],
  [
    'AppArmor without a type',
    { securityContext: { appArmorProfile: { type: '' as 'Localhost' } } },
    ['spec.securityContext.appArmorProfile.type: Required value: type is required when appArmorProfile is set'],
  ],
  [
    'a local profile of AppArmor that is not named',
    { securityContext: { appArmorProfile: { type: 'Localhost' } } },
    [
      'spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
    ],
  ],
  [
    'a local profile of AppArmor with space around it',
    { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: ' a' } } },
    ['spec.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace'],
  ],
  [
    'a profile of AppArmor that is not local',
    { securityContext: { appArmorProfile: { type: 'Unconfined', localhostProfile: 'a' } } },
    [
      'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost',
    ],
  ],
  [
    'empty policies',
    {
      securityContext: {
        fsGroupChangePolicy: '' as 'Always',
        supplementalGroupsPolicy: '' as 'Merge',
        seLinuxChangePolicy: '',
      },
      containers: [{ ...main, securityContext: { procMount: '' as 'Default' } }],
    },
    [
      'spec.containers[0].securityContext.procMount: Unsupported value: "": supported values: "Default", "Unmasked"',
      'spec.securityContext.fsGroupChangePolicy: Unsupported value: "": supported values: "Always", "OnRootMismatch"',
      'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "": supported values: "Merge", "Strict"',
      'spec.securityContext.seLinuxChangePolicy: Unsupported value: "": supported values: "MountOption", "Recursive"',
    ],
  ],
  [
    "everything of /proc while root is the host's",
    { containers: [{ ...main, securityContext: { procMount: 'Unmasked' } }] },
    [
      'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
    ],
  ],
  [
    'everything of /proc in a user namespace',
    { hostUsers: false, containers: [{ ...main, securityContext: { procMount: 'Unmasked' } }] },
    [],
  ],
  [
    'privileges that may not grow',
    {
      containers: [
        {
          ...main,
          securityContext: {
            allowPrivilegeEscalation: false,
            privileged: true,
            capabilities: { add: ['CAP_SYS_ADMIN'] },
          },
        },
      ],
    },
    [
      'spec.containers[0].securityContext: Invalid value: {"capabilities":{"add":["CAP_SYS_ADMIN"]},"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      'spec.containers[0].securityContext: Invalid value: {"capabilities":{"add":["CAP_SYS_ADMIN"]},"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Pod.validate of a pod with ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}

test('Pod.validate refuses a profile of AppArmor that is longer than a path', () => {
  assert.deepEqual(
    faults({ securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'a'.repeat(4096) } } }),
    ['spec.securityContext.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes'],
  );
});
