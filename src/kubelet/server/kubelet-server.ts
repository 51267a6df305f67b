// The node agent's own server: the API server comes here for logs, exec, attach and port-forward. Only it may: whoever
// connects must show the API server's client certificate.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { periodic } from '../../base/periodic.ts';
import type { Cri } from '../../cri/cri.ts';
import type { ServedPods } from '../served-pods.ts';
import { answerLog } from './log-request.ts';
import { pipeUpgrade } from './pipe-upgrade.ts';
import { bridgeRemoteCommand, REMOTE_COMMAND_PROTOCOLS } from './remote-command.ts';
import { RequestError } from './request-error.ts';

export interface KubeletServerDeps {
  readonly pods: ServedPods;
  readonly cri: Pick<Cri, 'exec' | 'attach' | 'portForward'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface KubeletServerOptions {
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

export interface KubeletServer extends AsyncDisposable {
  readonly port: number;
}

const MAX_HEADER_BYTES = 64 * 1024;
const RENEWAL_MS = 86_400_000;

/** Rejects when the address cannot be listened on. */
export async function startKubeletServer(
  deps: KubeletServerDeps,
  options: KubeletServerOptions,
): Promise<KubeletServer> {
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => REMOTE_COMMAND_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });
  const server = createServer({ ...(await tlsOptions(options)), maxHeaderSize: MAX_HEADER_BYTES });
  const sockets = new Set<Duplex>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('request', (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('the client has gone')));
    answer(deps, options, request, response, gone.signal).catch((error) => refuse(response, error, deps.log));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    upgrade(deps, options, webSockets, request, socket, head).catch((error) => refuseUpgrade(socket, error, deps.log));
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

async function tlsOptions({ serving, clientCa }: KubeletServerOptions) {
  const { certificate, key } = await serving();
  return {
    cert: certificate,
    key,
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  } as const;
}

async function answer(
  deps: KubeletServerDeps,
  options: KubeletServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  checkClient(request, options);
  const { verb, names, query } = routeOf(request);
  if (request.method !== 'GET') throw new RequestError(405, 'method not allowed');
  switch (verb) {
    case 'healthz':
      return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
    case 'pods': {
      const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: deps.pods.pods() };
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
    }
    case 'containerLogs':
      return answerLog(deps, { ...findContainer(deps.pods, names), query }, response, signal);
    default:
      throw new RequestError(404, '404 page not found');
  }
}

async function upgrade(
  { pods, cri, log }: KubeletServerDeps,
  options: KubeletServerOptions,
  webSockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  checkClient(request, options);
  const { verb, names, query } = routeOf(request);
  if (verb === 'portForward') {
    const pod = findPod(pods, names);
    const podSandboxId = await pods.sandbox(pod);
    if (!podSandboxId) throw new RequestError(400, `pod ${pod.metadata.name} has no sandbox`);
    const { url: target } = await cri.portForward({ podSandboxId, port: query.getAll('port').map(Number) });
    return pipeUpgrade(request, socket, head, target);
  }
  if (verb !== 'exec' && verb !== 'attach') throw new RequestError(404, '404 page not found');
  const { pod, container } = findContainer(pods, names);
  const containerId = await pods.running(pod, container);
  if (!containerId) throw new RequestError(400, `container not found ("${container}")`);
  const flag = (name: string) => ['1', 'true'].includes(query.get(name) ?? '');
  // What a container was made with decides about the terminal of an attachment.
  const tty = verb === 'exec' ? flag('tty') : hasTerminal(pod, container);
  const streams = { tty, stdin: flag('input'), stdout: flag('output'), stderr: flag('error') && !tty };
  if (!streams.stdin && !streams.stdout && !streams.stderr) {
    throw new RequestError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  }
  const ask = { containerId, ...streams };
  const { url: target } =
    verb === 'exec' ? await cri.exec({ ...ask, cmd: query.getAll('command') }) : await cri.attach(ask);
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return pipeUpgrade(request, socket, head, target);
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    bridgeRemoteCommand(webSocket, target, streams).catch((error) => {
      log.debug('a remote command was broken off', { error });
      webSocket.close(1011);
    });
  });
}

/** `/verb/namespace/pod/…`; throws RequestError for a path that is not percent-encoded as paths are. */
function routeOf(request: IncomingMessage): {
  readonly verb: string;
  readonly names: readonly string[];
  readonly query: URLSearchParams;
} {
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://node');
    const [verb = '', ...names] = pathname.split('/').slice(1).map(decodeURIComponent);
    return { verb, names, query: searchParams };
  } catch {
    throw new RequestError(400, 'the path cannot be read');
  }
}

function findPod(pods: ServedPods, [namespace = '', name = '']: readonly string[]): Pod {
  const pod = pods.pod(namespace, name);
  if (!pod) throw new RequestError(404, 'pod does not exist');
  return pod;
}

function findContainer(pods: ServedPods, names: readonly string[]): { readonly pod: Pod; readonly container: string } {
  const pod = findPod(pods, names);
  const container = names.at(-1) ?? '';
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  if (![...initContainers, ...containers, ...ephemeralContainers].some(({ name }) => name === container)) {
    const { name, namespace } = pod.metadata;
    throw new RequestError(404, `container ${container} not found in pod ${name}_${namespace}`);
  }
  return { pod, container };
}

function hasTerminal({ spec }: Pod, name: string): boolean {
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  return containers.find((container) => container.name === name)?.tty === true;
}

function checkClient(request: IncomingMessage, { allowedClient }: KubeletServerOptions): void {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  if (subject?.CN !== allowedClient) throw new RequestError(403, 'Forbidden');
}

function refuse(response: ServerResponse, error: unknown, log: Logger): void {
  const known = error instanceof RequestError;
  if (!known) log.warn('a request to the node failed', { error });
  if (response.headersSent) return void response.destroy();
  response.writeHead(known ? error.status : 500, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(error instanceof Error ? error.message : String(error));
}

function refuseUpgrade(socket: Duplex, error: unknown, log: Logger): void {
  const known = error instanceof RequestError;
  if (!known) log.warn('an upgrade at the node failed', { error });
  const message = error instanceof Error ? error.message : String(error);
  const status = known ? error.status : 500;
  socket.end(
    `HTTP/1.1 ${status} ${status === 404 ? 'Not Found' : 'Error'}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(message)}\r\nconnection: close\r\n\r\n${message}`,
  );
}

function listening(server: Server, { address, port }: KubeletServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve());
  });
}
