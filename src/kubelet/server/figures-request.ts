// Requests for figures of what is used: /metrics/resource as Prometheus reads it, /stats/summary as JSON.

import type { ServerResponse } from 'node:http';
import type { Logger } from '../../base/log.ts';
import { cadvisorMetricsText } from '../figures/cadvisor-metrics.ts';
import type { ReadFigures } from '../figures/figures.ts';
import { resourceMetricsText } from '../figures/resource-metrics.ts';
import { statsSummary } from '../figures/stats-summary.ts';
import type { NodeRequest } from './node-server.ts';
import { RequestError } from './request-error.ts';

const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

/** Throws RequestError for what is no such request. */
export async function answerFigures(
  { figures, log }: { readonly figures: ReadFigures; readonly log: Logger },
  { verb, names }: NodeRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const path = [verb, ...names].join('/');
  if (path === 'metrics/resource') {
    // Whoever scrapes it is told in the text that there was nothing to be had.
    const found = await figures('resources', signal).catch((error) => {
      if (!signal.aborted) log.warn('what is used on the node could not be measured', { error });
      return undefined;
    });
    send(response, METRICS, resourceMetricsText(found));
  } else if (path === 'metrics/cadvisor') {
    send(response, METRICS, cadvisorMetricsText(await figures('all', signal)));
  } else if (path === 'stats/summary') {
    send(response, 'application/json', JSON.stringify(statsSummary(await figures('all', signal))));
  } else {
    throw new RequestError(404, '404 page not found');
  }
}

function send(response: ServerResponse, contentType: string, text: string): void {
  response.writeHead(200, { 'content-type': contentType }).end(text);
}
