// Logs, exec, attach and port-forward: the API server hands these on to the agent of the pod's node, over TLS with its own
// client certificate. What was upgraded is passed through byte for byte; protocols are the agent's business. Upstream:
// pkg/registry/core/pod/strategy.go (LogLocation, streamLocation).

import { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { Logger } from '../../base/log.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { Connector, ConnectRequest, Takeover } from './connector.ts';
import { agentAddress, agentError, getFromAgent, type NodeAddress } from './node-agent.ts';
import { type BackendTls, passUpgrade } from './pass-upgrade.ts';
import { asksForWebSocket, overWebSocket } from './web-socket-stream.ts';

export interface NodeConnectorDeps {
  readonly reader: ObjectReader;
  readonly log: Logger;
  /** Who the agents are signed by, and what the API server shows them. */
  readonly tls: BackendTls;
}

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

async function readLog(deps: NodeConnectorDeps, request: ConnectRequest): Promise<ApiResponse | Takeover> {
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
  const response = await getFromAgent(nodeOf(deps.reader, pod), path, { tls: deps.tls, signal });
  if (response.statusCode !== 200) throw await agentError(response);
  if (asksForWebSocket(request.request)) return overWebSocket(response);
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
  const address = node && agentAddress(node);
  if (!address) throw new StatusError('InternalError', `node ${name} has no address that it could be reached at`);
  return address;
}

function podPath({ metadata: { namespace, name } }: Pod): string {
  return `${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/** Hands the client's upgraded connection on to the node. */
function passOn(deps: NodeConnectorDeps, node: NodeAddress, path: string): Takeover {
  return {
    takeOver(exchange) {
      if (exchange.type === 'upgrade') return passUpgrade(deps, { ...node, tls: deps.tls }, path, exchange);
      exchange.respond(400, { 'content-type': 'text/plain; charset=utf-8' }).end('Upgrade request required');
    },
  };
}
