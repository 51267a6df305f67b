// The server of node agents: TLS, and who may come. The API server may, which shows its client certificate and has seen to
// it that whoever it comes for may; of others it is asked. What is answered is handed in.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { messageOf } from '../../base/message-of.ts';
import { periodic } from '../../base/periodic.ts';
import type { AskedFor, Requester } from './delegated-access.ts';
import { RequestError } from './request-error.ts';

export interface NodeServerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Throws RequestError for what it does not serve. The signal is aborted when the client has gone. */
  answer(request: NodeRequest, response: ServerResponse, signal: AbortSignal): Promise<void>;
  /** Throws RequestError for those who may not have what they ask for. Absent: nobody may but the API server. */
  check?(requester: Requester, asked: AskedFor): Promise<void>;
  /** Takes an upgraded connection over. Absent: none is. */
  upgrade?(request: NodeRequest, socket: Duplex, head: Buffer): Promise<void>;
}

export interface NodeServerOptions {
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM. What the server shows; asked for at the start and once a day, so that a renewed one needs no restart. */
  readonly serving: () => Promise<{ readonly certificate: string; readonly key: string }>;
  /** PEM. */
  readonly clientCa: string;
  /** The common name of the API server's client certificate. */
  readonly allowedClient: string;
}

export interface NodeServer extends AsyncDisposable {
  readonly port: number;
}

/** `/verb/name/…` */
export interface NodeRequest {
  readonly verb: string;
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  /** As it came. */
  readonly message: IncomingMessage;
}

const MAX_HEADER_BYTES = 64 * 1024;
const RENEWAL_MS = 86_400_000;

/** Rejects when the address cannot be listened on. */
export async function startNodeServer(deps: NodeServerDeps, options: NodeServerOptions): Promise<NodeServer> {
  const { log } = deps;
  const server = createServer({ ...(await tlsOptions(options)), maxHeaderSize: MAX_HEADER_BYTES });
  const sockets = new Set<Duplex>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('request', (message, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('the client has gone')));
    const answer = async () => deps.answer(await admit(deps, message, options), response, gone.signal);
    answer().catch((error) => refuse(response, error, log));
  });
  server.on('upgrade', (message, socket, head) => {
    socket.on('error', () => socket.destroy());
    const upgrade = async () => {
      const request = await admit(deps, message, options);
      if (!deps.upgrade) throw new RequestError(404, '404 page not found');
      return deps.upgrade(request, socket, head);
    };
    upgrade().catch((error) => refuseUpgrade(socket, error, log));
  });
  await listening(server, options);
  const renewal = periodic(deps, { what: "the renewal of the node's certificate", everyMs: RENEWAL_MS }, async () => {
    server.setSecureContext(await tlsOptions(options));
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await renewal[Symbol.asyncDispose]();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function tlsOptions({ serving, clientCa }: NodeServerOptions) {
  const { certificate, key } = await serving();
  return {
    cert: certificate,
    key,
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: false, // Others come with a token.
    minVersion: 'TLSv1.2',
  } as const;
}

/** Throws RequestError for those who may not, and for a path that is not percent-encoded as paths are. */
async function admit(
  { check }: NodeServerDeps,
  message: IncomingMessage,
  { allowedClient }: NodeServerOptions,
): Promise<NodeRequest> {
  const requester = requesterOf(message);
  const request = requestOf(message);
  if (requester.certificate?.commonName === allowedClient) return request;
  if (!check) throw new RequestError(403, 'Forbidden');
  await check(requester, { method: message.method ?? '', segments: [request.verb, ...request.names] });
  return request;
}

function requestOf(message: IncomingMessage): NodeRequest {
  try {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'https://node');
    const [verb = '', ...names] = pathname.split('/').slice(1).map(decodeURIComponent);
    return { verb, names, query: searchParams, message };
  } catch {
    throw new RequestError(400, 'the path cannot be read');
  }
}

/** A certificate that the cluster's authority has not issued, or not to anybody, is none. */
function requesterOf({ socket, headers }: IncomingMessage): Requester {
  const tls = socket as TLSSocket;
  const subject = tls.authorized ? tls.getPeerCertificate().subject : undefined;
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  const [commonName] = [subject?.CN ?? []].flat();
  const organizations = [subject?.O ?? []].flat();
  return { certificate: commonName ? { commonName, organizations } : undefined, token };
}

function refuse(response: ServerResponse, error: unknown, log: Logger): void {
  const known = error instanceof RequestError;
  if (!known) log.warn('a request to the node failed', { error });
  if (response.headersSent) return void response.destroy();
  response.writeHead(known ? error.status : 500, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(messageOf(error));
}

function refuseUpgrade(socket: Duplex, error: unknown, log: Logger): void {
  const known = error instanceof RequestError;
  if (!known) log.warn('an upgrade at the node failed', { error });
  const message = messageOf(error);
  const status = known ? error.status : 500;
  socket.end(
    `HTTP/1.1 ${status} ${status === 404 ? 'Not Found' : 'Error'}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(message)}\r\nconnection: close\r\n\r\n${message}`,
  );
}

function listening(server: Server, { address, port }: NodeServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve());
  });
}
