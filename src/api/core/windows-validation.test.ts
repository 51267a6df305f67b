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
    'options of Windows',
    {
      os: { name: 'windows' },
      securityContext: {
        windowsOptions: { gmsaCredentialSpecName: 'a.b', gmsaCredentialSpec: '{}', runAsUserName: 'DOMAIN\\user' },
      },
    },
    [],
  ],
  ['processes of the host', { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } } }, []],
  [
    'a credential spec that is none',
    { securityContext: { windowsOptions: { gmsaCredentialSpecName: 'A', gmsaCredentialSpec: '' } } },
    [
      "spec.securityContext.windowsOptions.gmsaCredentialSpecName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string',
    ],
  ],
  [
    'an empty user',
    { securityContext: { windowsOptions: { runAsUserName: '' } } },
    ['spec.securityContext.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string'],
  ],
  [
    'a user with a control character',
    { securityContext: { windowsOptions: { runAsUserName: 'a\n' } } },
    [
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\n": runAsUserName cannot contain control characters',
    ],
  ],
  [
    'a user with two backslashes',
    { securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c' } } },
    [
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
    ],
  ],
  [
    'a domain that is none',
    { securityContext: { windowsOptions: { runAsUserName: '.a:\\' } } },
    [
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: ".a:\\\\": runAsUserName\'s Domain doesn\'t match the NetBios nor the DNS format',
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: ".a:\\\\": runAsUserName\'s User cannot be empty',
    ],
  ],
  [
    'a domain that is too long',
    { securityContext: { windowsOptions: { runAsUserName: `${'a.'.repeat(128)}a\\b` } } },
    [
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\\\\b": runAsUserName\'s Domain length must be under 256 characters',
    ],
  ],
  [
    'a user that is too long',
    { securityContext: { windowsOptions: { runAsUserName: 'a'.repeat(105) } } },
    [
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": runAsUserName\'s User length must not be longer than 104 characters',
    ],
  ],
  [
    'a user of dots',
    { securityContext: { windowsOptions: { runAsUserName: '. .' } } },
    [
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: ". .": runAsUserName\'s User cannot contain only periods or spaces',
    ],
  ],
  [
    'a user with characters that are not for users',
    { securityContext: { windowsOptions: { runAsUserName: 'a@b' } } },
    [
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a@b": runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]',
    ],
  ],
  [
    'processes of the host beside others',
    {
      securityContext: { windowsOptions: { hostProcess: true } },
      containers: [
        { ...main, securityContext: { windowsOptions: { hostProcess: false } } },
        { ...main, name: 'other' },
      ],
    },
    [
      'spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true',
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
    ],
  ],
  [
    'an unknown operating system',
    { os: { name: 'plan9' } },
    ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  ],
  [
    'resources as a whole on Windows',
    { os: { name: 'windows' }, resources: { limits: { pods: '1' } } },
    ['spec.resources: Forbidden: may not be set for a windows pod'],
  ],
  ['an operating system without a name', { os: { name: '' } }, ['spec.os.name: Required value']],
  [
    'options of Windows on Linux',
    {
      os: { name: 'linux' },
      securityContext: { windowsOptions: {} },
      containers: [{ ...main, securityContext: { windowsOptions: {} } }],
    },
    [
      'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
      'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
    ],
  ],
  [
    'options of Linux on Windows',
    {
      os: { name: 'windows' },
      hostPID: true,
      hostIPC: true,
      hostUsers: true,
      shareProcessNamespace: false,
      securityContext: {
        seLinuxOptions: {},
        seccompProfile: { type: 'RuntimeDefault' },
        appArmorProfile: { type: 'RuntimeDefault' },
        fsGroup: 1,
        fsGroupChangePolicy: 'Always',
        sysctls: [{ name: 'a', value: '' }],
        runAsUser: 1,
        runAsGroup: 1,
        supplementalGroups: [1],
        supplementalGroupsPolicy: 'Merge',
        seLinuxChangePolicy: 'Recursive',
      },
      containers: [
        {
          ...main,
          securityContext: {
            seLinuxOptions: {},
            seccompProfile: { type: 'RuntimeDefault' },
            appArmorProfile: { type: 'RuntimeDefault' },
            capabilities: {},
            readOnlyRootFilesystem: true,
            privileged: true,
            allowPrivilegeEscalation: true,
            procMount: 'Default',
            runAsUser: 1,
            runAsGroup: 1,
          },
        },
      ],
    },
    [
      'spec.hostUsers: Forbidden: cannot be set for a windows pod',
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.hostIPC: Forbidden: cannot be set for a windows pod',
      'spec.shareProcessNamespace: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.appArmorProfile: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.seLinuxOptions: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.seccompProfile: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.fsGroupChangePolicy: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.sysctls: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.runAsGroup: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.supplementalGroups: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.supplementalGroupsPolicy: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.seLinuxChangePolicy: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.appArmorProfile: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.seLinuxOptions: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.seccompProfile: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.capabilities: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.readOnlyRootFilesystem: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.allowPrivilegeEscalation: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.procMount: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.runAsGroup: Forbidden: cannot be set for a windows pod',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Pod.validate of a pod with ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}

test('Pod.validate refuses a credential spec of more than 64 KiB', () => {
  const [fault = ''] = faults({ securityContext: { windowsOptions: { gmsaCredentialSpec: 'a'.repeat(65537) } } });
  assert.match(fault, /gmsaCredentialSpec size must be under 64 KiB$/);
});
