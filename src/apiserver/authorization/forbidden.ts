// The refusal of a request that no authorizer has allowed, in upstream's words: people and programs read them.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go.

import { forbidden, type StatusError } from '../../api/status-error.ts';
import type { User } from '../../client/user.ts';
import type { RequestInfo } from '../request-info.ts';

/** The 403 for the request; `reason` is what the authorizers had to say about it, if anything. */
export function forbiddenRequest(user: User, request: RequestInfo, reason = ''): StatusError {
  const message = describeRefusal(user, request);
  const resource = { group: request.group, resource: request.isResource ? request.resource : '' };
  return forbidden(resource, request.name, reason === '' ? message : `${message}: ${reason}`);
}

function describeRefusal(user: User, request: RequestInfo): string {
  const who = `User ${JSON.stringify(user.name)} cannot ${request.verb}`;
  if (!request.isResource) return `${who} path ${JSON.stringify(request.path)}`;
  const resource = request.subresource === '' ? request.resource : `${request.resource}/${request.subresource}`;
  const where =
    request.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(request.namespace)}`;
  return `${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(request.group)} ${where}`;
}
