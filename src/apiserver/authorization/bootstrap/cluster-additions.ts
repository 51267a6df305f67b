// What the ones who set up a cluster add to the server's own policy: the roles of the DNS server, of the controller that
// publishes it, of what makes volumes on nodes and of what keeps flow control in order, and who the administrators are.
// The names are those that kubeadm gives, which people and tools know.

import type { Subject } from '../../../api/rbac/policy-rule.ts';
import { controllerRole, group, type NamespacedRoleData, serviceAccount, user } from './namespace-roles.ts';
import { EVENTS, READ, rule } from './rule.ts';
import type { RoleData } from './user-roles.ts';

/** The group of the administrators' certificate. Unlike system:masters, what it may do can be taken away by RBAC. */
export const ADMINISTRATORS_GROUP = 'kubeadm:cluster-admins';

/** The name in the certificate that the API server shows to node agents. */
export const KUBELET_CLIENT_USER = 'kube-apiserver-kubelet-client';

/** The group of the tokens that machines join with. */
export const JOINING_GROUP = 'system:bootstrappers:kubeadm:default-node-token';

/** What makes volumes of directories on the nodes. */
export const HOST_PATH_USER = 'system:host-path-provisioner';

/** The part of the API server that keeps the objects of flow control in order. */
export const FLOW_CONTROL_USER = 'system:apiserver:flow-control';

export const ADDED_ROLES: readonly RoleData[] = [
  {
    // As the manifests of metrics-server have it.
    name: 'system:aggregated-metrics-reader',
    aggregateTo: 'admin edit view',
    rules: [rule(READ, 'metrics.k8s.io', 'nodes pods')],
  },
  {
    name: 'system:coredns',
    rules: [
      rule('list watch', '', 'endpoints services pods namespaces'),
      rule('list watch', 'discovery.k8s.io', 'endpointslices'),
    ],
  },
  {
    // Besides what system:persistent-volume-provisioner may, it lets volumes go that it has kept.
    name: HOST_PATH_USER,
    rules: [
      rule(`${READ} create update delete`, '', 'persistentvolumes'),
      rule(`${READ} update`, '', 'persistentvolumeclaims'),
      rule(READ, 'storage.k8s.io', 'storageclasses'),
      EVENTS,
    ],
  },
  {
    // What is there it sees in the server's memory.
    name: FLOW_CONTROL_USER,
    rules: [
      rule('create update delete', 'flowcontrol.apiserver.k8s.io', 'flowschemas prioritylevelconfigurations'),
      rule('patch', 'flowcontrol.apiserver.k8s.io', 'flowschemas/status'),
    ],
  },
];

/** What it reads it reads through the informers that all controllers share. */
export const ADDED_NAMESPACED_ROLES: readonly NamespacedRoleData[] = [
  controllerRole('kube-system', 'cluster-dns-controller', [
    rule('create', '', 'services'),
    // Its slices block the deletion of their service, which asks for this.
    rule('update', '', 'services/finalizers', ['kube-dns']),
    rule('create update delete', 'discovery.k8s.io', 'endpointslices'),
  ]),
  {
    // Before it trusts the server, a machine that joins has no credentials that it could show.
    namespace: 'kube-public',
    name: 'kubeadm:bootstrap-signer-clusterinfo',
    rules: [rule('get', '', 'configmaps', ['cluster-info'])],
    binding: { name: 'kubeadm:bootstrap-signer-clusterinfo', subjects: [user('system:anonymous')] },
  },
];

export const ADDED_BINDINGS: readonly { name: string; role: string; subjects: readonly Subject[] }[] = [
  { name: 'kubeadm:cluster-admins', role: 'cluster-admin', subjects: [group(ADMINISTRATORS_GROUP)] },
  {
    name: 'system:kubelet-api-admin',
    role: 'system:kubelet-api-admin',
    subjects: [user(KUBELET_CLIENT_USER)],
  },
  // A machine that joins gets a certificate, and a node its next one, without anybody's approval.
  { name: 'kubeadm:kubelet-bootstrap', role: 'system:node-bootstrapper', subjects: [group(JOINING_GROUP)] },
  {
    name: 'kubeadm:node-autoapprove-bootstrap',
    role: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    subjects: [group(JOINING_GROUP)],
  },
  {
    name: 'kubeadm:node-autoapprove-certificate-rotation',
    role: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    subjects: [group('system:nodes')],
  },
  // The service rules of a machine that has joined are kept with its node's own identity.
  { name: 'typernetes:node-proxier', role: 'system:node-proxier', subjects: [group('system:nodes')] },
  {
    name: 'typernetes:kubelet-serving-approver',
    role: 'system:certificates.k8s.io:kubelet-serving-approver',
    subjects: [serviceAccount('certificate-controller')],
  },
  { name: 'system:coredns', role: 'system:coredns', subjects: [serviceAccount('coredns')] },
  { name: HOST_PATH_USER, role: HOST_PATH_USER, subjects: [user(HOST_PATH_USER)] },
  { name: FLOW_CONTROL_USER, role: FLOW_CONTROL_USER, subjects: [user(FLOW_CONTROL_USER)] },
];
