// What the node agent's own server answers: logs, exec, attach and port-forward for clients of the API server, which comes
// here for them, and figures of what is used. Who may come is node-server.ts's.

import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Cri } from '../../cri/cri.ts';
import type { AgentMetrics } from '../agent-metrics.ts';
import type { ReadFigures } from '../figures/figures.ts';
import type { ServedPods } from '../served-pods.ts';
import { checkpointContainer } from './checkpoint-request.ts';
import type { DelegatedAccess } from './delegated-access.ts';
import { answerFigures } from './figures-request.ts';
import { answerLog } from './log-request.ts';
import { type NodeRequest, type NodeServer, type NodeServerOptions, startNodeServer } from './node-server.ts';
import { pipeUpgrade } from './pipe-upgrade.ts';
import { bridgeRemoteCommand, remoteCommandProtocol } from './remote-command.ts';
import { RequestError } from './request-error.ts';
import { answerSystemLogs } from './system-logs.ts';

export interface KubeletServerDeps {
  readonly pods: ServedPods;
  readonly cri: Pick<Cri, 'exec' | 'attach' | 'portForward' | 'checkpointContainer'>;
  readonly access: Pick<DelegatedAccess, 'check'>;
  readonly figures: ReadFigures;
  readonly metrics: AgentMetrics;
  /** What /configz shows: the agent's settings under upstream's names. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The machine's own logs. */
  readonly systemLogsDir: string;
  /** Where checkpoints of containers are written. */
  readonly checkpointsDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Rejects when the address cannot be listened on. */
export function startKubeletServer(deps: KubeletServerDeps, options: NodeServerOptions): Promise<NodeServer> {
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => remoteCommandProtocol(offered) ?? false,
  });
  return startNodeServer(
    {
      ...deps,
      check: (requester, asked) => deps.access.check(requester, asked),
      answer: (request, response, signal) => answer(deps, request, response, signal),
      upgrade: (request, socket, head) => upgrade(deps, webSockets, request, socket, head),
    },
    options,
  );
}

async function answer(
  deps: KubeletServerDeps,
  request: NodeRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { verb, names, query, message } = request;
  if (verb === 'checkpoint' && message.method === 'POST') {
    const { pods } = deps;
    const of = { ...findContainer(pods, names), query };
    const location = await checkpointContainer(
      { ...deps, running: (pod, name) => pods.running(pod, name) },
      of,
      signal,
    );
    return sendJson(response, { items: [location] });
  }
  if (message.method !== 'GET') throw new RequestError(405, 'method not allowed');
  switch (verb) {
    case 'healthz':
      if (names.length > 1 || !HEALTH_CHECKS.includes(names[0] ?? ''))
        throw new RequestError(404, '404 page not found');
      return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
    case 'configz':
      return sendJson(response, { kubeletconfig: deps.configuration });
    case 'logs':
      return answerSystemLogs(deps.systemLogsDir, names, response);
    case 'pods': {
      const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: deps.pods.pods() };
      return sendJson(response, list);
    }
    case 'containerLogs':
      return answerLog(deps, { ...findContainer(deps.pods, names), query }, response, signal);
    case 'metrics': {
      const text =
        names.length === 0 ? deps.metrics.own() : names.join('/') === 'probes' ? deps.metrics.probes() : undefined;
      if (text === undefined) return answerFigures(deps, request, response, signal);
      return void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    }
    case 'stats':
      return answerFigures(deps, request, response, signal);
    default:
      throw new RequestError(404, '404 page not found');
  }
}

const HEALTH_CHECKS: readonly string[] = ['', 'ping', 'log', 'syncloop'];

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function upgrade(
  { pods, cri, log }: KubeletServerDeps,
  webSockets: WebSocketServer,
  { verb, names, query, message }: NodeRequest,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  if (verb === 'portForward') {
    const pod = findPod(pods, names);
    const podSandboxId = await pods.sandbox(pod);
    if (!podSandboxId) throw new RequestError(400, `pod ${pod.metadata.name} has no sandbox`);
    const { url: target } = await cri.portForward({ podSandboxId, port: query.getAll('port').map(Number) });
    return pipeUpgrade(message, socket, head, target);
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
  if (message.headers.upgrade?.toLowerCase() !== 'websocket') return pipeUpgrade(message, socket, head, target);
  webSockets.handleUpgrade(message, socket, head, (webSocket) => {
    bridgeRemoteCommand(webSocket, target, streams).catch((error) => {
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
    const { name, namespace } = pod.metadata;
    throw new RequestError(404, `container ${container} not found in pod ${name}_${namespace}`);
  }
  return { pod, container };
}

function hasTerminal({ spec }: Pod, name: string): boolean {
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  return containers.find((container) => container.name === name)?.tty === true;
}
