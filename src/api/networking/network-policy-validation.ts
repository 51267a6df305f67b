// The rules of network policies. Upstream: ValidateNetworkPolicy in pkg/apis/networking/validation.

import { containsIp, parseCidr } from '../../base/ip-address.ts';
import { checkCidr, checkOneOf, checkPort, checkPortOrName } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from './network-policy.ts';

const SPEC = Path.of('spec');
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES = ['Ingress', 'Egress'];

export function validateNetworkPolicy(policy: NetworkPolicy, previous?: NetworkPolicy): readonly FieldError[] {
  const errors: FieldError[] = [];
  const known = previous ? ipBlocksOf(previous).flatMap(({ block: { cidr, except = [] } }) => [cidr, ...except]) : [];
  for (const { ports, peers, at, peersField } of rulesOf(policy)) {
    for (const [index, port] of ports.entries()) checkPolicyPort(port, at.child('ports').index(index), errors);
    for (const [index, peer] of peers.entries()) checkPeer(peer, known, at.child(peersField).index(index), errors);
  }
  const { policyTypes = [] } = policy.spec;
  const typesAt = SPEC.child('policyTypes');
  if (policyTypes.length > POLICY_TYPES.length) {
    errors.push(fieldError.invalid(typesAt, policyTypes, 'may not specify more than two policyTypes'));
  } else
    for (const [index, type] of policyTypes.entries()) checkOneOf(type, POLICY_TYPES, typesAt.index(index), errors);
  return errors;
}

/** Every block of addresses in a policy, with its place. */
export function ipBlocksOf(policy: NetworkPolicy): readonly { readonly block: IPBlock; readonly at: Path }[] {
  return rulesOf(policy).flatMap(({ peers, at, peersField }) =>
    peers.flatMap(({ ipBlock }, index) =>
      ipBlock ? [{ block: ipBlock, at: at.child(peersField).index(index).child('ipBlock') }] : [],
    ),
  );
}

interface Rule {
  readonly at: Path;
  readonly ports: readonly NetworkPolicyPort[];
  readonly peersField: 'from' | 'to';
  readonly peers: readonly NetworkPolicyPeer[];
}

/** The rules of both directions, which differ in how they name the other side. */
function rulesOf({ spec: { ingress = [], egress = [] } }: NetworkPolicy): readonly Rule[] {
  return [
    ...ingress.map(({ ports = [], from = [] }, index): Rule => {
      return { at: SPEC.child('ingress').index(index), ports, peersField: 'from', peers: from };
    }),
    ...egress.map(({ ports = [], to = [] }, index): Rule => {
      return { at: SPEC.child('egress').index(index), ports, peersField: 'to', peers: to };
    }),
  ];
}

function checkPolicyPort({ protocol, port, endPort }: NetworkPolicyPort, at: Path, errors: FieldError[]): void {
  if (protocol !== undefined) checkOneOf(protocol, PROTOCOLS, at.child('protocol'), errors);
  const endAt = at.child('endPort');
  if (port !== undefined) checkPortOrName(port, at.child('port'), errors);
  if (endPort === undefined) return;
  if (port === undefined) {
    errors.push(fieldError.invalid(endAt, endPort, 'may not be specified when `port` is not specified'));
  } else if (typeof port === 'string') {
    errors.push(fieldError.invalid(endAt, endPort, 'may not be specified when `port` is non-numeric'));
  } else {
    if (endPort < port) errors.push(fieldError.invalid(endAt, endPort, 'must be greater than or equal to `port`'));
    checkPort(endPort, endAt, errors);
  }
}

function checkPeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  known: readonly string[],
  at: Path,
  errors: FieldError[],
): void {
  if (ipBlock) checkIpBlock(ipBlock, known, at.child('ipBlock'), errors);
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(fieldError.required(at, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(fieldError.forbidden(at, 'may not specify both ipBlock and another peer'));
  }
}

function checkIpBlock({ cidr, except = [] }: IPBlock, known: readonly string[], at: Path, errors: FieldError[]): void {
  if (cidr === '') return;
  checkCidr(cidr, at.child('cidr'), errors, known);
  const whole = parseCidr(cidr);
  if (!whole) return;
  for (const [index, exception] of except.entries()) {
    const exceptAt = at.child('except').index(index);
    checkCidr(exception, exceptAt, errors, known);
    const part = parseCidr(exception);
    if (!part || (containsIp(whole, part.address) && whole.prefix < part.prefix)) continue;
    errors.push(fieldError.invalid(exceptAt, exception, 'must be a strict subset of `cidr`'));
  }
}
