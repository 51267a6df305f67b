import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf, nextFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { portName } from '../names.ts';
import { NetworkPolicy } from './network-policy.ts';

type Input = Parameters<typeof allFaultsOf<typeof NetworkPolicy>>[1];
type Spec = NonNullable<Input['spec']>;
type Port = NonNullable<NonNullable<NonNullable<Spec['ingress']>[number]['ports']>[number]>;
type Peer = NonNullable<NonNullable<NonNullable<Spec['ingress']>[number]['from']>[number]>;

const policy = (spec: Spec): Input => ({ spec });
const ofPort = (port: Port) => ({ ingress: [{ ports: [port] }] });
const ofPeer = (peer: Peer) => ({ egress: [{ to: [peer] }] });
const ofBlock = (cidr: string, ...except: string[]) => ofPeer({ ipBlock: { cidr, except } });

const RANGE = 'must be between 1 and 65535, inclusive';
const SUBSET = 'must be a strict subset of `cidr`';

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['nothing', {}, []],
  ['a port', ofPort({ port: 80, protocol: 'UDP' }), []],
  ['a port by its name', ofPort({ port: 'http' }), []],
  ['a range of ports', ofPort({ port: 80, endPort: 80 }), []],
  ['any port of a protocol', ofPort({ protocol: 'SCTP' }), []],
  ['peers by their labels', ofPeer({ podSelector: {}, namespaceSelector: { matchLabels: { a: 'b' } } }), []],
  ['a block with exceptions', ofBlock('10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16'), []],
  ['both directions', { policyTypes: ['Egress', 'Ingress'] }, []],
  [
    'an unknown protocol',
    ofPort({ protocol: 'ICMP' as 'TCP' }),
    ['spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"'],
  ],
  ['a port that is none', ofPort({ port: 0 }), [`spec.ingress[0].ports[0].port: Invalid value: 0: ${RANGE}`]],
  [
    'a name that is none',
    ofPort({ port: 'HTTP' }),
    portName('HTTP').map((fault) => `spec.ingress[0].ports[0].port: Invalid value: "HTTP": ${fault}`),
  ],
  [
    'a range that ends before it begins',
    ofPort({ port: 80, endPort: 79 }),
    ['spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`'],
  ],
  [
    'a range that goes too far',
    ofPort({ port: 80, endPort: 65536 }),
    [`spec.ingress[0].ports[0].endPort: Invalid value: 65536: ${RANGE}`],
  ],
  [
    'a range from a name',
    ofPort({ port: 'http', endPort: 81 }),
    ['spec.ingress[0].ports[0].endPort: Invalid value: 81: may not be specified when `port` is non-numeric'],
  ],
  [
    'a range from nowhere',
    ofPort({ endPort: 81 }),
    ['spec.ingress[0].ports[0].endPort: Invalid value: 81: may not be specified when `port` is not specified'],
  ],
  ['a peer that is nobody', ofPeer({}), ['spec.egress[0].to[0]: Required value: must specify a peer']],
  [
    'a peer in two ways',
    ofPeer({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
    ['spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer'],
  ],
  [
    'a peer by a selector that is none',
    { ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } }] }] },
    [
      'spec.ingress[0].from[0].podSelector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    ],
  ],
  ['a block of nothing', ofBlock(''), ['spec.egress[0].to[0].ipBlock.cidr: Required value']],
  [
    'a block that is none',
    ofBlock('10.0.0.0', '10.0.0.0/33'),
    [
      'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'a block that may mean two things',
    ofBlock('10.0.0.1/8'),
    ['spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'],
  ],
  [
    'exceptions that are none',
    ofBlock('10.0.0.0/8', 'a', '10.0.0.0/8', '11.0.0.0/16', 'fd00::/64'),
    [
      'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "a": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      `spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "10.0.0.0/8": ${SUBSET}`,
      `spec.egress[0].to[0].ipBlock.except[2]: Invalid value: "11.0.0.0/16": ${SUBSET}`,
      `spec.egress[0].to[0].ipBlock.except[3]: Invalid value: "fd00::/64": ${SUBSET}`,
    ],
  ],
  [
    'an unknown direction',
    { policyTypes: ['Sideways' as 'Egress'] },
    ['spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"'],
  ],
  [
    'three directions',
    { policyTypes: ['Ingress', 'Egress', 'Egress'] },
    ['spec.policyTypes: Invalid value: ["Ingress","Egress","Egress"]: may not specify more than two policyTypes'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`NetworkPolicy.validate of ${title}`, () =>
    assert.deepEqual(allFaultsOf(NetworkPolicy, policy(spec)), expected));
}

test('NetworkPolicy.validate lets blocks stay that were let in before', () => {
  const before = policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.1/8', except: ['10.1.0.1/16'] } }] }] });
  assert.deepEqual(nextFaultsOf(NetworkPolicy, policy(ofBlock('10.0.0.1/8', '10.1.0.1/16')), before), []);
  assert.equal(nextFaultsOf(NetworkPolicy, policy(ofBlock('10.0.0.2/8')), before).length, 1);
});

test('NetworkPolicy.warnings are of blocks in a form of their own', () => {
  const spec = {
    ingress: [{ from: [{ ipBlock: { cidr: 'FD00::/8', except: ['fd01:0::/16'] } }] }],
    ...ofBlock('10.0.0.0/8'),
  };
  assert.deepEqual(warningsOf(NetworkPolicy, policy(spec)), [
    'spec.ingress[0].from[0].ipBlock.cidr: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")',
    'spec.ingress[0].from[0].ipBlock.except[0]: IPv6 CIDR value "fd01:0::/16" should be in RFC 5952 canonical format ("fd01::/16")',
  ]);
});
