// NetworkPolicy.

import { Protocol } from '../core/container.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, formatLabelSelector, nameColumn } from '../printing.ts';
import { int32, intOrString, list, message, type Read, string, struct } from '../schema.ts';
import { validateNetworkPolicy } from './network-policy-validation.ts';
import { networkPolicyWarnings } from './network-policy-warnings.ts';

export const NetworkPolicyPort = struct('networking.k8s.io/v1.NetworkPolicyPort', {
  protocol: string(1, { optional: true, defaultsTo: 'TCP', enum: Protocol }),
  port: intOrString(2, { optional: true }),
  endPort: int32(3, { optional: true }),
});
export type NetworkPolicyPort = Read<typeof NetworkPolicyPort>;

export const IPBlock = struct('networking.k8s.io/v1.IPBlock', {
  cidr: string(1, { required: true }),
  except: list(2, 'string', { list: 'atomic' }),
});
export type IPBlock = Read<typeof IPBlock>;

export const NetworkPolicyPeer = struct('networking.k8s.io/v1.NetworkPolicyPeer', {
  podSelector: message(1, LabelSelector, { optional: true }),
  namespaceSelector: message(2, LabelSelector, { optional: true }),
  ipBlock: message(3, IPBlock, { optional: true }),
});
export type NetworkPolicyPeer = Read<typeof NetworkPolicyPeer>;

export const NetworkPolicyIngressRule = struct('networking.k8s.io/v1.NetworkPolicyIngressRule', {
  ports: list(1, NetworkPolicyPort, { list: 'atomic' }),
  from: list(2, NetworkPolicyPeer, { list: 'atomic' }),
});
export type NetworkPolicyIngressRule = Read<typeof NetworkPolicyIngressRule>;

export const NetworkPolicyEgressRule = struct('networking.k8s.io/v1.NetworkPolicyEgressRule', {
  ports: list(1, NetworkPolicyPort, { list: 'atomic' }),
  to: list(2, NetworkPolicyPeer, { list: 'atomic' }),
});
export type NetworkPolicyEgressRule = Read<typeof NetworkPolicyEgressRule>;

export const PolicyType = ['Ingress', 'Egress'] as const;
export type PolicyType = (typeof PolicyType)[number];

export const NetworkPolicySpec = struct('networking.k8s.io/v1.NetworkPolicySpec', {
  podSelector: message(1, LabelSelector, { omit: 'never' }),
  ingress: list(2, NetworkPolicyIngressRule, { list: 'atomic' }),
  egress: list(3, NetworkPolicyEgressRule, { list: 'atomic' }),
  policyTypes: list(4, 'string', { enum: PolicyType, list: 'atomic' }),
});
export type NetworkPolicySpec = Read<typeof NetworkPolicySpec>;

const schema = struct('networking.k8s.io/v1.NetworkPolicy', {
  metadata: message(1, ObjectMeta),
  spec: message(2, NetworkPolicySpec),
});
export type NetworkPolicy = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const NetworkPolicy = kind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  scope: 'Namespaced',
  shortNames: ['netpol'],
  schema,
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Pod-Selector',
      type: 'string',
      description: 'Labels of the pods that the policy is for.',
      value: ({ spec }) => formatLabelSelector(spec.podSelector),
    },
    ageColumn,
  ],
  defaults({ spec }) {
    if (spec.policyTypes?.length) return;
    spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: validateNetworkPolicy,
  warnings: networkPolicyWarnings,
});
