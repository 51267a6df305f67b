// The way of a request, from its arrival to its answer. Every step is one function; this is the one place where they are
// put in order: request info, authenticate, impersonate, wait for a turn, authorize, then the verb (decode, default, admit,
// validate, store) or a route, and encode.

import { StatusError } from '../../api/status-error.ts';
import type { Logger } from '../../base/log.ts';
import type { MetricsRegistry } from '../../base/metrics.ts';
import { whenDone } from '../../base/when-done.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { User } from '../../client/user.ts';
import { authenticateRequest } from '../authentication/anonymous.ts';
import type { Authenticator, Credentials } from '../authentication/authenticator.ts';
import { impersonate } from '../authentication/impersonation.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { FlowControl, Seat } from '../fairness/flow-control.ts';
import { workOf } from '../fairness/request-work.ts';
import type { WorkingFlow } from '../fairness/working-flow.ts';
import type { Takeover } from '../http/connector.ts';
import type { Registry } from '../registry/registry.ts';
import { type RequestInfo, requestInfoOf } from '../request-info.ts';
import type { Route, RouteRequest } from '../routes/route.ts';
import { connect } from '../verbs/connect.ts';
import { connectionOf, notServed, serve } from '../verbs/serve.ts';
import type { Watch } from './answer.ts';
import { authorize } from './authorize.ts';
import { REQUEST_TIMEOUT_MS, takenInTime, timeoutOf, withDeadline } from './deadline.ts';
import { encode, encodeError, negotiated, type Receiver } from './encode.ts';
import type { IncomingRequest, RequestHead } from './incoming-request.ts';
import { isStream, isWatch } from './long-running.ts';
import { type RequestMetrics, requestMetrics } from './request-metrics.ts';
import { thenCall } from './then-call.ts';
import { warningHeader } from './warning-header.ts';

/** Who sends a request: known already (in process), or to be found out. */
export type Sender =
  | { readonly type: 'user'; readonly user: User }
  | { readonly type: 'credentials'; readonly credentials: Credentials };

export interface RequestHandling {
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly flowControl: FlowControl;
  readonly routes: readonly Route[];
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** A request may wait for its turn for this part of its time. */
const PATIENCE = 1 / 4;

/** What becomes of a request on its way. */
interface Journey {
  readonly head: RequestHead;
  readonly info: RequestInfo;
  readonly request: IncomingRequest;
  readonly receiver: Receiver;
  readonly beganMs: number;
  readonly warnings: Set<string>;
  /** Known from when it is known whose request it is. */
  flow: WorkingFlow | undefined;
  waitedMs: number;
}

/** What a request asks for, done; `onWatch` gets the watch that it turns out to be. */
type CarryOut = (onWatch?: (watch: Watch) => Watch) => Promise<ApiResponse | Takeover>;

/** Never rejects: what goes wrong is an answer. */
export function requestHandler(
  handling: RequestHandling,
): (request: IncomingRequest, sender: Sender) => Promise<ApiResponse | Takeover> {
  const { registry, log, flowControl } = handling;
  const { clock, random } = registry;
  const metrics = requestMetrics(handling.metrics, {
    inFlight: flowControl.inFlight,
    kindOf: ({ group, version, resource }) => registry.resources.find(group, version, resource)?.kind,
  });
  const nowMs = () => clock.now();
  return async (request, sender) => {
    const beganMs = clock.elapsed();
    const { head } = request;
    const auditId = head.headers['audit-id'] || random.uuid();
    const receiver: Receiver = {
      direct: sender.type === 'user',
      request: head,
      sendsInTurn: request.sendsInTurn === true,
      nowMs,
      eventsOf: metrics.eventsOf,
    };
    let journey: Journey | undefined;
    let response: ApiResponse;
    try {
      const info = requestInfoOf(head);
      journey = { head, info, request, receiver, beganMs, warnings: new Set(), flow: undefined, waitedMs: 0 };
      const result = await answer(handling, metrics, journey, sender);
      if ('takeOver' in result) return result;
      response = result;
    } catch (error) {
      response = encodeError(receiver, error);
      // Some faults of clients are answered with 500, as upstream answers them, but without a reason.
      if (response.status === 500 && !(error instanceof StatusError && error.reason === ''))
        log.error('a request failed', { auditId, method: head.method, path: head.path, error });
    }
    const times = { tookMs: clock.elapsed() - beganMs, waitedMs: journey?.waitedMs ?? 0 };
    const { status, headers, body } = metrics.answered(journey ?? { head, info: undefined }, response, times);
    const common = commonHeaders(auditId, journey?.warnings);
    return { status, headers: { ...common, ...journey?.flow?.headers, ...headers }, body };
  };
}

async function answer(
  handling: RequestHandling,
  metrics: RequestMetrics,
  journey: Journey,
  sender: Sender,
): Promise<ApiResponse | Takeover> {
  const { registry, authenticator, authorizer, flowControl } = handling;
  const { head, info, request } = journey;
  const { lifetime } = request;
  const known =
    sender.type === 'user' ? sender.user : await authenticateRequest({ authenticator }, sender.credentials, info.path);
  const user = impersonate({ authorizer }, known, head.headers) ?? known;
  const carryOut: CarryOut = (onWatch) => {
    authorize(authorizer, user, info);
    if (!info.isResource) return onRoute(handling, { request: head, info, user });
    return onResource(registry, journey, user, onWatch);
  };
  if (isStream(info)) return stream(metrics, journey, carryOut);
  const flow = flowControl.classify(user, info);
  journey.flow = flow;
  const takeSeat = (timeoutMs: number) => {
    const work = workOf(registry.resources, { info, query: head.query }, flow.level.maxRequestSeats);
    return seated(metrics, journey, () =>
      flowControl.admit(flow, { user, info, work, lifetime, patienceMs: timeoutMs * PATIENCE }),
    );
  };
  if (isWatch(info)) return watch(metrics, journey, await takeSeat(REQUEST_TIMEOUT_MS), carryOut);
  const timeoutMs = timeoutOf(head.query);
  const onTimeout = () => metrics.terminated(journey, 504);
  const work = () => oneAnswer(registry, journey, () => takeSeat(timeoutMs), carryOut, { timeoutMs, onTimeout });
  return withDeadline(registry, lifetime, work, { timeoutMs, onTimeout });
}

/** A seat that has not to be waited for is there at once. */
function seated(metrics: RequestMetrics, journey: Journey, admit: () => Seat | Promise<Seat>): Seat | Promise<Seat> {
  const take = (seat: Seat) => {
    journey.waitedMs = seat.waitedMs;
    return seat;
  };
  return whenDone(admit, take, (error) => {
    metrics.terminated(journey, 429);
    throw error;
  });
}

/** The seat is kept until the answer has been sent. */
async function oneAnswer(
  { clock }: Registry,
  { request, beganMs }: Journey,
  takeSeat: () => Seat | Promise<Seat>,
  carryOut: CarryOut,
  { timeoutMs, onTimeout }: { readonly timeoutMs: number; onTimeout(): void },
): Promise<ApiResponse | Takeover> {
  const taken = takeSeat();
  const seat = taken instanceof Promise ? await taken : taken;
  try {
    const response = await carryOut();
    if ('takeOver' in response) throw new TypeError('only streams are taken over');
    const leftMs = timeoutMs - (clock.elapsed() - beganMs);
    return takenInTime({ clock }, request.lifetime, response, { timeoutMs: leftMs, onTimeout, onEnd: seat.release });
  } catch (error) {
    seat.release();
    throw error;
  }
}

/** The seat is kept until everything has been told that was there at the beginning. */
async function watch(metrics: RequestMetrics, journey: Journey, seat: Seat, carryOut: CarryOut) {
  let begins = false;
  try {
    return await carryOut((started) => {
      begins = true;
      started.watcher.onEnd(metrics.began(journey));
      started.watcher.onEnd(seat.release);
      return { ...started, initial: thenCall(started.initial, seat.release) };
    });
  } finally {
    if (!begins) seat.release();
  }
}

/** A connection of its own; it counts as long as it lasts. */
async function stream(metrics: RequestMetrics, journey: Journey, carryOut: CarryOut): Promise<ApiResponse | Takeover> {
  const result = await carryOut();
  if (!('takeOver' in result) && result.body.type !== 'stream') return result;
  const ended = metrics.began(journey);
  journey.request.lifetime.signal.addEventListener('abort', ended, { once: true });
  if ('takeOver' in result || result.body.type !== 'stream') return result;
  return { ...result, body: { ...result.body, chunks: thenCall(result.body.chunks, ended) } };
}

async function onResource(
  registry: Registry,
  { head, info, request, receiver, warnings }: Journey,
  user: User,
  onWatch: (watch: Watch) => Watch = (watch) => watch,
): Promise<ApiResponse | Takeover> {
  const resource = registry.resources.find(info.group, info.version, info.resource);
  if (!resource) throw notServed();
  const warn = (text: string) => void warnings.add(text);
  const call = { request: head, info, resource, user, lifetime: request.lifetime, warn };
  const connection = connectionOf(call);
  if (connection) return connect(registry, { ...call, body: undefined }, connection);
  negotiated(receiver, info.verb === 'watch');
  const answered = await serve(registry, { ...call, body: await request.readBody() });
  return encode(receiver, answered.type === 'watch' ? { ...answered, watch: onWatch(answered.watch) } : answered);
}

async function onRoute({ routes }: RequestHandling, request: RouteRequest): Promise<ApiResponse> {
  for (const route of routes) {
    const response = route(request);
    if (response) return response;
  }
  throw notServed();
}

function commonHeaders(auditId: string, warnings: ReadonlySet<string> = new Set()): Record<string, string> {
  const headers: Record<string, string> = { 'audit-id': auditId, 'cache-control': 'no-cache, private' };
  if (warnings.size > 0) headers['warning'] = warningHeader(warnings);
  return headers;
}
