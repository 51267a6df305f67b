// The node agent's own server: the API server comes here for logs, exec, attach and port-forward. Only it may: whoever
// connects must show the API server's client certificate.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { periodic } from '../../base/periodic.ts';
import type { Cri } from '../../cri/cri.ts';
import { type LogOptions, readContainerLog } from './container-log.ts';
import { pipeUpgrade } from './pipe-upgrade.ts';
import { bridgeRemoteCommand, REMOTE_COMMAND_PROTOCOLS } from './remote-command.ts';

/** What the server knows of the node's pods. */
export interface ServedPods {
  pod(namespace: string, name: string): Pod | undefined;
  pods(): readonly Pod[];
  /** The container's newest attempt, or the one before. Undefined: there is none. */
  container(
    pod: Pod,
    name: string,
    previous: boolean,
  ): Promise<{ readonly id: string; readonly logPath: string; readonly running: boolean } | undefined>;
  sandbox(pod: Pod): Promise<string | undefined>;
}

export interface KubeletServerDeps {
  readonly pods: ServedPods;
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface KubeletServerOptions {
  readonly address: string;
  readonly port: number;
  /** PEM. What the server shows; asked for at the start and once a day, so that a renewed one needs no restart. */
  readonly serving: () => Promise<{ readonly certificate: string; readonly key: string }>;
  /** PEM. */
  readonly clientCa: string;
  /** The common name of the API server's client certificate. */
  readonly allowedClient: string;
}

/** An answer that is not the content that was asked for. */
class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const MAX_HEADER_BYTES = 64 * 1024;
const RENEWAL_MS = 86_400_000;

/** Rejects when the address cannot be listened on. */
export async function startKubeletServer(
  deps: KubeletServerDeps,
  options: KubeletServerOptions,
): Promise<AsyncDisposable> {
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
    upgrade(deps, options, webSockets, request, socket, head).catch((error) => refuseUpgrade(socket, error, deps.log));
  });
  await listening(server, options);
  const renewal = periodic(deps, { what: "the renewal of the node's certificate", everyMs: RENEWAL_MS }, async () => {
    server.setSecureContext(await tlsOptions(options));
  });
  return {
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
  { pods, clock }: KubeletServerDeps,
  options: KubeletServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  checkClient(request, options);
  const url = new URL(request.url ?? '/', 'https://node');
  const [verb, ...names] = url.pathname.split('/').slice(1).map(decodeURIComponent);
  if (request.method !== 'GET') throw new RequestError(405, 'method not allowed');
  if (verb === 'healthz') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  if (verb === 'pods') {
    const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.pods() };
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
  }
  if (verb !== 'containerLogs') throw new RequestError(404, '404 page not found');
  const { pod, container } = findContainer(pods, names);
  const log = parseLogOptions(url.searchParams, clock);
  const found = await pods.container(pod, container, url.searchParams.get('previous') === 'true');
  if (!found) throw new RequestError(400, missingLog(pod, container, url.searchParams.get('previous') === 'true'));
  const ended = async () =>
    !(await pods.container(pod, container, false).then((now) => now?.id === found.id && now.running));
  const chunks = readContainerLog(found.logPath, log, { ended, signal });
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  await pipeline(Readable.from(chunks, { objectMode: false }), response).catch((error) => {
    if (!signal.aborted) throw error;
  });
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
  const url = new URL(request.url ?? '/', 'https://node');
  const [verb, ...names] = url.pathname.split('/').slice(1).map(decodeURIComponent);
  if (verb === 'portForward') {
    const pod = findPod(pods, names);
    const podSandboxId = await pods.sandbox(pod);
    if (!podSandboxId) throw new RequestError(400, `pod ${pod.metadata.name} has no sandbox`);
    const { url: target } = await cri.portForward({ podSandboxId, port: url.searchParams.getAll('port').map(Number) });
    return pipeUpgrade(request, socket, head, target);
  }
  if (verb !== 'exec' && verb !== 'attach') throw new RequestError(404, '404 page not found');
  const { pod, container } = findContainer(pods, names);
  const found = await pods.container(pod, container, false);
  if (!found?.running) throw new RequestError(400, `container not found ("${container}")`);
  const flag = (name: string) => ['1', 'true'].includes(url.searchParams.get(name) ?? '');
  const streams = {
    tty: flag('tty'),
    stdin: flag('input'),
    stdout: flag('output'),
    stderr: flag('error') && !flag('tty'),
  };
  const ask = { containerId: found.id, ...streams };
  const target =
    verb === 'exec' ? await cri.exec({ ...ask, cmd: url.searchParams.getAll('command') }) : await cri.attach(ask);
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return pipeUpgrade(request, socket, head, target.url);
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    bridgeRemoteCommand(webSocket, target.url, streams).catch((error) => {
      log.debug('a remote command was broken off', { error });
      webSocket.close(1011);
    });
  });
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
    throw new RequestError(
      404,
      `container ${container} not found in pod ${pod.metadata.name}_${pod.metadata.namespace}`,
    );
  }
  return { pod, container };
}

function missingLog(pod: Pod, container: string, previous: boolean): string {
  if (previous) return `previous terminated container "${container}" in pod "${pod.metadata.name}" not found`;
  const status = pod.status.containerStatuses?.find(({ name }) => name === container);
  const why = status?.state?.waiting?.reason ?? 'ContainerCreating';
  return `container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${why}`;
}

function parseLogOptions(query: URLSearchParams, clock: Clock): LogOptions {
  const number = (name: string) => {
    const text = query.get(name);
    if (text === null) return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new RequestError(400, `${name} must be a number of at least 0`);
    return value;
  };
  const sinceTime = query.get('sinceTime');
  const sinceSeconds = number('sinceSeconds');
  const stream = query.get('stream')?.toLowerCase();
  return {
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    sinceMs:
      sinceTime === null
        ? sinceSeconds === undefined
          ? undefined
          : sinceOf(sinceSeconds, clock)
        : Date.parse(sinceTime),
    stream: stream === 'stdout' || stream === 'stderr' ? stream : undefined,
  };
}

/** The runtime stamps its lines with the machine's own time. */
function sinceOf(seconds: number, clock: Clock): number {
  return clock.now() - seconds * 1000;
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
