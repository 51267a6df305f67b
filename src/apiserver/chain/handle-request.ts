// The way of a request, from its arrival to its answer. Every step is one function; this is the one place where they are
// put in order: request info, authenticate, impersonate, limit, authorize, then the verb (decode, default, admit, validate,
// store) or a route, and encode.

import type { Logger } from '../../base/log.ts';
import type { MetricsRegistry } from '../../base/metrics.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { User } from '../../client/user.ts';
import { authenticateRequest } from '../authentication/anonymous.ts';
import type { Authenticator, Credentials } from '../authentication/authenticator.ts';
import { impersonate } from '../authentication/impersonation.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { SUPERUSER_GROUP } from '../authorization/authorizer-union.ts';
import type { Takeover } from '../http/connector.ts';
import type { Registry } from '../registry/registry.ts';
import { type RequestInfo, requestInfoOf } from '../request-info.ts';
import type { Route, RouteRequest } from '../routes/route.ts';
import { connect } from '../verbs/connect.ts';
import { connectionOf, notServed, serve } from '../verbs/serve.ts';
import { authorize } from './authorize.ts';
import type { Call } from './call.ts';
import { timeoutOf, withDeadline } from './deadline.ts';
import { encode, encodeError, negotiated, type Receiver } from './encode.ts';
import { InFlight } from './in-flight.ts';
import type { IncomingRequest } from './incoming-request.ts';
import { requestMetrics } from './request-metrics.ts';
import { warningHeader } from './warning-header.ts';

/** Who sends a request: known already (in process), or to be found out. */
export type Sender =
  | { readonly type: 'user'; readonly user: User }
  | { readonly type: 'credentials'; readonly credentials: Credentials };

export interface RequestHandling {
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly routes: readonly Route[];
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

const READING = { running: 400, waiting: 2000 };
const MUTATING = { running: 200, waiting: 2000 };
const READ_VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options']);
const STREAMED_SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Never rejects: what goes wrong is an answer. */
export function requestHandler(
  handling: RequestHandling,
): (request: IncomingRequest, sender: Sender) => Promise<ApiResponse | Takeover> {
  const { registry, log } = handling;
  const { clock, random } = registry;
  const limits = { reading: new InFlight({ limits: READING }), mutating: new InFlight({ limits: MUTATING }) };
  const metrics = requestMetrics(handling.metrics, {
    inFlight: () => ({ readOnly: limits.reading.running, mutating: limits.mutating.running }),
    watches: () => registry.resources.watchers,
  });
  return async (request, sender) => {
    const beganMs = clock.elapsed();
    const warnings = new Set<string>();
    let info: RequestInfo | undefined;
    const { head } = request;
    const auditId = head.headers['audit-id'] || random.uuid();
    const receiver: Receiver = { direct: sender.type === 'user', request: head, nowMs: () => clock.now() };
    let response: ApiResponse;
    try {
      info = requestInfoOf(head);
      const warn = (text: string) => warnings.add(text);
      const result = await answer(handling, limits, receiver, { request, info, sender, warn });
      if ('takeOver' in result) return result;
      response = result;
    } catch (error) {
      response = encodeError(receiver, error);
      if (response.status === 500)
        log.error('a request failed', { auditId, method: head.method, path: head.path, error });
    }
    metrics.answered(info, response.status, (clock.elapsed() - beganMs) / 1000);
    return { ...response, headers: { ...commonHeaders(auditId, warnings), ...response.headers } };
  };
}

async function answer(
  handling: RequestHandling,
  limits: { readonly reading: InFlight; readonly mutating: InFlight },
  receiver: Receiver,
  arrived: {
    readonly request: IncomingRequest;
    readonly info: RequestInfo;
    readonly sender: Sender;
    warn(text: string): void;
  },
): Promise<ApiResponse | Takeover> {
  const { registry, authenticator, authorizer } = handling;
  const { request, info, sender, warn } = arrived;
  const { head, lifetime } = request;
  const known =
    sender.type === 'user' ? sender.user : await authenticateRequest({ authenticator }, sender.credentials, info.path);
  const user = impersonate({ authorizer }, known, head.headers) ?? known;
  const carryOut = async () => {
    authorize(authorizer, user, info);
    if (!info.isResource) return onRoute(handling, { request: head, info, user });
    return onResource(registry, receiver, request, { info, user, warn });
  };
  if (isLongRunning(info)) return carryOut();
  const timeoutMs = timeoutOf(head.query);
  const timed = () => withDeadline({ clock: registry.clock }, lifetime, carryOut, { timeoutMs });
  if (user.groups.includes(SUPERUSER_GROUP)) return timed();
  return (READ_VERBS.has(info.verb) ? limits.reading : limits.mutating).run(timed);
}

async function onResource(
  registry: Registry,
  receiver: Receiver,
  { head, lifetime, readBody }: IncomingRequest,
  { info, user, warn }: Pick<Call, 'info' | 'user' | 'warn'>,
): Promise<ApiResponse | Takeover> {
  const resource = registry.resources.find(info.group, info.version, info.resource);
  if (!resource) throw notServed();
  const call = { request: head, info, resource, user, lifetime, warn };
  const connection = connectionOf(call);
  if (connection) return connect(registry, { ...call, body: undefined }, connection);
  negotiated(receiver, info.verb === 'watch');
  return encode(receiver, await serve(registry, { ...call, body: await readBody() }));
}

async function onRoute({ routes }: RequestHandling, request: RouteRequest): Promise<ApiResponse> {
  for (const route of routes) {
    const response = route(request);
    if (response) return response;
  }
  throw notServed();
}

function isLongRunning({ verb, subresource, isResource }: RequestInfo): boolean {
  return isResource && (verb === 'watch' || STREAMED_SUBRESOURCES.has(subresource));
}

function commonHeaders(auditId: string, warnings: ReadonlySet<string>): Record<string, string> {
  const headers: Record<string, string> = { 'audit-id': auditId, 'cache-control': 'no-cache, private' };
  if (warnings.size > 0) headers['warning'] = warningHeader(warnings);
  return headers;
}
