// NodeRestriction: looks into what a node agent writes, so that it writes of itself and its own pods only. What it may
// read and reach at all is for the node authorizer. Upstream: k8s.io/kubernetes/plugin/pkg/admission/noderestriction.

import type { TokenRequest } from '../../api/authentication/token-request.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Node } from '../../api/core/node.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Kind } from '../../api/kind.ts';
import { ResourceSlice } from '../../api/resource/resource-slice.ts';
import type { Draft } from '../../api/schema.ts';
import { notFound } from '../../api/status-error.ts';
import { CSINode } from '../../api/storage/csi-node.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { nodeNameOf } from '../authorization/node-authorizer.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { mirrorPodFault } from './mirror-pod.ts';
import { forbiddenNodeLabels } from './node-labels.ts';
import { refusal } from './refusal.ts';
import { podNamesAudience } from './token-audience.ts';

export interface NodeRestrictionDeps {
  readonly objects: ObjectReader;
  /** Asked about token audiences that no volume names. */
  readonly authorizer: Authorizer;
}

/** Why the node may not do this; undefined when it may. */
type Check = (deps: NodeRestrictionDeps, node: string, request: AdmissionRequest) => string | undefined;

const LEASE_NAMESPACE = 'kube-node-lease';

export function nodeRestriction(deps: NodeRestrictionDeps): AdmissionPlugin {
  const checks = new Map<Kind, Check>([
    [Pod, checkPod],
    [Node, checkNode],
    [PersistentVolumeClaim, checkClaim],
    [ServiceAccount, checkTokenRequest],
    [Lease, checkLease],
    [CSINode, checkCsiNode],
    [ResourceSlice, checkResourceSlice],
  ]);
  return {
    name: 'NodeRestriction',
    validate(request) {
      const node = nodeNameOf(request.user);
      if (node === undefined || request.operation === 'CONNECT') return;
      const fault =
        node === ''
          ? `could not determine node from user ${quote(request.user.name)}`
          : checks.get(request.kind)?.(deps, node, request);
      if (fault !== undefined) throw refusal(request, fault);
    },
  };
}

function checkPod(deps: NodeRestrictionDeps, node: string, request: AdmissionRequest): string | undefined {
  const { subresource, operation, object, oldObject } = request;
  switch (subresource) {
    case '':
      if (operation === 'CREATE') return mirrorPodFault(deps.objects, node, object as unknown as Draft<Pod>);
      if (operation !== 'DELETE') {
        return `unexpected operation ${quote(operation)}, node ${quote(node)} can only create and delete mirror pods`;
      }
      if ((oldObject as unknown as Pod).spec.nodeName === node) return undefined;
      return `node ${quote(node)} can only delete pods with spec.nodeName set to itself`;
    case 'status':
      return checkPodStatus(node, request);
    case 'eviction':
      if (podOf(deps, request, request.name).spec.nodeName === node) return undefined;
      return `node ${node} can only evict pods with spec.nodeName set to itself`;
    default:
      return `unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`;
  }
}

function checkPodStatus(node: string, { operation, object, oldObject }: AdmissionRequest): string | undefined {
  if (operation !== 'UPDATE') return `unexpected operation ${quote(operation)}`;
  const pod = object as unknown as Draft<Pod>;
  const old = oldObject as unknown as Pod;
  if (old.spec.nodeName !== node) {
    return `node ${quote(node)} can only update pod status for pods with spec.nodeName set to itself`;
  }
  if (!deepEqual(old.metadata.labels ?? {}, pod.metadata.labels ?? {})) {
    return `node ${quote(node)} cannot update labels through pod status`;
  }
  if (!deepEqual(old.status?.resourceClaimStatuses ?? [], pod.status?.resourceClaimStatuses ?? [])) {
    return `node ${quote(node)} cannot update resource claim statues`;
  }
  return undefined;
}

function checkNode(_deps: NodeRestrictionDeps, node: string, request: AdmissionRequest): string | undefined {
  const { name, operation } = request;
  if (name !== node) return `node ${quote(node)} is not allowed to modify node ${quote(name)}`;
  if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined;
  const draft = request.object as unknown as Draft<Node>;
  const old = request.oldObject as unknown as Node | undefined;
  if (draft.spec.configSource && !deepEqual(draft.spec.configSource, old?.spec.configSource)) {
    const what = old ? 'update configSource to a new non-nil' : 'create pods with a non-nil';
    return `node ${quote(node)} is not allowed to ${what} configSource`;
  }
  if (old && !deepEqual(draft.spec.taints ?? [], old.spec.taints ?? [])) {
    return `node ${quote(node)} is not allowed to modify taints`;
  }
  const labels = forbiddenNodeLabels(draft.metadata.labels, old?.metadata.labels).join(', ');
  if (labels === '') return undefined;
  if (old) return `is not allowed to modify labels: ${labels}`;
  return `node ${quote(node)} is not allowed to set the following labels: ${labels}`;
}

/** A node reports how far it is with growing a volume, nothing else. */
function checkClaim(_deps: NodeRestrictionDeps, node: string, request: AdmissionRequest): string | undefined {
  const { subresource, operation, object, oldObject } = request;
  if (subresource !== 'status') return 'may only update PVC status';
  if (operation !== 'UPDATE') return `unexpected operation ${quote(operation)}`;
  const claim = withoutReported(object as unknown as PersistentVolumeClaim);
  if (deepEqual(claim, withoutReported(oldObject as unknown as PersistentVolumeClaim))) return undefined;
  const why = 'is not allowed to update fields other than status.capacity and status.conditions';
  return `node ${quote(node)} ${why}`;
}

function withoutReported({ metadata, spec, status }: PersistentVolumeClaim): unknown {
  return {
    metadata: { ...metadata, resourceVersion: undefined, managedFields: undefined },
    spec,
    status: {
      ...status,
      capacity: undefined,
      conditions: undefined,
      allocatedResources: undefined,
      allocatedResourceStatuses: undefined,
    },
  };
}

function checkTokenRequest(deps: NodeRestrictionDeps, node: string, request: AdmissionRequest): string | undefined {
  if (request.operation !== 'CREATE' || request.subresource !== 'token') return undefined;
  const { boundObjectRef: ref, audiences } = (request.object as unknown as TokenRequest).spec;
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) return 'node requested token not bound to a pod';
  if (!ref.uid) return 'node requested token with a pod binding without a uid';
  const pod = podOf(deps, request, ref.name);
  if (ref.uid !== pod.metadata.uid) {
    const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. `;
    return `${why}The object might have been deleted and then recreated`;
  }
  if (pod.spec.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
  return checkAudience(deps, request, pod, audiences ?? []);
}

/** An audience that no volume of the pod names must be one that the node is allowed to ask for. */
function checkAudience(
  { objects, authorizer }: NodeRestrictionDeps,
  { user, name, namespace }: AdmissionRequest,
  pod: Pod,
  audiences: readonly string[],
): string | undefined {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const audience = audiences[0] ?? '';
  if (podNamesAudience(objects, pod, audience)) return undefined;
  const question = {
    path: '',
    verb: 'request-serviceaccounts-token-audience',
    isResource: true,
    group: '',
    version: '',
    resource: audience,
    subresource: '',
    namespace,
    name,
    suffix: '',
  };
  if (authorizer.authorize(user, question).verdict === 'allow') return undefined;
  const what = `audience ${quote(audience)} not found in pod spec volume`;
  return `${what}, ${user.name} is not authorized to request tokens for this audience`;
}

function checkLease(_deps: NodeRestrictionDeps, node: string, request: AdmissionRequest): string | undefined {
  if (request.namespace !== LEASE_NAMESPACE) {
    return `can only access leases in the ${quote(LEASE_NAMESPACE)} system namespace`;
  }
  if (request.name === node) return undefined;
  return 'can only access node lease with the same name as the requesting node';
}

function checkCsiNode(_deps: NodeRestrictionDeps, node: string, request: AdmissionRequest): string | undefined {
  if (request.name === node) return undefined;
  return 'can only access CSINode with the same name as the requesting node';
}

/** Whose an existing slice is, the node authorizer knows. */
function checkResourceSlice(_deps: NodeRestrictionDeps, node: string, request: AdmissionRequest): string | undefined {
  if (request.operation !== 'CREATE') return undefined;
  const { spec } = request.object as unknown as Draft<ResourceSlice>;
  if (spec.nodeName === node) return undefined;
  return 'can only create ResourceSlice with the same NodeName as the requesting node';
}

function podOf({ objects }: NodeRestrictionDeps, { namespace }: AdmissionRequest, name: string): Pod {
  const pod = objects.get(Pod, { namespace, name });
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  return pod;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
