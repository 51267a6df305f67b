// Logs, exec, attach and port-forward: the API server hands these on to the agent of the pod's node, over TLS with its own
// client certificate. What was upgraded is passed through byte for byte; protocols are the agent's business. Upstream:
// pkg/registry/core/pod/strategy.go (LogLocation, streamLocation), apimachinery/pkg/util/proxy.

import { type IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { encodeJson } from '../../api/json-encode.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { Logger } from '../../base/log.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { Connector, ConnectRequest, RawExchange, Takeover } from './connector.ts';

export interface NodeConnectorDeps {
  readonly reader: ObjectReader;
  readonly log: Logger;
  /** PEM: who the agents are signed by, and what the API server shows them. */
  readonly tls: { readonly ca: string; readonly certificate: string; readonly key: string };
}

interface NodeAddress {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_ERROR_BYTES = 64 * 1024;

/** By resource and subresource. */
export function nodeConnectors(deps: NodeConnectorDeps): Readonly<Record<string, Connector>> {
  const { reader } = deps;
  const stream = (verb: 'exec' | 'attach'): Connector => {
    return async (request) => {
      const pod = request.object as unknown as Pod;
      const { options } = request;
      const query = new URLSearchParams();
      for (const [to, from] of STREAM_FLAGS) if (options[from] === true) query.set(to, '1');
      for (const word of (options['command'] as readonly string[] | undefined) ?? []) query.append('command', word);
      const container = containerOf(pod, options['container'] as string | undefined);
      return passOn(deps, nodeOf(reader, pod), `/${verb}/${podPath(pod)}/${encodeURIComponent(container)}?${query}`);
    };
  };
  return {
    'pods/exec': stream('exec'),
    'pods/attach': stream('attach'),
    'pods/portforward': async (request) => {
      const pod = request.object as unknown as Pod;
      const query = new URLSearchParams();
      for (const port of (request.options['ports'] as readonly number[] | undefined) ?? [])
        query.append('port', String(port));
      return passOn(deps, nodeOf(reader, pod), `/portForward/${podPath(pod)}?${query}`);
    },
    'pods/log': (request) => readLog(deps, request),
  };
}

const STREAM_FLAGS = [
  ['input', 'stdin'],
  ['output', 'stdout'],
  ['error', 'stderr'],
  ['tty', 'tty'],
] as const;

const LOG_OPTIONS = [
  'follow',
  'previous',
  'timestamps',
  'tailLines',
  'limitBytes',
  'sinceSeconds',
  'sinceTime',
  'stream',
];

async function readLog(deps: NodeConnectorDeps, request: ConnectRequest): Promise<ApiResponse> {
  const pod = request.object as unknown as Pod;
  const { options, signal } = request;
  const container = containerOf(pod, options['container'] as string | undefined);
  if (options['tailLines'] !== undefined && (options['tailLines'] as number) < 0) {
    throw new StatusError(
      'Invalid',
      'PodLogOptions "" is invalid: tailLines: Invalid value: must be greater than or equal to 0',
    );
  }
  if (!pod.spec.nodeName) return textAnswer();
  const query = new URLSearchParams();
  for (const name of LOG_OPTIONS) {
    const value = options[name];
    if (value !== undefined && value !== null && value !== false && value !== '') query.set(name, String(value));
  }
  const path = `/containerLogs/${podPath(pod)}/${encodeURIComponent(container)}?${query}`;
  const response = await get(deps, nodeOf(deps.reader, pod), path, signal);
  if (response.statusCode !== 200) throw await statusOf(response);
  return { status: 200, headers: {}, body: { type: 'stream', contentType: 'text/plain', chunks: response } };
}

/** A pod that is on no node yet has not said anything. */
function textAnswer(): ApiResponse {
  return { status: 200, headers: {}, body: { type: 'bytes', contentType: 'text/plain', bytes: new Uint8Array() } };
}

/** The container that is meant: the named one, or the only one, or the one that the annotation names. */
function containerOf(pod: Pod, named: string | undefined): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  if (!named) {
    const byDefault = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
    const [only, ...more] = containers;
    if (byDefault) return byDefault;
    if (only && more.length === 0) return only.name;
    const names = containers.map(({ name }) => name).join(' ');
    const initNames = initContainers.map(({ name }) => name).join(' ');
    const init = initNames === '' ? '' : ` or one of the init containers: [${initNames}]`;
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names}]${init}`,
    );
  }
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  if (!all.some(({ name }) => name === named))
    throw badRequest(`container ${named} is not valid for pod ${pod.metadata.name}`);
  return named;
}

function nodeOf(reader: ObjectReader, pod: Pod): NodeAddress {
  const name = pod.spec.nodeName;
  if (!name) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const node = reader.get(Node, { name });
  const host = node?.status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const port = node?.status.daemonEndpoints.kubeletEndpoint.Port;
  if (!host || !port) throw new StatusError('InternalError', `node ${name} has no address that it could be reached at`);
  return { host, port, name };
}

function podPath({ metadata: { namespace, name } }: Pod): string {
  return `${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

function get(
  { tls }: NodeConnectorDeps,
  node: NodeAddress,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { host, port } = node;
    const options = {
      host,
      port,
      path,
      ca: tls.ca,
      cert: tls.certificate,
      key: tls.key,
      agent: false,
      signal,
    } as const;
    const sent = httpsRequest(options, resolve);
    sent.setTimeout(CONNECT_TIMEOUT_MS, () => sent.destroy(new Error('the node did not answer')));
    sent.once('response', () => sent.setTimeout(0));
    sent.once('error', (cause) => reject(unreachable(node, path, cause)));
    sent.end();
  });
}

async function statusOf(response: IncomingMessage): Promise<StatusError> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MAX_ERROR_BYTES) break;
  }
  const status = response.statusCode ?? 500;
  if (status === 400) return badRequest(text);
  if (status === 404) return new StatusError('NotFound', `the server could not find the requested resource ( ${text})`);
  return new StatusError('InternalError', text, { code: status });
}

function unreachable({ host, port }: NodeAddress, path: string, cause: Error): StatusError {
  return new StatusError('InternalError', `Get "https://${host}:${port}${path}": ${cause.message}`, { cause });
}

/** Connects the client's upgraded connection with one to the node that asks for the same upgrade. */
function passOn(deps: NodeConnectorDeps, node: NodeAddress, path: string): Takeover {
  return {
    takeOver(exchange: RawExchange) {
      if (exchange.type !== 'upgrade') {
        exchange.respond(400, { 'content-type': 'text/plain; charset=utf-8' }).end('Upgrade request required');
        return;
      }
      const { request, socket, head } = exchange;
      const { tls } = deps;
      const { host, port } = node;
      const upstream = connectTls({
        host,
        port,
        ca: tls.ca,
        cert: tls.certificate,
        key: tls.key,
        timeout: CONNECT_TIMEOUT_MS,
      });
      upstream.once('secureConnect', () => {
        upstream.setTimeout(0);
        upstream.write(requestHead(request, path, `${host}:${port}`));
        if (head.length > 0) upstream.write(head);
        socket.pipe(upstream).pipe(socket);
      });
      upstream.once('timeout', () => upstream.destroy(new Error('the node did not answer')));
      joinFates(request, socket, upstream, (error) =>
        deps.log.debug('a connection to a node was broken', { node: node.name, error }),
      );
    },
  };
}

/** The request as the client sent it, but to the node's path and without the client's credentials. */
function requestHead(request: IncomingMessage, path: string, host: string): string {
  const lines = [`${request.method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    if (!DROPPED_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const DROPPED_HEADERS = new Set([
  'host',
  'authorization',
  'cookie',
  'impersonate-user',
  'impersonate-group',
  'impersonate-uid',
]);

/** Neither side outlives the other; before the node has answered, the client is told why there is nothing. */
function joinFates(
  request: IncomingMessage,
  socket: Duplex,
  upstream: TLSSocket,
  report: (error: Error) => void,
): void {
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
