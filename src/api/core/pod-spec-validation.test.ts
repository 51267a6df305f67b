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
    'all there is',
    {
      serviceAccountName: 'default',
      nodeName: 'node',
      priorityClassName: 'high',
      runtimeClassName: 'runc',
      hostname: 'web',
      subdomain: 'sub',
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['a.b'] }],
      nodeSelector: { a: 'b' },
      activeDeadlineSeconds: 1,
      preemptionPolicy: 'Never',
      readinessGates: [{ conditionType: 'example.com/ready' }],
      resourceClaims: [{ name: 'a', resourceClaimTemplateName: 'b' }],
      hostUsers: false,
    },
    [],
  ],
  [
    'names that are none',
    { serviceAccountName: 'A', nodeName: 'B', priorityClassName: 'C', runtimeClassName: 'D' },
    [
      "spec.serviceAccountName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "spec.nodeName: Invalid value: \"B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "spec.priorityClassName: Invalid value: \"C\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "spec.runtimeClassName: Invalid value: \"D\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a host name that is none',
    { hostname: 'a.b', subdomain: 'A' },
    [
      'spec.hostname: Invalid value: "a.b": must not contain dots',
      "spec.subdomain: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  ['a host name for all purposes', { hostnameOverride: 'a.b' }, []],
  [
    'a host name for all purposes where there is another',
    { hostnameOverride: `${'a'.repeat(60)}.${'a'.repeat(10)}`, hostNetwork: true, setHostnameAsFQDN: true },
    [
      'spec.hostnameOverride: Too long: may not be more than 64 bytes',
      'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
      'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
    ],
  ],
  [
    'aliases that are none',
    { hostAliases: [{ ip: 'a', hostnames: ['A'] }] },
    [
      'spec.hostAliases[0].ip: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      "spec.hostAliases[0].hostnames[0]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a node selector that is none',
    { nodeSelector: { a: '!' } },
    [
      "spec.nodeSelector: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [
    'policies that are none',
    { restartPolicy: 'a' as 'Never', dnsPolicy: 'b' as 'None', preemptionPolicy: 'c' as 'Never' },
    [
      'spec.restartPolicy: Unsupported value: "a": supported values: "Always", "OnFailure", "Never"',
      'spec.dnsPolicy: Unsupported value: "b": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      'spec.preemptionPolicy: Unsupported value: "c": supported values: "PreemptLowerPriority", "Never"',
    ],
  ],
  [
    'no time',
    { activeDeadlineSeconds: 0 },
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  ],
  [
    'other ports than those of the host',
    { hostNetwork: true, containers: [{ ...main, ports: [{ containerPort: 80, hostPort: 81 }] }] },
    ['spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true'],
  ],
  [
    'users of its own in namespaces of the host',
    { hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true },
    [
      'spec.hostNetwork: Forbidden: when `hostUsers` is false',
      'spec.HostPID: Forbidden: when `hostUsers` is false',
      'spec.HostIPC: Forbidden: when `hostUsers` is false',
    ],
  ],
  [
    'users of its own, and a device',
    {
      hostUsers: false,
      volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }],
      containers: [{ ...main, volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }] }],
    },
    ['spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false'],
  ],
  ['an empty policy', { preemptionPolicy: '' as 'Never' }, ['spec.preemptionPolicy: Required value']],
  [
    'gates that are none',
    { readinessGates: [{ conditionType: '!' }], schedulingGates: [{ name: '!' }] },
    [
      "spec.readinessGates[0].conditionType: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      "spec.schedulingGates[0]: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a gate twice',
    { schedulingGates: [{ name: 'a' }, { name: 'a' }] },
    ['spec.schedulingGates[1]: Duplicate value: "a"'],
  ],
  [
    'a claim without a name',
    { resourceClaims: [{ name: '', resourceClaimName: 'A' }] },
    [
      'spec.resourceClaims[0].name: Required value',
      "spec.resourceClaims[0].resourceClaimName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a claim twice',
    {
      resourceClaims: [
        { name: 'a', resourceClaimName: 'a' },
        { name: 'a', resourceClaimName: 'b' },
      ],
    },
    ['spec.resourceClaims[1].name: Duplicate value: "a"'],
  ],
  [
    'a claim of nothing',
    { resourceClaims: [{ name: 'A' }] },
    [
      "spec.resourceClaims[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.resourceClaims[0]: Invalid value: {"name":"A"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
    ],
  ],
  [
    'a claim of two things',
    { resourceClaims: [{ name: 'a', resourceClaimName: 'a', resourceClaimTemplateName: 'b' }] },
    [
      'spec.resourceClaims[0]: Invalid value: {"name":"a","resourceClaimName":"a","resourceClaimTemplateName":"b"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Pod.validate of a pod with ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}
