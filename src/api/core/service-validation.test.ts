import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, nextFaultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { Service } from './service.ts';

type Input = Parameters<typeof faultsOf<typeof Service>>[1];
type Spec = NonNullable<Input['spec']>;

const http = { name: 'http', port: 80 };
const faults = (spec: Spec, annotations: Readonly<Record<string, string>> = {}) =>
  faultsOf(Service, { metadata: { annotations }, spec: { ports: [http], ...spec } });

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['a service of little', {}, []],
  [
    'a service of all there is',
    {
      type: 'LoadBalancer',
      selector: { a: 'b' },
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1', 'fd00::1'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'PreferDualStack',
      ports: [
        { ...http, appProtocol: 'example.com/http', nodePort: 30000, targetPort: 'web' },
        { name: 'dns', port: 80, protocol: 'UDP', nodePort: 30000 },
      ],
      sessionAffinity: 'ClientIP',
      externalIPs: ['192.0.2.1'],
      loadBalancerSourceRanges: [' 10.0.0.0/8 '],
      loadBalancerClass: 'example.com/lb',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30001,
      trafficDistribution: 'PreferSameZone',
    },
    [],
  ],
  ['a service without ports and addresses', { clusterIP: 'None', clusterIPs: ['None'], ports: [] }, []],
  ['an external name', { type: 'ExternalName', externalName: 'example.com.', ports: [] }, []],
  ['no ports', { ports: [] }, ['spec.ports: Required value']],
  [
    'node ports without an address',
    { type: 'NodePort', clusterIP: 'None', clusterIPs: ['None'] },
    ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
  ],
  [
    'a load balancer without an address',
    { type: 'LoadBalancer', clusterIP: 'None', clusterIPs: ['None'] },
    ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services'],
  ],
  [
    'an external name with addresses',
    {
      type: 'ExternalName',
      externalName: 'a',
      clusterIPs: ['10.0.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
    [
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
    ],
  ],
  [
    'an external name that is none',
    { type: 'ExternalName', externalName: 'A' },
    [
      "spec.externalName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  ['an external name without a name', { type: 'ExternalName' }, ['spec.externalName: Required value']],
  ['two ports of which one has no name', { ports: [http, { port: 81 }] }, ['spec.ports[1].name: Required value']],
  [
    'a port name that is none',
    { ports: [{ ...http, name: 'A' }] },
    [
      "spec.ports[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  ['a port name twice', { ports: [http, { ...http, port: 81 }] }, ['spec.ports[1].name: Duplicate value: "http"']],
  [
    'a port that is none',
    { ports: [{ port: 0, targetPort: 70000, appProtocol: '!' }] },
    [
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      "spec.ports[0].appProtocol: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a target that is none',
    { ports: [{ port: 80, targetPort: 'a_b' }] },
    [
      'spec.ports[0].targetPort: Invalid value: "a_b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
  ],
  [
    'a port twice',
    { ports: [http, { ...http, name: 'other' }] },
    ['spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}'],
  ],
  [
    'a node port twice',
    {
      type: 'NodePort',
      ports: [
        { ...http, nodePort: 30000 },
        { name: 'other', port: 81, nodePort: 30000 },
      ],
    },
    ['spec.ports[1].nodePort: Duplicate value: 30000'],
  ],
  [
    'a node port of a service without',
    { ports: [{ ...http, nodePort: 30000 }] },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'a selector that is none',
    { selector: { a: '!' } },
    [
      "spec.selector: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [
    'too long an affinity',
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } },
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
  ],
  [
    'external addresses that are none',
    { externalIPs: ['a', '127.0.0.1', '0.0.0.0', '169.254.0.1', '224.0.0.1'] },
    [
      'spec.externalIPs[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[3]: Invalid value: "169.254.0.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[4]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ],
  [
    'source ranges of what is no load balancer',
    { loadBalancerSourceRanges: ['10.0.0.0/8'] },
    ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  ],
  [
    'source ranges that are none',
    { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0'] },
    [
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'fields of a load balancer',
    { allocateLoadBalancerNodePorts: true, loadBalancerClass: 'a' },
    [
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ],
  [
    'a load balancer class that is none',
    { type: 'LoadBalancer', loadBalancerClass: '!' },
    [
      "spec.loadBalancerClass: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a policy for traffic from outside where there is none',
    { externalTrafficPolicy: 'Local' },
    ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
  ],
  [
    'a health check port of a service without',
    { healthCheckNodePort: 30000 },
    [
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  [
    'a health check port that is none',
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 70000 },
    ['spec.healthCheckNodePort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'a distribution of traffic that is none',
    { trafficDistribution: 'Fair' },
    [
      'spec.trafficDistribution: Unsupported value: "Fair": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
  ['an address without the list', { clusterIP: '10.0.0.1' }, ['spec.clusterIPs: Required value']],
  [
    'a list without the address',
    { clusterIPs: ['10.0.0.1'] },
    ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified'],
  ],
  [
    'a list that begins with another address',
    { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] },
    ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`'],
  ],
  ['a family twice', { ipFamilies: ['IPv4', 'IPv4'] }, ['spec.ipFamilies[1]: Duplicate value: "IPv4"']],
  [
    'None beside others',
    { clusterIP: 'None', clusterIPs: ['None', '10.0.0.1'] },
    ['spec.clusterIPs: Invalid value: ["None","10.0.0.1"]: \'None\' must be the first and only value'],
  ],
  [
    'addresses that are none',
    { clusterIP: 'a', clusterIPs: ['a'] },
    ['spec.clusterIPs[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [
    'three addresses',
    { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1', 'fd00::2'] },
    ['spec.clusterIPs: Invalid value: ["10.0.0.1","fd00::1","fd00::2"]: may only hold up to 2 values'],
  ],
  [
    'two addresses of one family',
    { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'] },
    ['spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family'],
  ],
  [
    'addresses of other families than said',
    { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: ['IPv6', 'IPv4'] },
    [
      'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
      'spec.clusterIPs[1]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[1]`',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Service.validate of ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}

test('Service.validate refuses two annotations for the same that differ', () => {
  const annotations = {
    'service.kubernetes.io/topology-mode': 'Auto',
    'service.kubernetes.io/topology-aware-hints': 'auto',
  };
  assert.deepEqual(faults({}, annotations), [
    'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
  ]);
});

test('Service.validate refuses source ranges in an annotation like those in the field', () => {
  const key = 'service.beta.kubernetes.io/load-balancer-source-ranges';
  assert.deepEqual(faults({ type: 'LoadBalancer' }, { [key]: '10.0.0.0/8, 10.1.0.0/16 ' }), []);
  assert.deepEqual(faults({}, { [key]: '10.0.0.0/8' }), [
    `metadata.annotations[${key}]: Forbidden: may only be used when \`type\` is 'LoadBalancer'`,
  ]);
  assert.deepEqual(faults({ type: 'LoadBalancer' }, { [key]: 'a' }), [
    `metadata.annotations[${key}]: Invalid value: "a": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
  ]);
});

type Ingress = NonNullable<NonNullable<NonNullable<NonNullable<Input['status']>['loadBalancer']>['ingress']>[number]>;
const statusFaults = (type: 'LoadBalancer' | 'ClusterIP', ingress: readonly Ingress[]) => {
  const service = (list: readonly Ingress[]): Input => {
    return { spec: { type, ports: [http] }, status: { loadBalancer: { ingress: list } } };
  };
  return statusFaultsOf(Service, service(ingress), service([]));
};

const statusCases: readonly [
  title: string,
  type: 'LoadBalancer' | 'ClusterIP',
  ingress: readonly Ingress[],
  expected: readonly string[],
][] = [
  ['an address and a name', 'LoadBalancer', [{ ip: '192.0.2.1', ipMode: 'Proxy' }, { hostname: 'example.com' }], []],
  ['nothing', 'ClusterIP', [], []],
  [
    'an address of what is no load balancer',
    'ClusterIP',
    [{ ip: '192.0.2.1', ipMode: 'VIP' }],
    ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
  ],
  [
    'an address that is none',
    'LoadBalancer',
    [{ ip: 'a' }],
    [
      'status.loadBalancer.ingress[0].ip: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'a mode of nothing',
    'LoadBalancer',
    [{ ipMode: 'VIP' }],
    ['status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set'],
  ],
  [
    'a mode that is none',
    'LoadBalancer',
    [{ ip: '192.0.2.1', ipMode: 'Other' }],
    ['status.loadBalancer.ingress[0].ipMode: Unsupported value: "Other": supported values: "Proxy", "VIP"'],
  ],
  [
    'a name that is an address',
    'LoadBalancer',
    [{ hostname: '192.0.2.1' }],
    ['status.loadBalancer.ingress[0].hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address'],
  ],
  [
    'a name that is none',
    'LoadBalancer',
    [{ hostname: 'A' }],
    [
      "status.loadBalancer.ingress[0].hostname: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
];

for (const [title, type, ingress, expected] of statusCases) {
  test(`Service.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(statusFaults(type, ingress), expected);
  });
}

test('Service: addresses that were let in before may stay in their form', () => {
  const service = (octet: string, range: string): Input => {
    const clusterIP = `10.0.0.${octet}`;
    return {
      spec: {
        type: 'LoadBalancer',
        ports: [http],
        clusterIP,
        clusterIPs: [clusterIP],
        externalIPs: [`192.0.2.${octet}`],
        loadBalancerSourceRanges: [range],
      },
      status: { loadBalancer: { ingress: [{ ip: clusterIP }] } },
    };
  };
  const before = service('01', '10.0.0.1/8');
  assert.deepEqual(nextFaultsOf(Service, service('01', ' 10.0.0.1/8'), before), []);
  assert.deepEqual(statusFaultsOf(Service, before, before), []);
  assert.deepEqual(nextFaultsOf(Service, service('02', '10.0.0.2/8'), before), [
    'spec.clusterIPs[0]: Invalid value: "10.0.0.02": must not have leading 0s',
    'spec.externalIPs[0]: Invalid value: "192.0.2.02": must not have leading 0s',
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.2/8": must not have bits set beyond the prefix length',
  ]);
});
