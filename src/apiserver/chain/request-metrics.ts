// What is counted of requests. Names, labels and buckets are upstream's (k8s.io/apiserver/pkg/endpoints/metrics), so that
// dashboards made for it work. Durations end where an answer begins; those of watches and streams would say nothing.

import type { Kind } from '../../api/kind.ts';
import type { MetricsRegistry } from '../../base/metrics.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { InFlight } from '../fairness/in-flight.ts';
import type { RequestInfo } from '../request-info.ts';
import type { RequestHead } from './incoming-request.ts';
import { isStream } from './long-running.ts';

/** Where a request has been going, as far as it has got. */
export interface MeasuredRequest {
  readonly head: RequestHead;
  /** Absent where the path could not be read. */
  readonly info: RequestInfo | undefined;
}

export interface AnswerTimes {
  readonly tookMs: number;
  /** Of that, how long it waited for its turn. */
  readonly waitedMs: number;
}

export interface RequestMetrics {
  /** A request is answered. Answers in pieces are measured as they go out: send the answer that comes back. */
  answered(request: MeasuredRequest, answer: ApiResponse, times: AnswerTimes): ApiResponse;
  /** A request was given up to protect the server: it took too long, or came at a bad time. */
  terminated(request: MeasuredRequest, status: number): void;
  /** Counts the events that a watch of the kind is told. */
  eventsOf(kind: Kind): { add(count: number): void };
  /** A watch or a stream has begun; call what comes back when it has ended, more than once if need be. */
  began(request: MeasuredRequest): () => void;
}

const LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'];
const WITH_DRY_RUN = ['verb', 'dry_run', ...LABELS.slice(1)];
const SLI_SECONDS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const SECONDS = [0.005, 0.025, ...SLI_SECONDS];
const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** So many combinations of labels are kept ready; what comes on top is looked up each time. */
const MAX_READY = 2000;

/** What is noted of requests that are alike. */
interface Notes {
  count(status: number): void;
  took(times: AnswerTimes): void;
  sent(sizeBytes: number): void;
}

export function requestMetrics(
  registry: MetricsRegistry,
  { inFlight, kindOf }: { readonly inFlight: InFlight; kindOf(info: RequestInfo): Kind | undefined },
): RequestMetrics {
  const notesFor = requestNotes(registry);
  const ready = new Map<string, Notes>();
  const terminations = registry.counter({
    name: 'apiserver_request_terminations_total',
    help: 'Requests that were ended to protect the server.',
    labels: [...LABELS, 'code'],
  });
  const events = registry.counter({
    name: 'apiserver_watch_events_total',
    help: 'Events sent to watches.',
    labels: ['group', 'version', 'resource'],
  });
  const deprecated = registry.gauge({
    name: 'apiserver_requested_deprecated_apis',
    help: 'Deprecated APIs that have been asked for.',
    labels: ['group', 'version', 'resource', 'subresource', 'removed_release'],
  });
  showInFlight(registry, inFlight);
  const running = longRunning(registry);
  // Paths are the caller's to choose: of what is not served there is one series for all.
  const isServed = ({ info }: MeasuredRequest) => !info?.isResource || kindOf(info) !== undefined;
  const labelsFor = (request: MeasuredRequest) =>
    labelsOf(isServed(request) ? request : { head: request.head, info: undefined });
  const notesOf = (request: MeasuredRequest): Notes => {
    const known = ready.get(likenessOf(request));
    if (known) return known;
    const labels = labelsFor(request);
    const key = isServed(request) ? likenessOf(request) : keyOf(labels);
    const notes = ready.get(key) ?? notesFor(labels);
    // Once for all that are alike: it is said that they have been asked for, and not how often.
    if (request.info?.isResource && kindOf(request.info)?.deprecated) deprecated.set(1, labels);
    if (ready.size < MAX_READY) ready.set(key, notes);
    return notes;
  };
  return {
    answered(request, answer, times) {
      const notes = notesOf(request);
      notes.count(answer.status);
      notes.took(times);
      const { body } = answer;
      if (body.type === 'bytes') notes.sent(body.bytes.length);
      if (body.type !== 'stream' || request.info?.verb !== 'list') return answer;
      return { ...answer, body: { ...body, chunks: measured(body.chunks, notes.sent) } };
    },
    terminated(request, status) {
      terminations.add({ ...labelsFor(request), code: String(status) });
    },
    eventsOf: ({ group, version, plural }) => events.of({ group, version, resource: plural }),
    began: (request) => running(labelsFor(request)),
  };
}

function requestNotes(registry: MetricsRegistry): (labels: RequestLabels) => Notes {
  const total = registry.counter({
    name: 'apiserver_request_total',
    help: 'Requests by verb, dry run, resource, scope and answer code.',
    labels: [...WITH_DRY_RUN, 'code'],
  });
  const durations = registry.histogram(
    { name: 'apiserver_request_duration_seconds', help: 'Time until the answer began.', labels: WITH_DRY_RUN },
    SECONDS,
  );
  const sliDurations = registry.histogram(
    {
      name: 'apiserver_request_sli_duration_seconds',
      help: 'Time until the answer began, without the wait for a turn.',
      labels: LABELS,
    },
    SLI_SECONDS,
  );
  const sizes = registry.histogram(
    { name: 'apiserver_response_sizes', help: 'Size of answers to get and list in bytes.', labels: LABELS },
    SIZES,
  );
  return (labels) => {
    const codes = new Map<number, { add(): void }>();
    const isTimed = labels.verb !== 'WATCH' && labels.verb !== 'CONNECT';
    const isRead = labels.verb === 'GET' || labels.verb === 'LIST';
    const duration = isTimed ? durations.of(labels) : undefined;
    const sliDuration = isTimed && labels.dry_run === '' ? sliDurations.of(labels) : undefined;
    const size = isRead ? sizes.of(labels) : undefined;
    return {
      count(status) {
        let code = codes.get(status);
        if (!code) {
          code = total.of({ ...labels, code: String(status) });
          codes.set(status, code);
        }
        code.add();
      },
      took({ tookMs, waitedMs }) {
        duration?.observe(tookMs / 1000);
        sliDuration?.observe((tookMs - waitedMs) / 1000);
      },
      sent: (sizeBytes) => size?.observe(sizeBytes),
    };
  };
}

function showInFlight(registry: MetricsRegistry, inFlight: InFlight): void {
  const show = (name: string, help: string, read: () => InFlight['executing']) =>
    registry.gaugeOf({ name, help, labels: ['request_kind'] }, () =>
      Object.entries(read()).map(([kind, count]) => [{ request_kind: kind }, count]),
    );
  show('apiserver_current_inflight_requests', 'Requests being worked on.', () => inFlight.executing);
  show('apiserver_current_inqueue_requests', 'Requests waiting for their turn.', () => inFlight.waiting);
}

function longRunning(registry: MetricsRegistry): (labels: RequestLabels) => () => void {
  const running = new Map<string, { readonly labels: RequestLabels; count: number }>();
  registry.gaugeOf(
    { name: 'apiserver_longrunning_requests', help: 'Running watches and streams.', labels: LABELS },
    () => [...running.values()].map(({ labels, count }) => [labels, count]),
  );
  return (labels) => {
    const key = keyOf(labels);
    const entry = running.get(key) ?? { labels, count: 0 };
    running.set(key, entry);
    entry.count++;
    let isRunning = true;
    return () => {
      if (!isRunning) return;
      isRunning = false;
      if (--entry.count === 0) running.delete(key);
    };
  };
}

async function* measured(
  chunks: AsyncIterable<Uint8Array>,
  note: (sizeBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    yield chunk;
  }
  note(sizeBytes);
}

type RequestLabels = ReturnType<typeof labelsOf>;

const HEALTH_PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);
const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', deletecollection: 'DELETE' };
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

function labelsOf({ head, info }: MeasuredRequest) {
  const { isResource = false, group = '', version = '', resource = '', subresource = '' } = info ?? {};
  const scope = scopeOf(info);
  return {
    verb: verbOf(head, info, scope),
    dry_run: dryRunOf(head.query),
    group,
    version,
    resource: isResource ? resource : '',
    subresource: info && HEALTH_PATHS.has(info.path) ? info.path : subresource,
    scope,
    component: 'apiserver',
  };
}

function scopeOf(info: RequestInfo | undefined): string {
  if (!info?.isResource) return '';
  if (info.name !== '' || info.verb === 'create') return 'resource';
  return info.namespace === '' ? 'cluster' : 'namespace';
}

function verbOf({ method, headers }: RequestHead, info: RequestInfo | undefined, scope: string): string {
  if (info && isStream(info)) return 'CONNECT';
  const verb = info?.isResource ? info.verb : '';
  if (verb === 'watch') return 'WATCH';
  // A list of what has one name is reported as what it comes to.
  if (verb === 'list' || verb === 'get') return scope === 'resource' ? 'GET' : 'LIST';
  if (verb === 'patch') return isApply(headers) ? 'APPLY' : 'PATCH';
  const reported = VERBS[verb] ?? (method === 'HEAD' ? 'GET' : method);
  return METHODS.has(reported) ? reported : 'other';
}

function isApply(headers: RequestHead['headers']): boolean {
  return headers['content-type']?.startsWith('application/apply-patch') === true;
}

function dryRunOf(query: URLSearchParams): string {
  if (!query.has('dryRun')) return '';
  return query.getAll('dryRun').every((value) => value === 'All') ? 'All' : 'invalid';
}

function keyOf(labels: RequestLabels): string {
  return Object.values(labels).join('\0');
}

/** The same for requests with the same labels, found with less work. */
function likenessOf({ head, info }: MeasuredRequest): string {
  const { method, query, headers } = head;
  const rest = query.has('dryRun') ? dryRunOf(query) : '';
  if (!info?.isResource) return `${method} ${info && HEALTH_PATHS.has(info.path) ? info.path : ''} ${rest}`;
  const form = method === 'PATCH' && isApply(headers) ? 'apply' : '';
  const { verb, group, version, resource, subresource } = info;
  return `${verb} ${group}/${version}/${resource}/${subresource} ${scopeOf(info)} ${form} ${rest}`;
}
