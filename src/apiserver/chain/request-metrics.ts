// What is counted of requests. Names and labels are upstream's (k8s.io/apiserver/pkg/endpoints/metrics), so that dashboards
// made for it work.

import type { MetricsRegistry } from '../../base/metrics.ts';
import type { RequestInfo } from '../request-info.ts';

export interface RequestMetrics {
  /** A request has been answered. */
  answered(info: RequestInfo | undefined, status: number, durationSeconds: number): void;
}

const LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'];

export function requestMetrics(
  metrics: MetricsRegistry,
  read: {
    readonly inFlight: () => { readonly readOnly: number; readonly mutating: number };
    readonly watches: () => number;
  },
): RequestMetrics {
  const total = metrics.counter({
    name: 'apiserver_request_total',
    help: 'Requests by verb, resource and answer code.',
    labels: [...LABELS, 'code'],
  });
  const duration = metrics.histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Time until the answer began, watches and streams left out.',
    labels: LABELS,
  });
  metrics.gaugeOf(
    { name: 'apiserver_current_inflight_requests', help: 'Requests being worked on.', labels: ['request_kind'] },
    () => {
      const { readOnly, mutating } = read.inFlight();
      return [
        [{ request_kind: 'readOnly' }, readOnly],
        [{ request_kind: 'mutating' }, mutating],
      ];
    },
  );
  metrics.gaugeOf({ name: 'apiserver_longrunning_requests', help: 'Running watches.', labels: ['verb'] }, () => [
    [{ verb: 'WATCH' }, read.watches()],
  ]);
  return {
    answered(info, status, durationSeconds) {
      const labels = labelsOf(info);
      total.add({ ...labels, code: String(status) });
      if (labels.verb !== 'WATCH' && labels.verb !== 'CONNECT') duration.observe(durationSeconds, labels);
    },
  };
}

const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };

function labelsOf(info: RequestInfo | undefined) {
  const { isResource = false, verb = '', group = '', version = '', resource = '', subresource = '' } = info ?? {};
  const scope = !isResource ? '' : info?.name ? 'resource' : info?.namespace ? 'namespace' : 'cluster';
  return {
    verb: VERBS[verb] ?? verb.toUpperCase(),
    group,
    version,
    // Paths are the caller's to choose; only what is a resource becomes a label.
    resource: isResource ? resource : '',
    subresource,
    scope,
  };
}
