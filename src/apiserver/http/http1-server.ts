// The HTTP/1.1 side of the port: Node's server, which is handed its connections, and what it says to clients that do not
// speak HTTP.

import { createServer, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { encodeJson } from '../../api/json-encode.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { HttpEdge } from './http-edge.ts';
import { exchangeOverHttp1, upgradeOverHttp1 } from './http1-exchange.ts';
import { unknownMethod } from './request-head.ts';

export interface Http1Server {
  accept(socket: TLSSocket): void;
  /** Closes the connections that are between two requests, and takes no more notice of the others. */
  close(): void;
}

export interface Http1ServerOptions {
  readonly headersMs: number;
  readonly idleMs: number;
  readonly maxHeaderBytes: number;
}

/** How often Node looks for requests that take too long to arrive. */
const CHECKS_PER_WAIT = 4;
/** A body has this much longer than the head; the chain's own deadline is a minute. */
const BODY_MS = 90_000;
/** How long a client that was refused may go on sending. */
const LINGER_MS = 1_000;

export function http1Server(edge: HttpEdge, { headersMs, idleMs, maxHeaderBytes }: Http1ServerOptions): Http1Server {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: idleMs,
    headersTimeout: headersMs,
    requestTimeout: headersMs + BODY_MS,
    connectionsCheckingInterval: Math.ceil(headersMs / CHECKS_PER_WAIT),
  });
  server.on('request', (request, response) => exchangeOverHttp1(edge, request, response));
  server.on('upgrade', (request, socket, head) => upgradeOverHttp1(edge, request, socket, head));
  server.on('connect', (_request, socket) => refuse(edge, socket, unknownMethod()));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (socket.writableEnded) return; // Refused already: the parser complains of every piece that still comes.
    if (error.code === 'ECONNRESET' || isServing(socket)) socket.destroy();
    else refuse(edge, socket, faultOf(error));
  });
  // Node begins to look for slow requests when its server listens, which this one leaves to another.
  server.emit('listening');
  return {
    accept: (socket) => server.emit('connection', socket),
    close: () => server.close(() => {}),
  };
}

/** Whether a response is under way on the connection: Node's parser keeps it there. */
export function isServing(socket: Duplex): boolean {
  return (socket as Duplex & { _httpMessage?: unknown })._httpMessage != null;
}

/** What keeps Node's parser from reading a request, by its codes. */
function faultOf({ code, message }: NodeJS.ErrnoException): StatusError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new StatusError('Timeout', 'the request did not arrive in time', { code: 408, details: {} });
    case 'HPE_HEADER_OVERFLOW':
      return new StatusError('BadRequest', 'the headers of the request are too large', { code: 431, details: {} });
    default:
      return new StatusError('BadRequest', `the request is not HTTP/1.1: ${message}`, { details: {} });
  }
}

function refuse({ clock }: { readonly clock: Clock }, socket: Duplex, error: StatusError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = encodeJson(error.toStatus());
  const head = [
    `HTTP/1.1 ${error.code} ${STATUS_CODES[error.code]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.end(body);
  // What is still on its way is read past: closing over it would take the answer from the client.
  socket.resume();
  const timer = clock.after(LINGER_MS, () => socket.destroy());
  socket.once('close', () => timer[Symbol.dispose]());
}
