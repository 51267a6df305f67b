// Carries requests to an API server over HTTP/2 and TLS. Connections are http2-pool.ts's; what requests mean is the
// client's. This and kubeconfig are the only parts of the client that need Node.

import { Buffer } from 'node:buffer';
import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import { chunksOf } from './http2-chunks.ts';
import { type Deps, Http2Pool, type Slot } from './http2-pool.ts';
import type { ApiRequest, ApiResponse, RequestBody, ResponseBody, Transport } from './transport.ts';
import { decodeWatch } from './watch-decoder.ts';

/** PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Where the bearer token comes from. */
export interface TokenSource {
  /** The token to send with the next request; undefined for none. */
  token(): Promise<string | undefined>;
  /** The server refused this token: the next one must be another. */
  refused(token: string): void;
}

export interface HttpsTransportOptions {
  /** `https://host:port`, perhaps with a path that stands before every request's. */
  readonly server: string;
  /** PEM; absent: the system's authorities. */
  readonly certificateAuthority?: string;
  /** A function is asked before each connection, so that renewed certificates are used. */
  readonly clientCertificate?: ClientCertificate | (() => Promise<ClientCertificate | undefined>);
  readonly token?: string | TokenSource;
  /** The name in the server's certificate, where it is not the host's. */
  readonly serverName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** Absent: 4. All but the first are opened only when the server's limit of requests on one is reached. */
  readonly maxConnections?: number;
  /** Absent: 15 s. */
  readonly keepAliveMs?: number;
}

/** Answers of known length up to this size come whole; a longer one is a stream. */
const MAX_WHOLE_BYTES = 1024 * 1024;
const MAX_ATTEMPTS = 3;

/** Throws `TypeError` for a server address that is not HTTPS. */
export function createHttpsTransport(deps: Deps, options: HttpsTransportOptions): Transport {
  const url = new URL(options.server);
  if (url.protocol !== 'https:') throw new TypeError(`the server must be an https address: ${options.server}`);
  const basePath = url.pathname.replace(/\/$/, '');
  const tokens = tokenSource(options.token);
  const pool = new Http2Pool(deps, {
    origin: url.origin,
    tls: () => tlsOptions(options),
    maxConnections: options.maxConnections ?? 4,
    keepAliveMs: options.keepAliveMs ?? 15_000,
    connectTimeoutMs: 10_000,
  });

  return {
    async send(request) {
      const body = encodeBody(request.body);
      for (let attempt = 1; ; attempt++) {
        const token = await tokens?.token();
        const slot = await pool.acquire(request.signal);
        try {
          const response = await exchange(slot, request, body, basePath, token);
          if (response.status !== constants.HTTP_STATUS_UNAUTHORIZED || !token || attempt > 1) return response;
          tokens?.refused(token);
          if ((await tokens?.token()) === token) return response;
          await discard(response.body);
        } catch (error) {
          slot[Symbol.dispose]();
          if (!(error instanceof UnprocessedError) || attempt === MAX_ATTEMPTS) throw causeOf(error);
        }
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

/** The server has certainly not looked at the request, so it may be sent again whatever it is. */
class UnprocessedError extends Error {
  override readonly name = 'UnprocessedError';
}

function causeOf(error: unknown): unknown {
  return error instanceof UnprocessedError ? error.cause : error;
}

async function tlsOptions(options: HttpsTransportOptions): Promise<SecureClientSessionOptions> {
  const { clientCertificate: given, certificateAuthority: ca, serverName: servername } = options;
  const certificate = typeof given === 'function' ? await given() : given;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate ? { cert: certificate.certificate, key: certificate.key } : {}),
    ...(servername === undefined ? {} : { servername }),
    ...(options.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
  };
}

function tokenSource(token: string | TokenSource | undefined): TokenSource | undefined {
  return typeof token === 'string' ? { token: async () => token, refused: () => {} } : token;
}

function encodeBody(body: RequestBody | undefined): Uint8Array | undefined {
  if (body === undefined) return undefined;
  return body.type === 'bytes' ? body.bytes : Buffer.from(JSON.stringify(body.object));
}

/** Sends a request and waits for the head of its answer. Gives the slot back when the stream has closed. */
async function exchange(
  slot: Slot,
  request: ApiRequest,
  body: Uint8Array | undefined,
  basePath: string,
  token: string | undefined,
): Promise<ApiResponse> {
  const stream = openStream(slot, requestHeaders(request, body, basePath, token), body === undefined);
  stream.once('close', () => slot[Symbol.dispose]());
  const onAbort = () => {
    stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy(toError(request.signal.reason));
  };
  request.signal.addEventListener('abort', onAbort, { once: true });
  stream.once('close', () => request.signal.removeEventListener('abort', onAbort));
  if (body) stream.end(body);
  const headers = await headOf(stream);
  return {
    status: Number(headers[constants.HTTP2_HEADER_STATUS]),
    headers: plainHeaders(headers),
    body: await bodyOf(stream, headers, isWatch(request)),
  };
}

function openStream(slot: Slot, headers: Record<string, string | number>, endStream: boolean): ClientHttp2Stream {
  try {
    return slot.session.request(headers, { endStream });
  } catch (error) {
    // The connection went away between being chosen and being used: nothing was sent.
    throw new UnprocessedError('the connection was closing', { cause: error });
  }
}

function requestHeaders(
  request: ApiRequest,
  body: Uint8Array | undefined,
  basePath: string,
  token: string | undefined,
): Record<string, string | number> {
  const search = request.query.toString();
  return {
    ...request.headers,
    ...(body ? { [constants.HTTP2_HEADER_CONTENT_LENGTH]: body.length } : {}),
    ...(token ? { [constants.HTTP2_HEADER_AUTHORIZATION]: `Bearer ${token}` } : {}),
    [constants.HTTP2_HEADER_METHOD]: request.method,
    [constants.HTTP2_HEADER_PATH]: `${basePath}${request.path}${search === '' ? '' : `?${search}`}`,
  };
}

function headOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    let answered = false;
    stream.once('response', (headers) => {
      answered = true;
      resolve(headers);
    });
    // Stays for the stream's life: later errors reach whoever reads the body, and must not be unhandled here.
    stream.on('error', (error) => {
      if (answered) return;
      const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
      reject(refused ? new UnprocessedError('the server refused the stream', { cause: error }) : error);
    });
    stream.once('close', () => {
      if (!answered) reject(new Error('the connection closed before the server answered'));
    });
  });
}

async function bodyOf(stream: ClientHttp2Stream, headers: IncomingHttpHeaders, watch: boolean): Promise<ResponseBody> {
  const contentType = headers['content-type'] ?? '';
  const status = Number(headers[constants.HTTP2_HEADER_STATUS]);
  if (watch && status === constants.HTTP_STATUS_OK) return { type: 'watch', events: decodeWatch(chunksOf(stream)) };
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (length === 0 || status === constants.HTTP_STATUS_NO_CONTENT) {
    stream.resume();
    return { type: 'none' };
  }
  if (!(length <= MAX_WHOLE_BYTES)) return { type: 'stream', contentType, chunks: chunksOf(stream) };
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(stream)) chunks.push(chunk);
  return { type: 'bytes', contentType, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) };
}

async function discard(body: ResponseBody): Promise<void> {
  if (body.type === 'stream') for await (const _ of body.chunks);
}

function isWatch({ query }: ApiRequest): boolean {
  const value = query.get('watch');
  return value === 'true' || value === '1';
}

function plainHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(':') && value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
