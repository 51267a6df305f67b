// Passes a request to a proxy subresource on to its backend and the answer back, both as they come. Upstream:
// apimachinery/pkg/util/proxy (upgradeaware.go, transport.go), net/http/httputil.ReverseProxy.

import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PassThrough, pipeline, type Readable, type Transform } from 'node:stream';
import { createDeflate, createGunzip, createGzip, createInflate } from 'node:zlib';
import { encodeJson } from '../../api/json-encode.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Logger } from '../../base/log.ts';
import type { ConnectRequest, RawExchange, Takeover } from './connector.ts';
import { type LinkContext, rewriteLinks, throughProxy } from './html-links.ts';
import { type BackendTls, isCredential, passUpgrade, serverNameOf, tlsOptionsOf } from './pass-upgrade.ts';
import type { ProxyLocation } from './proxy-locations.ts';

type RequestExchange = RawExchange & { readonly type: 'request' };

const DEFAULT_PORTS = { http: '80', https: '443' } as const;

/** `tls`: what the backend is checked by and shown. Absent: whoever answers by `https` will do, as for pods. */
export function proxyTo(
  deps: { readonly log: Logger },
  location: ProxyLocation,
  connect: ConnectRequest,
  tls: BackendTls | 'insecure' = 'insecure',
): Takeover {
  return {
    takeOver(exchange) {
      const path = `/${connect.suffix.replace(/^\//, '')}${queryOf(exchange)}`;
      if (exchange.type === 'request') return forward(location, connect, tls, path, exchange);
      const port = Number(location.port || DEFAULT_PORTS[location.scheme]);
      const secured = location.scheme === 'https' ? { tls } : {};
      passUpgrade(deps, { host: location.host, port, ...secured }, path, exchange);
    },
  };
}

function queryOf(exchange: RawExchange): string {
  const target = exchange.type === 'request' ? exchange.target : (exchange.request.url ?? '');
  const mark = target.indexOf('?');
  return mark < 0 ? '' : target.slice(mark);
}

function forward(
  location: ProxyLocation,
  connect: ConnectRequest,
  tls: BackendTls | 'insecure',
  path: string,
  exchange: RequestExchange,
): void {
  const { method, headers } = connect.request;
  if (connect.suffix === '' && (method === 'GET' || method === 'HEAD')) {
    // Relative links of a page only work below a slash.
    exchange.respond(301, { location: `${connect.request.path}/${queryOf(exchange)}` }).end();
    return;
  }
  const { host, scheme } = location;
  const port = location.port || DEFAULT_PORTS[scheme];
  const links: LinkContext = {
    prefix: prefixOf(connect),
    hosts: [`${host}:${port}`, ...(port === DEFAULT_PORTS[scheme] ? [host] : []), headers['host'] ?? ''],
  };
  const options = {
    host,
    port,
    method,
    path,
    headers: {
      ...requestHeaders(headers, location.name ?? `${host}:${port}`, links.prefix + path),
      ...framing(exchange, headers),
    },
    servername: serverNameOf(host),
    signal: connect.signal,
    agent: false,
  } as const;
  const sent = scheme === 'https' ? requestHttps({ ...options, ...tlsOptionsOf(tls) }) : requestHttp(options);
  let answered = false;
  sent.once('response', (response) => {
    answered = true;
    response.once('error', () => {}); // It may break before it is piped: who it was for sees that by its end.
    giveBack(response, links, exchange).catch((cause) => refuse(exchange, cause));
  });
  sent.once('error', (cause) => {
    if (!answered) refuse(exchange, cause);
  });
  exchange.body.once('error', () => sent.destroy());
  exchange.body.pipe(sent);
}

/** Where the proxy itself is: the path of the request without what is behind it. */
function prefixOf({ request, suffix }: ConnectRequest): string {
  const path = suffix === '' ? request.path : request.path.slice(0, -suffix.length);
  return path.replace(/\/$/, '');
}

function requestHeaders(given: Readonly<Record<string, string>>, host: string, uri: string): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(given)) {
    if (!isHopByHop(name, given['connection']) && !isCredential(name) && name !== 'expect') headers[name] = value;
  }
  return { ...headers, host, 'x-forwarded-uri': uri.split('?')[0] };
}

/** A body of unknown length goes in chunks whatever the method is, which Node does for some methods only. */
function framing({ hasBody }: RequestExchange, headers: Readonly<Record<string, string>>): OutgoingHttpHeaders {
  return hasBody && headers['content-length'] === undefined ? { 'transfer-encoding': 'chunked' } : {};
}

async function giveBack(response: IncomingMessage, links: LinkContext, exchange: RequestExchange): Promise<void> {
  const rewriting = response.headers.location === undefined ? await rewritingOf(response, links) : [];
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, values = []] of Object.entries(response.headersDistinct)) {
    if (isHopByHop(name, response.headers.connection) || CORS.has(name)) continue;
    if (name === 'content-length' && rewriting.length > 0) continue;
    headers[name] = values.length === 1 ? values[0]! : values;
  }
  if (response.headers.location !== undefined) headers['location'] = throughProxy(response.headers.location, links);
  const out = exchange.respond(response.statusCode ?? 502, headers);
  const ended = () => {}; // Who is still there sees the answer break off; there is nobody else to tell.
  const [first, ...more] = rewriting;
  if (first) pipeline([response as Readable, first, ...more, out], ended);
  else pipeline(response, out, ended);
}

/** What a page goes through: nothing for what is none, or is encoded in a way that nobody here can read. */
async function rewritingOf({ headers }: IncomingMessage, links: LinkContext): Promise<readonly Transform[]> {
  if (!/^text\/html\s*(;|$)/i.test(headers['content-type'] ?? '')) return [];
  const rewriting = await rewriteLinks((link) => throughProxy(link, links));
  switch (headers['content-encoding'] ?? '') {
    case '':
      return [new PassThrough({ encoding: 'utf8' }), rewriting];
    case 'gzip':
      return [createGunzip().setEncoding('utf8'), rewriting, createGzip()];
    case 'deflate':
      return [createInflate().setEncoding('utf8'), rewriting, createDeflate()];
    default:
      return [];
  }
}

function refuse(exchange: RequestExchange, cause: Error): void {
  const why = `error trying to reach service: ${cause.message}`;
  const bytes = encodeJson(new StatusError('ServiceUnavailable', why, { cause }).toStatus());
  exchange.respond(503, { 'content-type': 'application/json', 'content-length': String(bytes.length) }).end(bytes);
}

/** Headers of one connection, not of the request (RFC 9110, 7.6.1), and those that the connection names as its own. */
function isHopByHop(name: string, connection: string | undefined): boolean {
  if (HOP_BY_HOP.has(name)) return true;
  return (
    connection
      ?.toLowerCase()
      .split(/\s*,\s*/)
      .includes(name) ?? false
  );
}

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What pages of other origins may do is for the API server to say, not for a pod. */
const CORS: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
]);
