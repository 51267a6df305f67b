// One probe: a command in the container, an HTTP request, a TCP connection. Upstream: pkg/probe.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container } from '../../api/core/container.ts';
import type { HTTPGetAction, Probe } from '../../api/core/probe.ts';
import type { ProbeAction, ProbeOutcome, ProbeTarget } from './probe-manager.ts';

export interface ProbeActionDeps {
  /** Runs a command in a container. Rejects when it could not be run; `timedOut` when it took too long. */
  readonly exec: (
    containerId: string,
    command: readonly string[],
    timeoutMs: number,
  ) => Promise<{ readonly exitCode: number; readonly output: string; readonly timedOut: boolean }>;
  /** `1.36`, for the user agent. */
  readonly version: string;
}

const MAX_REDIRECTS = 10;
const MAX_BODY_BYTES = 10 * 1024;

/** Makes probes. A handler of a kind that cannot be served here counts as failed, and says so. */
export function probeAction({ exec, version }: ProbeActionDeps): ProbeAction {
  return async (target, probe, signal) => {
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    if (probe.exec) {
      const result = await exec(target.containerId, probe.exec.command ?? [], timeoutMs);
      if (result.timedOut)
        return failure(`command timed out: ${JSON.stringify(probe.exec.command)} timed out after ${timeoutMs / 1000}s`);
      return result.exitCode === 0 ? success(result.output) : failure(result.output);
    }
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    if (probe.httpGet) return probeHttp(target, probe.httpGet, within, version);
    if (probe.tcpSocket) {
      const { host, port } = probe.tcpSocket;
      return probeTcp(host || target.podIp, portNumber(target.container, port), within);
    }
    return failure(`probes of this kind cannot be made here: ${kindsOf(probe).join(', ') || 'none given'}`);
  };
}

/** A port by number, or by its name among the container's ports. Throws for a name that is not there. */
export function portNumber(container: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (!Number.isInteger(number)) throw new Error(`couldn't find port: ${JSON.stringify(port)}`);
  return number;
}

async function probeHttp(
  target: ProbeTarget,
  action: HTTPGetAction,
  signal: AbortSignal,
  version: string,
): Promise<ProbeOutcome> {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const host = action.host || target.podIp;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const path = action.path?.startsWith('/') ? action.path : `/${action.path ?? ''}`;
  const given = Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  const named = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const headers = {
    ...(named.has('user-agent') ? {} : { 'User-Agent': `kube-probe/${version}` }),
    ...(named.has('accept') ? {} : { Accept: '*/*' }),
    ...given,
  };
  let url = new URL(`${scheme}://${bracketed}:${portNumber(target.container, action.port)}${path}`);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    try {
      const { status, location, body } = await getOnce(url, headers, signal);
      if (status >= 300 && status < 400 && location) {
        const next = new URL(location, url);
        if (next.hostname !== url.hostname) return success(`Probe terminated redirects, Response body: ${body}`);
        url = next;
        continue;
      }
      return status >= 200 && status < 400 ? success(body) : failure(`HTTP probe failed with statuscode: ${status}`);
    } catch (error) {
      return failure(`Get ${JSON.stringify(url.href)}: ${(error as Error).message}`);
    }
  }
  return failure(`Get ${JSON.stringify(url.href)}: stopped after ${MAX_REDIRECTS} redirects`);
}

function getOnce(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ status: number; location: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const answer = (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8'),
        });
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_BODY_BYTES + chunk.length) chunks.push(chunk);
        if (size > MAX_BODY_BYTES) {
          done();
          response.destroy();
        }
      });
      response.on('end', done);
      response.on('error', reject);
    };
    const options = { headers, signal, agent: false } as const;
    // A probe asks whether the container answers, not who it is: certificates are not checked, as upstream.
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized: false }, answer)
        : httpRequest(url, options, answer);
    request.on('error', reject);
    request.end();
  });
}

function probeTcp(host: string, port: number, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve(success(''));
    });
    socket.once('error', (error) => resolve(failure(`dial tcp ${host}:${port}: ${error.message}`)));
  });
}

function kindsOf(probe: Probe): readonly string[] {
  return ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((kind) => kind in probe);
}

function success(output: string): ProbeOutcome {
  return { verdict: 'success', output };
}

function failure(output: string): ProbeOutcome {
  return { verdict: 'failure', output };
}
