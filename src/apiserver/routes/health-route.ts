// /healthz, /livez and /readyz: whether the server works, as a whole and check by check. Upstream:
// k8s.io/apiserver/pkg/server/healthz.

import type { ApiResponse } from '../../client/transport.ts';
import { type Route, type RouteRequest, textResponse } from './route.ts';

export interface HealthCheck {
  readonly name: string;
  /** Which of the three ask it. Absent: all. */
  readonly endpoints?: readonly HealthEndpoint[];
  /** Throws, or rejects, when something is wrong. */
  check(): void | Promise<void>;
}

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz';

const ENDPOINTS: readonly HealthEndpoint[] = ['healthz', 'livez', 'readyz'];

export function healthRoute(
  checks: readonly HealthCheck[],
  { log }: { log(name: string, error: unknown): void },
): Route {
  return (request) => {
    const [, endpoint = '', ...rest] = request.info.path.split('/');
    if (!isEndpoint(endpoint)) return undefined;
    const name = rest.join('/');
    const asked = checks.filter(({ endpoints = ENDPOINTS }) => endpoints.includes(endpoint));
    if (name === '') return askAll(request, endpoint, asked, log);
    const one = asked.find((check) => check.name === name);
    return one && askOne(one, log);
  };
}

export function healthPaths(checks: readonly HealthCheck[]): readonly string[] {
  return ENDPOINTS.flatMap((endpoint) => [
    `/${endpoint}`,
    ...checks
      .filter(({ endpoints = ENDPOINTS }) => endpoints.includes(endpoint))
      .map(({ name }) => `/${endpoint}/${name}`),
  ]);
}

function isEndpoint(text: string): text is HealthEndpoint {
  return (ENDPOINTS as readonly string[]).includes(text);
}

async function askAll(
  { request }: RouteRequest,
  endpoint: HealthEndpoint,
  checks: readonly HealthCheck[],
  log: (name: string, error: unknown) => void,
): Promise<ApiResponse> {
  const excluded = new Set(request.query.getAll('exclude'));
  let report = '';
  let failed = false;
  for (const { name, check } of checks) {
    if (excluded.delete(name)) {
      report += `[+]${name} excluded: ok\n`;
      continue;
    }
    try {
      await check();
      report += `[+]${name} ok\n`;
    } catch (error) {
      failed = true;
      log(name, error);
      report += `[-]${name} failed: reason withheld\n`;
    }
  }
  if (excluded.size > 0) {
    const names = [...excluded].map((name) => JSON.stringify(name)).join(', ');
    report += `warn: some health checks cannot be excluded: no matches for ${names}\n`;
  }
  if (failed) return textResponse(500, `${report}${endpoint} check failed\n`);
  return textResponse(200, request.query.has('verbose') ? `${report}${endpoint} check passed\n` : 'ok');
}

async function askOne({ name, check }: HealthCheck, log: (name: string, error: unknown) => void): Promise<ApiResponse> {
  try {
    await check();
    return textResponse(200, 'ok');
  } catch (error) {
    log(name, error);
    return textResponse(500, `internal server error: ${error instanceof Error ? error.message : error}\n`);
  }
}
