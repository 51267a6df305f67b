// One TLS port for everything: HTTP/2 and HTTP/1.1, told apart by ALPN, with client certificates asked for but not required.
// What arrives becomes an IncomingRequest; what it means is the business of the chain.

import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { MetricsRegistry } from '../../base/metrics.ts';
import type { ApiServer } from '../api-server.ts';
import type { HttpEdge } from './http-edge.ts';
import { http1Server, isServing } from './http1-server.ts';
import { exchangeOverHttp2 } from './http2-exchange.ts';

/** PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface HttpsServerOptions {
  readonly certificate: ServerCertificate;
  /** PEM: who may vouch for client certificates. Absent: none are asked for. */
  readonly clientCa?: string;
  /** Absent: all addresses. */
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** How long requests that are under way get when the server is closed. Absent: 10 s. */
  readonly graceMs?: number;
  /** Absent: 10 s, 30 s, 3 minutes and a minute. */
  readonly patience?: Partial<Patience>;
}

/** How long the server waits for its clients: those that open connections and leave them are not kept. */
export interface Patience {
  /** For the TLS handshake. */
  readonly handshakeMs: number;
  /** For the whole head of a request over HTTP/1.1. */
  readonly headersMs: number;
  /** For another request on a connection. */
  readonly idleMs: number;
  /** For a client to take a piece of a long answer: at most 256 KB. */
  readonly takeMs: number;
}

export interface HttpsServer extends AsyncDisposable {
  readonly address: AddressInfo;
  /** New connections get this certificate. */
  renewCertificate(certificate: ServerCertificate): void;
}

/** Node's default windows (64 KB) would starve uploads; these are about what Go's server has. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const CONNECTION_WINDOW_BYTES = 25 * 1024 * 1024;
const MAX_STREAMS = 1000;
/** What a connection may hold in memory, in MB. Node's 10 would refuse requests while long answers are on their way. */
const MAX_SESSION_MEMORY_MB = 1000;
const MAX_HEADER_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 30_000;
const PATIENCE: Patience = { handshakeMs: 10_000, headersMs: 30_000, idleMs: 180_000, takeMs: 60_000 };

export interface HttpsServerDeps {
  readonly apiServer: ApiServer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** Listens. Rejects with the system's error when it cannot. */
export async function startHttpsServer(
  { apiServer, clock, log, metrics }: HttpsServerDeps,
  options: HttpsServerOptions,
): Promise<HttpsServer> {
  const patience = { ...PATIENCE, ...options.patience };
  const edge: HttpEdge = { apiServer, clock, takeMs: patience.takeMs };
  const http1 = http1Server(edge, { ...patience, maxHeaderBytes: MAX_HEADER_BYTES });
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  const tls = createTlsServer({
    ...tlsOptions(options.clientCa),
    ...options.certificate,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: patience.handshakeMs,
  });
  tls.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // The peer has gone; whoever was being served notices by the close.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    if (socket.alpnProtocol !== 'h2') return http1.accept(socket);
    const session = acceptHttp2(edge, socket, { idleMs: patience.idleMs });
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', (error) => log.debug('an HTTP/2 connection broke', { error: error.message }));
  });
  const failedHandshakes = metrics.counter({
    name: 'apiserver_tls_handshake_errors_total',
    help: 'Connections whose TLS handshake failed.',
  });
  tls.on('tlsClientError', (error, socket) => {
    failedHandshakes.add();
    log.debug('a TLS handshake failed', { error: error.message, peer: socket.remoteAddress });
    socket.destroy(); // Node leaves it open where the client has only been slow.
  });
  await new Promise<void>((resolve, reject) => {
    tls.once('error', reject);
    tls.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) }, () => {
      tls.off('error', reject);
      resolve();
    });
  });
  return {
    address: tls.address() as AddressInfo,
    renewCertificate: (certificate) => tls.setSecureContext({ ...tlsOptions(options.clientCa), ...certificate }),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => tls.close(() => resolve()));
      for (const session of sessions) session.close();
      apiServer.endWatches();
      http1.close();
      const timer = clock.after(options.graceMs ?? 10_000, () => {
        for (const socket of sockets) socket.destroy();
      });
      // HTTP/1.1 connections that are between two requests would otherwise stay until their timeout.
      for (const socket of sockets) if (socket.alpnProtocol !== 'h2' && !isServing(socket)) socket.destroy();
      await closed;
      timer[Symbol.dispose]();
    },
  };
}

function tlsOptions(clientCa: string | undefined): SecureContextOptions & TlsOptions {
  const base = { minVersion: 'TLSv1.2' } as const;
  // Whether the certificate is good is looked at for each connection: one that is not makes nobody of its holder.
  return clientCa === undefined ? base : { ...base, ca: clientCa, requestCert: true, rejectUnauthorized: false };
}

function acceptHttp2(edge: HttpEdge, socket: TLSSocket, { idleMs }: { readonly idleMs: number }): ServerHttp2Session {
  const session = performServerHandshake(socket, {
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    settings: {
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxConcurrentStreams: MAX_STREAMS,
      maxHeaderListSize: MAX_HEADER_BYTES,
    },
  });
  session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  let open = 0;
  session.on('stream', (stream, headers) => {
    open++;
    stream.once('close', () => open--);
    exchangeOverHttp2(edge, socket, stream, headers);
  });
  // A watch on which nothing happens is no idle connection.
  session.setTimeout(idleMs, () => open === 0 && session.close());
  return session;
}
