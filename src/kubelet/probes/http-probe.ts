// HTTP probes: a GET that follows redirects on its host, and takes any status from 200 to 399 for an answer. Upstream:
// pkg/probe/http.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HTTPGetAction } from '../../api/core/probe.ts';
import { portNumber } from './container-port.ts';
import { dialError, isDialError, reasonOf } from './network-words.ts';
import type { ProbeOutcome, ProbeTarget } from './probe-manager.ts';
import { requestHeaders } from './request-headers.ts';

const MAX_REDIRECTS = 10;
const MAX_BODY_BYTES = 10 * 1024;

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** Throws for a port that the container does not have, and the signal's reason. */
export async function probeHttp(
  target: ProbeTarget,
  action: HTTPGetAction,
  userAgent: string,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const headers = requestHeaders(action.httpHeaders ?? [], userAgent);
  let url = urlOf(target, action);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    let answer: Answer;
    try {
      answer = await getOnce(url, headers, signal);
    } catch (error) {
      signal.throwIfAborted();
      const why = isDialError(error) ? dialError(error, url.hostname, portOf(url)) : reasonOf(error);
      return { verdict: 'failure', output: `Get "${url.href}": ${why}` };
    }
    const { status, location, body } = answer;
    if (status < 200 || status >= 400) {
      return { verdict: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
    }
    if (status < 300 || location === undefined) return { verdict: 'success', output: body };
    const next = new URL(location, url);
    // Another host is another's business: that this one answered is enough.
    if (next.hostname !== url.hostname) {
      return { verdict: 'success', output: `Probe terminated redirects, Response body: ${body}` };
    }
    url = next;
  }
  return { verdict: 'failure', output: `Get "${url.href}": stopped after ${MAX_REDIRECTS} redirects` };
}

/** The path may bring a query; what does not belong into a URL is percent-encoded. */
function urlOf({ podIp, container }: ProbeTarget, { scheme, host, port, path = '/' }: HTTPGetAction): URL {
  const name = host || podIp;
  const bracketed = name.includes(':') ? `[${name}]` : name;
  const absolute = path.startsWith('/') ? path : `/${path}`;
  return new URL(`${(scheme ?? 'HTTP').toLowerCase()}://${bracketed}:${portNumber(container, port)}${absolute}`);
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function getOnce(url: URL, headers: Readonly<Record<string, string | string[]>>, signal: AbortSignal): Promise<Answer> {
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
        chunks.push(chunk);
        size += chunk.length;
        if (size < MAX_BODY_BYTES) return;
        done();
        response.destroy();
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
