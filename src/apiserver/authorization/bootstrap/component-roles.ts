// Roles for the parts of a cluster that have an identity of their own, controllers aside.

import { NODE_RULES } from './node-rules.ts';
import { EVENTS, READ, READ_UPDATE, rule, urlRule } from './rule.ts';
import type { RoleData } from './user-roles.ts';

const NEW_REVIEWS = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
];

/** A role that may approve requests for one signer. */
const approver = (name: string, signer: string): RoleData => ({
  name: `system:certificates.k8s.io:${name}-approver`,
  rules: [rule('approve', 'certificates.k8s.io', 'signers', [signer])],
});

export const COMPONENT_ROLES: readonly RoleData[] = [
  { name: 'system:node', rules: NODE_RULES },
  {
    name: 'system:node-proxier',
    rules: [
      rule('list watch', '', 'services endpoints'),
      rule(READ, '', 'nodes'),
      EVENTS,
      rule('list watch', 'networking.k8s.io', 'servicecidrs'),
      rule('list watch', 'discovery.k8s.io', 'endpointslices'),
    ],
  },
  {
    name: 'system:node-problem-detector',
    rules: [rule('get', '', 'nodes'), rule('patch', '', 'nodes/status'), EVENTS],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      rule(READ, '', 'nodes'),
      rule('proxy', '', 'nodes'),
      rule('*', '', 'nodes/proxy nodes/metrics nodes/stats nodes/log'),
      rule('*', '', 'nodes/configz nodes/healthz nodes/pods'),
    ],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [rule(`create ${READ}`, 'certificates.k8s.io', 'certificatesigningrequests')],
  },
  { name: 'system:auth-delegator', rules: NEW_REVIEWS },
  { name: 'system:kube-aggregator', rules: [rule(READ, '', 'services endpoints')] },
  {
    name: 'system:kube-controller-manager',
    rules: [
      EVENTS,
      rule('create', 'coordination.k8s.io', 'leases'),
      rule('get update', 'coordination.k8s.io', 'leases', ['kube-controller-manager']),
      rule('create', '', 'secrets serviceaccounts'),
      rule('delete', '', 'secrets'),
      rule('get', '', 'namespaces secrets serviceaccounts configmaps'),
      rule('update', '', 'secrets serviceaccounts'),
      ...NEW_REVIEWS,
      // The garbage collector and the namespace controller look at every kind there is.
      rule('list watch', '*', '*'),
      rule('create', '', 'serviceaccounts/token'),
    ],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      EVENTS,
      rule('create', 'coordination.k8s.io', 'leases'),
      rule('get update', 'coordination.k8s.io', 'leases', ['kube-scheduler']),
      rule(READ, '', 'nodes'),
      rule(`${READ} delete`, '', 'pods'),
      rule('create', '', 'pods/binding bindings'),
      rule('patch update', '', 'pods/status'),
      rule(READ, '', 'services replicationcontrollers'),
      rule(READ, ['apps', 'extensions'], 'replicasets'),
      rule(READ, 'apps', 'statefulsets'),
      rule(READ, 'policy', 'poddisruptionbudgets'),
      rule(READ, '', 'persistentvolumeclaims persistentvolumes'),
      ...NEW_REVIEWS,
      rule(READ, 'storage.k8s.io', 'csinodes'),
      rule(READ, 'storage.k8s.io', 'volumeattachments'),
      rule(READ, '', 'namespaces'),
      rule(READ, 'storage.k8s.io', 'csidrivers'),
      rule(READ, 'storage.k8s.io', 'csistoragecapacities'),
      rule(READ, 'resource.k8s.io', 'deviceclasses'),
      rule(READ_UPDATE, 'resource.k8s.io', 'resourceclaims'),
      rule(READ_UPDATE, 'resource.k8s.io', 'resourceclaims/status'),
      rule(READ_UPDATE, '', 'pods/finalizers'),
      rule(READ, 'resource.k8s.io', 'resourceslices'),
      rule('patch update', 'resource.k8s.io', 'resourceclaims/binding'),
    ],
  },
  { name: 'system:kube-dns', rules: [rule('list watch', '', 'endpoints services')] },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      rule(`${READ} create delete`, '', 'persistentvolumes'),
      rule(`${READ} update`, '', 'persistentvolumeclaims'),
      rule(READ, 'storage.k8s.io', 'storageclasses'),
      rule('watch', '', 'events'),
      EVENTS,
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      rule(READ_UPDATE, '', 'persistentvolumes'),
      rule(READ, 'storage.k8s.io', 'storageclasses'),
      rule(READ_UPDATE, '', 'persistentvolumeclaims'),
    ],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      urlRule(
        'get',
        '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
      ),
    ],
  },
  {
    name: 'system:heapster',
    rules: [rule(READ, '', 'events pods nodes namespaces'), rule(READ, 'extensions', 'deployments')],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: [rule('create', 'certificates.k8s.io', 'certificatesigningrequests/nodeclient')],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: [rule('create', 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient')],
  },
  approver('legacy-unknown', 'kubernetes.io/legacy-unknown'),
  approver('kubelet-serving', 'kubernetes.io/kubelet-serving'),
  approver('kube-apiserver-client', 'kubernetes.io/kube-apiserver-client'),
  approver('kube-apiserver-client-kubelet', 'kubernetes.io/kube-apiserver-client-kubelet'),
];
