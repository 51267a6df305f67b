// The authorizer for node agents: each may read and write what its own pods need, and itself. Which objects those are
// is in node-graph.ts; the admission plugin NodeRestriction looks into what is written. Upstream:
// k8s.io/kubernetes/plugin/pkg/auth/authorizer/node.

import type { User } from '../../client/user.ts';
import { type RequestInfo, selectedValue } from '../request-info.ts';
import type { Authorizer, Decision } from './authorizer.ts';
import { NODE_RULES } from './bootstrap/node-rules.ts';
import type { NodeGraph, NodeRelated } from './node-graph.ts';
import { ruleAllows } from './rbac-rules.ts';

const NODES_GROUP = 'system:nodes';
const NODE_USER_PREFIX = 'system:node:';
const LEASE_NAMESPACE = 'kube-node-lease';

const ALLOW: Decision = { verdict: 'allow', reason: '' };
const NO_OPINION: Decision = { verdict: 'noOpinion', reason: '' };

/** The name of the node whose agent the user is; `''` for a member of the nodes' group that is named otherwise. */
export function nodeNameOf(user: User): string | undefined {
  if (!user.groups.includes(NODES_GROUP)) return undefined;
  return user.name.startsWith(NODE_USER_PREFIX) ? user.name.slice(NODE_USER_PREFIX.length) : '';
}

export function nodeAuthorizer({ graph }: { readonly graph: NodeGraph }): Authorizer {
  return {
    authorize(user, request) {
      const node = nodeNameOf(user);
      if (node === undefined) return NO_OPINION;
      if (node === '') return noOpinion(`unknown node for user ${JSON.stringify(user.name)}`);
      const decide = request.isResource ? DECIDERS.get(`${request.resource}.${request.group}`) : undefined;
      if (decide) return decide({ graph, node, request });
      return NODE_RULES.some((rule) => ruleAllows(rule, request)) ? ALLOW : NO_OPINION;
    },
  };
}

interface Question {
  readonly graph: NodeGraph;
  readonly node: string;
  readonly request: RequestInfo;
}

const DECIDERS: ReadonlyMap<string, (question: Question) => Decision> = new Map([
  ['secrets.', (question: Question) => readOne('secrets', question)],
  ['configmaps.', (question: Question) => readOne('configmaps', question)],
  ['persistentvolumeclaims.', decideClaim],
  ['persistentvolumes.', decideVolume],
  ['serviceaccounts.', decideServiceAccount],
  ['nodes.', decideNode],
  ['pods.', decidePod],
  ['leases.coordination.k8s.io', decideLease],
  ['csinodes.storage.k8s.io', decideCsiNode],
  ['volumeattachments.storage.k8s.io', (question: Question) => getOne('volumeattachments', question)],
  ['resourceclaims.resource.k8s.io', (question: Question) => getOne('resourceclaims', question)],
  ['resourceslices.resource.k8s.io', decideResourceSlice],
]);

/** A get, or a list or watch of the one object. */
function readOne(kind: NodeRelated, question: Question): Decision {
  const { verb, subresource, namespace } = question.request;
  if (!['get', 'list', 'watch'].includes(verb)) return noOpinion('can only read resources of this type');
  if (subresource !== '') return noOpinion('cannot read subresource');
  if (namespace === '') return noOpinion('can only read namespaced object of this type');
  return related(kind, question);
}

function getOne(kind: NodeRelated, question: Question): Decision {
  return mayGet(question) ?? related(kind, question);
}

/** The refusal of anything but a get of the object itself. */
function mayGet({ request }: Question): Decision | undefined {
  if (request.verb !== 'get') return noOpinion('can only get individual resources of this type');
  if (request.subresource !== '') return noOpinion('cannot get subresource');
  return undefined;
}

function related(kind: NodeRelated, { graph, node, request }: Question): Decision {
  const name = nameOf(request);
  if (name === '') return noOpinion('No Object name found');
  return graph.has(node, kind, request.namespace, name) ? ALLOW : unrelated(node);
}

function decideClaim(question: Question): Decision {
  if (question.request.subresource !== 'status') return getOne('persistentvolumeclaims', question);
  if (!['update', 'patch'].includes(question.request.verb)) return noOpinion('can only get/update/patch this type');
  return related('persistentvolumeclaims', question);
}

function decideVolume(question: Question): Decision {
  const { graph, node, request } = question;
  const refusal = mayGet(question);
  if (refusal) return refusal;
  if (request.name === '') return noOpinion('No Object name found');
  return graph.hasVolume(node, request.name) ? ALLOW : unrelated(node);
}

function decideServiceAccount(question: Question): Decision {
  const { verb, subresource, name } = question.request;
  if (verb === 'get' && subresource === '') return related('serviceaccounts', question);
  if (verb !== 'create' || name === '') return noOpinion('can only create tokens for individual service accounts');
  if (subresource !== 'token') return noOpinion('can only create token subresource of serviceaccount');
  return related('serviceaccounts', question);
}

function decideNode({ node, request }: Question): Decision {
  const { verb, subresource } = request;
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? ALLOW : NO_OPINION;
  if (subresource !== '') return NO_OPINION;
  if (['create', 'update', 'patch'].includes(verb)) return ALLOW;
  if (!['get', 'list', 'watch'].includes(verb)) return NO_OPINION;
  // The name alone counts, so that a node agent can look for its Node before there is one.
  const name = nameOf(request);
  if (name === node) return ALLOW;
  const which = name === '' ? 'all nodes' : `'${name}'`;
  return noOpinion(`node '${node}' cannot read ${which}, only its own Node object`);
}

function decidePod(question: Question): Decision {
  const { node, request } = question;
  const { verb, subresource } = request;
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? ALLOW : NO_OPINION;
  if (subresource === 'eviction') return verb === 'create' ? ALLOW : NO_OPINION;
  if (subresource !== '') return NO_OPINION;
  if (verb === 'create' || verb === 'delete') return ALLOW;
  if (verb === 'get') return related('pods', question);
  if (verb !== 'list' && verb !== 'watch') return NO_OPINION;
  if (selectedValue(request.fieldSelector, 'spec.nodeName') === node) return ALLOW;
  if (nameOf(request) !== '') return related('pods', question);
  return noOpinion('can only list/watch pods with spec.nodeName field selector');
}

function decideLease({ node, request }: Question): Decision {
  const { verb, namespace, name } = request;
  if (!OWN_OBJECT_VERBS.includes(verb)) {
    return noOpinion('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== LEASE_NAMESPACE) {
    return noOpinion(`can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`);
  }
  // The name of a create stands in the object, which admission sees.
  if (verb === 'create' || name === node) return ALLOW;
  return noOpinion('can only access node lease with the same name as the requesting node');
}

function decideCsiNode({ node, request }: Question): Decision {
  const { verb, subresource, name } = request;
  if (!OWN_OBJECT_VERBS.includes(verb)) return noOpinion('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return noOpinion('cannot authorize CSINode subresources');
  if (verb === 'create' || name === node) return ALLOW;
  return noOpinion('can only access CSINode with the same name as the requesting node');
}

function decideResourceSlice(question: Question): Decision {
  const { node, request } = question;
  const { verb, subresource } = request;
  if (subresource !== '') return noOpinion('cannot authorize ResourceSlice subresources');
  if (verb === 'create') return ALLOW;
  if (['get', 'update', 'patch', 'delete'].includes(verb)) return related('resourceslices', question);
  if (!['watch', 'list', 'deletecollection'].includes(verb)) {
    const verbs = 'get, watch, list, create, update, patch, delete, deletecollection';
    return noOpinion(`only the following verbs are allowed for a ResourceSlice: ${verbs}`);
  }
  if (selectedValue(request.fieldSelector, 'spec.nodeName') === node) return ALLOW;
  return noOpinion('can only list/watch/deletecollection resourceslices with spec.nodeName field selector');
}

const OWN_OBJECT_VERBS: readonly string[] = ['get', 'create', 'update', 'patch', 'delete'];

/** A list or watch of a single object names it in the field selector. */
function nameOf(request: RequestInfo): string {
  return request.name || (selectedValue(request.fieldSelector, 'metadata.name') ?? '');
}

function unrelated(node: string): Decision {
  return noOpinion(`no relationship found between node '${node}' and this object`);
}

function noOpinion(reason: string): Decision {
  return { verdict: 'noOpinion', reason };
}
