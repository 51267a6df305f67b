// Passes an upgraded connection (WebSocket, SPDY) on to a backend byte for byte: what is spoken on it is between the two.
// Upstream: apimachinery/pkg/util/proxy/upgradeaware.go.

import { type IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { encodeJson } from '../../api/json-encode.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Logger } from '../../base/log.ts';
import type { RawExchange } from './connector.ts';

/** PEM: who the backend must be vouched for by, and what it is shown. */
export interface BackendTls {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface Backend {
  readonly host: string;
  readonly port: number;
  /** `insecure`: TLS with whoever answers. Absent: no TLS. */
  readonly tls?: BackendTls | 'insecure';
}

export type UpgradeExchange = RawExchange & { readonly type: 'upgrade' };

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects the client's connection with one to the backend that asks for the same upgrade. */
export function passUpgrade(
  { log }: { readonly log: Logger },
  backend: Backend,
  path: string,
  { request, socket, head }: UpgradeExchange,
): void {
  const upstream = connectBackend(backend);
  upstream.once(backend.tls ? 'secureConnect' : 'connect', () => {
    upstream.setTimeout(0);
    upstream.write(requestHead(request, path, `${backend.host}:${backend.port}`));
    if (head.length > 0) upstream.write(head);
    socket.pipe(upstream).pipe(socket);
  });
  upstream.setTimeout(CONNECT_TIMEOUT_MS);
  upstream.once('timeout', () => upstream.destroy(new Error('it did not answer')));
  joinFates(request, socket, upstream, (error) =>
    log.debug('an upgraded connection was broken', { backend: backend.host, error }),
  );
}

/** Options for connections to the backend by TLS. */
export function tlsOptionsOf(tls: BackendTls | 'insecure') {
  if (tls === 'insecure') return { rejectUnauthorized: false };
  return { ca: tls.ca, cert: tls.certificate, key: tls.key };
}

/** The name that the backend proves, by where it is and not by what the request says; addresses are no names. */
export function serverNameOf(host: string): string {
  return isIP(host) ? '' : host;
}

function connectBackend({ host, port, tls }: Backend): Socket {
  return tls ? connectTls({ host, port, ...tlsOptionsOf(tls) }) : connectTcp({ host, port });
}

/** The request as the client sent it, but to the backend's path and without the client's credentials. */
function requestHead(request: IncomingMessage, path: string, host: string): string {
  const lines = [`${request.method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    if (!isCredential(name.toLowerCase()) && name.toLowerCase() !== 'host')
      lines.push(`${name}: ${request.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Headers by which a client shows the API server who it is; in lower case. No backend gets to see them. */
export function isCredential(header: string): boolean {
  return header === 'authorization' || header.startsWith('impersonate-');
}

/** Neither side outlives the other; before the backend has answered, the client is told why there is nothing. */
function joinFates(request: IncomingMessage, socket: Duplex, upstream: Socket, report: (error: Error) => void): void {
  upstream.once('error', (error) => {
    report(error);
    if (upstream.bytesRead === 0 && socket.writable) refuseUpgrade(request, socket, error);
    else socket.end();
  });
  upstream.once('close', () => socket.end());
  socket.once('error', () => upstream.destroy());
  socket.once('close', () => upstream.destroy());
}

/** Upstream's words; clients read them out of the Status. */
function refuseUpgrade(request: IncomingMessage, socket: Duplex, cause: Error): void {
  const status = new StatusError('InternalError', `error dialing backend: ${cause.message}`, { cause }).toStatus();
  const bytes = encodeJson(status);
  const response = new ServerResponse(request);
  response.assignSocket(socket as TLSSocket);
  response.once('finish', () => socket.end());
  response.writeHead(500, { 'content-type': 'application/json', 'content-length': bytes.length, connection: 'close' });
  response.end(bytes);
}
