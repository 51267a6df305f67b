// What tests with real containers do with pods: make them, wait for them, run commands in them, through the API of a
// cluster or with the server of one node.

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Event } from '../../src/api/core/event.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import type { Client } from '../../src/client/client.ts';
import type { KeyPair } from '../../src/cluster/certificate-authority.ts';
import { type KubeletNode, NODE_NAME } from './kubelet-node.ts';
import type { ContainerInput, PodSpecInput } from './kubelet-objects.ts';

export const namespace = 'default';
const LIMIT_MS = 30_000;
const POLL_MS = 25;

export interface UntilOptions {
  readonly limitMs?: number;
  /** More, where looking is much work. */
  readonly pollMs?: number;
}

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  { limitMs = LIMIT_MS, pollMs = POLL_MS }: UntilOptions = {},
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await delay(pollMs);
  }
}

/** Pods run a shell command in busybox, end within a second when told to, and never need an image but once. */
export function shell(command: string, more: Partial<ContainerInput> = {}): ContainerInput {
  return {
    name: 'main',
    image: 'busybox:latest',
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', command],
    ...more,
  };
}

/** The server that says what reached it: see echo-server.pl for its arguments and answers. */
export function echoServer(more: Partial<ContainerInput> = {}): ContainerInput {
  return { name: 'main', image: 'echo:latest', imagePullPolicy: 'IfNotPresent', ...more };
}

/** Answers SIGTERM, which a shell as first process does not by itself, and takes no time of the machine until then. */
export function untilTold(first = ':'): string {
  return `trap 'exit 0' TERM; ${first}; while :; do sleep 3600 & wait $!; done`;
}

export function conditionOf({ status }: Pod, type: string) {
  return status.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

/** Where pods are made, and what speaks to the API for it. */
export interface PodPlace {
  readonly client: Client;
  readonly namespace: string;
  /** Absent: the scheduler chooses. */
  readonly nodeName?: string;
}

/** What can be done with the pods of a namespace through the API. */
export function podActions(place: () => PodPlace) {
  const ref = (name: string) => ({ name, namespace: place().namespace });
  async function create(name: string, spec: Partial<PodSpecInput>, metadata: object = {}): Promise<void> {
    const { client, nodeName } = place();
    await client.create(Pod, {
      metadata: { ...ref(name), ...metadata },
      spec: {
        ...(nodeName === undefined ? {} : { nodeName }),
        terminationGracePeriodSeconds: 5,
        containers: [shell(untilTold())],
        ...spec,
      },
    });
  }
  const get = (name: string) => place().client.get(Pod, ref(name));
  const podWhen = (name: string, what: string, holds: (pod: Pod) => boolean | undefined, options?: UntilOptions) => {
    let last: Pod | undefined;
    const look = async () => {
      last = await get(name);
      return holds(last) ? last : undefined;
    };
    return until(`${name}: ${what}`, look, options).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(last?.status)}`, { cause: error });
    });
  };
  const whenReady = (name: string) => podWhen(name, 'is ready', isReady);
  const remove = async (name: string, gracePeriodSeconds?: number) => {
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    await place().client.delete(Pod, ref(name), options);
  };
  const isGone = (name: string) =>
    get(name).then(
      () => false,
      (error) => isStatusError(error, 'NotFound'),
    );
  /** Without grace; resolves when nothing is left of it. */
  const removeNow = async (name: string) => {
    await remove(name, 0);
    await until(`${name} is gone`, () => isGone(name));
  };
  const eventsOf = async (name: string) =>
    (await place().client.list(Event, { namespace: place().namespace })).items.filter(
      ({ involvedObject }) => involvedObject.name === name,
    );
  return { create, get, podWhen, whenReady, remove, removeNow, isGone, eventsOf };
}

export interface ServerAccess {
  /** `127.0.0.1:6443`. */
  readonly host: string;
  readonly ca: string;
  readonly client: KeyPair;
}

/** What a server answers to a request of whoever has the certificate. */
export function askServer(
  { host, ca, client }: ServerAccess,
  path: string,
  method = 'GET',
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `https://${host}${path}`,
      { method, ca, cert: client.certificate, key: client.key },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

export interface StreamOptions {
  readonly stdin?: Buffer;
  readonly protocol?: 'v5.channel.k8s.io' | 'v4.channel.k8s.io' | 'channel.k8s.io';
}

/** What came over the channels, each as text: the status is the last of them, as JSON but for the first protocol. */
export interface Streamed {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: string;
}

/** Runs a command in a container as kubectl does, over a WebSocket, until the server closes it. */
export async function stream(
  { host, ca, client }: ServerAccess,
  path: string,
  command: readonly string[],
  { stdin, protocol = 'v5.channel.k8s.io' }: StreamOptions = {},
): Promise<Streamed> {
  const url = new URL(`wss://${host}${path}`);
  for (const word of command) url.searchParams.append('command', word);
  const socket = new WebSocket(url, [protocol], { ca, cert: client.certificate, key: client.key });
  const channels: Buffer[][] = [[], [], [], []];
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => {
      for (let at = 0; stdin && at < stdin.length; at += 32_768) {
        socket.send(Buffer.concat([Buffer.of(0), stdin.subarray(at, at + 32_768)]));
      }
      if (stdin && protocol === 'v5.channel.k8s.io') socket.send(Buffer.of(255, 0));
    });
    socket.on('message', (data: Buffer) => channels[data[0]!]?.push(data.subarray(1)));
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  const [, stdout = '', stderr = '', status = ''] = channels.map((parts) => Buffer.concat(parts).toString('utf8'));
  return { stdout, stderr, status };
}

/** What a shell command in a container prints, without white space around; rejects when the command fails. */
export async function outputOf(streaming: Promise<Streamed>): Promise<string> {
  const { stdout, stderr, status } = await streaming;
  assert.equal(JSON.parse(status || '{}').status, 'Success', `${stderr} ${status}`);
  return stdout.trim();
}

export interface ExecOptions extends StreamOptions {
  /** Absent: main. */
  readonly container?: string;
  readonly verb?: 'exec' | 'attach';
}

/** The pods of a node that has neither scheduler nor proxy: its own server is asked directly. */
export function nodePods(node: () => KubeletNode) {
  const actions = podActions(() => ({ client: node().client, namespace, nodeName: NODE_NAME }));
  const access = (): ServerAccess => {
    const { port, ca, client } = node().nodeServer();
    return { host: `127.0.0.1:${port}`, ca, client };
  };
  const ask = (path: string, method?: string) => askServer(access(), path, method);
  /** Resolves with what the container has printed, once the pod has succeeded. */
  async function printed(name: string, container = 'main'): Promise<string> {
    await actions.podWhen(name, 'succeeds', ({ status }) => status.phase === 'Succeeded');
    return (await ask(`/containerLogs/${namespace}/${name}/${container}`)).text;
  }
  const exec = (pod: string, command: readonly string[], options: ExecOptions = {}) => {
    const { container = 'main', verb = 'exec', stdin } = options;
    const query = `output=1&error=1${stdin ? '&input=1' : ''}`;
    return stream(access(), `/${verb}/${namespace}/${pod}/${container}?${query}`, command, options);
  };
  const output = (pod: string, command: string, container = 'main') =>
    outputOf(exec(pod, ['sh', '-c', command], { container }));
  return { ...actions, printed, ask, exec, output };
}
