// A transport that counts what goes through it, under the names of upstream's clients (k8s.io/component-base/metrics/
// prometheus/restclient).

import type { Clock } from '../base/clock.ts';
import type { MetricsRegistry } from '../base/metrics.ts';
import type { ApiRequest, ApiResponse, Transport } from './transport.ts';

export interface ClientMetrics {
  answered(method: string, code: string, tookMs: number): void;
}

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** Upstream's code for requests that were not answered. */
const UNANSWERED = '<error>';

/** `host`: the server that all these clients talk to. */
export function clientMetrics(registry: MetricsRegistry, { host }: { readonly host: string }): ClientMetrics {
  const total = registry.counter({
    name: 'rest_client_requests_total',
    help: 'Requests of clients in this process by answer code, method and server.',
    labels: ['code', 'method', 'host'],
  });
  const durations = registry.histogram(
    {
      name: 'rest_client_request_duration_seconds',
      help: 'Time until requests of clients in this process were answered.',
      labels: ['verb', 'host'],
    },
    SECONDS,
  );
  return {
    answered(method, code, tookMs) {
      total.add({ code, method, host });
      durations.observe(tookMs / 1000, { verb: method, host });
    },
  };
}

export function measuredTransport(
  transport: Transport,
  { metrics, clock }: { readonly metrics: ClientMetrics; readonly clock: Clock },
): Transport {
  return {
    send(request: ApiRequest): Promise<ApiResponse> {
      const sinceMs = clock.elapsed();
      const note = (code: string) => metrics.answered(request.method, code, clock.elapsed() - sinceMs);
      return transport.send(request).then(
        (response) => {
          note(String(response.status));
          return response;
        },
        (error) => {
          note(UNANSWERED);
          throw error;
        },
      );
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
