// What a node agent may do. The node authorizer decides by these where it has no narrower rule of its own; the role
// system:node holds the same, for whoever binds it.

import type { PolicyRule } from '../../../api/rbac/policy-rule.ts';
import { READ, rule } from './rule.ts';

export const NODE_RULES: readonly PolicyRule[] = [
  // To find out what a client of the node agent's own port may do.
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews localsubjectaccessreviews'),
  // For the environment variables of services.
  rule(READ, '', 'services'),
  // The admission plugin NodeRestriction narrows these to the node itself.
  rule(`create ${READ}`, '', 'nodes'),
  rule('update patch', '', 'nodes/status'),
  rule('update patch', '', 'nodes'),
  rule('create update patch', '', 'events'),
  rule(READ, '', 'pods'),
  // Mirror pods.
  rule('create delete', '', 'pods'),
  rule('update patch', '', 'pods/status'),
  rule('create', '', 'pods/eviction'),
  // The node authorizer narrows these to what the node's pods refer to.
  rule(READ, '', 'secrets configmaps'),
  rule('get', '', 'persistentvolumeclaims persistentvolumes'),
  rule('get', '', 'endpoints'),
  // To renew its own client certificate.
  rule(`create ${READ}`, 'certificates.k8s.io', 'certificatesigningrequests'),
  rule('get create update patch delete', 'coordination.k8s.io', 'leases'),
  rule('get', 'storage.k8s.io', 'volumeattachments'),
  rule('create', '', 'serviceaccounts/token'),
  rule('get update patch', '', 'persistentvolumeclaims/status'),
  rule(READ, 'storage.k8s.io', 'csidrivers'),
  rule('get create update patch delete', 'storage.k8s.io', 'csinodes'),
  rule(READ, 'node.k8s.io', 'runtimeclasses'),
  rule('get', 'resource.k8s.io', 'resourceclaims'),
  rule('deletecollection', 'resource.k8s.io', 'resourceslices'),
  // For credential providers that use the token of a pod's service account.
  rule('get', '', 'serviceaccounts'),
];
