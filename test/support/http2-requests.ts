// Requests as they come over the network, with whatever path, headers and body a test thinks of: many at a time over one
// HTTP/2 connection.

import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';

export interface WireRequest {
  readonly method: string;
  /** With its query, as it goes over the wire. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

export interface Http2Requests extends AsyncDisposable {
  /** Rejects where there is no answer, or no end of one within the deadline. */
  send(request: WireRequest, options?: { readonly deadlineMs?: number }): Promise<WireAnswer>;
}

export interface Http2RequestsOptions {
  readonly ca: string;
  /** Absent: no certificate is shown. */
  readonly client?: { readonly certificate: string; readonly key: string };
}

const DEADLINE_MS = 30_000;

export async function http2Requests(url: string, { ca, client }: Http2RequestsOptions): Promise<Http2Requests> {
  const session = connect(url, { ca, ...(client && { cert: client.certificate, key: client.key }) });
  await new Promise<void>((resolve, reject) => session.once('connect', () => resolve()).once('error', reject));
  session.on('error', () => {}); // Each request that it ends rejects.
  return {
    send: (request, { deadlineMs = DEADLINE_MS } = {}) => send(session, request, deadlineMs),
    [Symbol.asyncDispose]: () => new Promise((resolve) => session.close(resolve)),
  };
}

function send(session: ClientHttp2Session, request: WireRequest, deadlineMs: number): Promise<WireAnswer> {
  const { method, path, headers = {}, body } = request;
  const all: OutgoingHttpHeaders = { ...headers, ':method': method, ':path': path };
  return new Promise((resolve, reject) => {
    const stream = session.request(all, { endStream: body === undefined });
    const parts: Buffer[] = [];
    let status = 0;
    let answered: Readonly<Record<string, unknown>> = {};
    const timer = setTimeout(() => {
      stream.close();
      reject(new Error(`no end of an answer to ${method} ${path} within ${deadlineMs} ms`));
    }, deadlineMs);
    stream.once('response', ({ ':status': code, ...rest }) => {
      status = code ?? 0;
      answered = rest;
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.once('error', (error) => {
      // A server that answers before it has read the whole body tells the client to stop sending.
      if (status === 0) reject(new Error(`${method} ${path.slice(0, 500)} broke`, { cause: error }));
    });
    stream.once('close', () => {
      clearTimeout(timer);
      if (status === 0) reject(new Error(`${method} ${path} was closed without an answer`));
      else resolve({ status, headers: answered, bytes: Buffer.concat(parts) });
    });
    if (body !== undefined) stream.end(body);
  });
}
