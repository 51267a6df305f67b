// What tests with real containers do with pods of their node: make them, wait for them, ask the node's server about them.

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Event } from '../../src/api/core/event.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { type KubeletNode, NODE_NAME } from './kubelet-node.ts';
import type { ContainerInput, PodSpecInput } from './kubelet-objects.ts';

export const namespace = 'default';
const LIMIT_MS = 30_000;

export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await delay(25);
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

/** Answers SIGTERM, which a shell as first process does not by itself. */
export function untilTold(first = ':'): string {
  return `trap 'exit 0' TERM; ${first}; while :; do sleep 0.05; done`;
}

export function conditionOf({ status }: Pod, type: string) {
  return status.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

export interface ExecOptions {
  /** Absent: main. */
  readonly container?: string;
  readonly stdin?: Buffer;
  readonly protocol?: 'v5.channel.k8s.io' | 'v4.channel.k8s.io';
  readonly verb?: 'exec' | 'attach';
}

export function nodePods(node: () => KubeletNode) {
  async function create(name: string, spec: Partial<PodSpecInput>, metadata: object = {}): Promise<void> {
    await node().client.create(Pod, {
      metadata: { name, namespace, ...metadata },
      spec: { nodeName: NODE_NAME, terminationGracePeriodSeconds: 5, containers: [shell(untilTold())], ...spec },
    });
  }
  const get = (name: string) => node().client.get(Pod, { name, namespace });
  const podWhen = (name: string, what: string, holds: (pod: Pod) => boolean | undefined) => {
    let last: Pod | undefined;
    return until(`${name}: ${what}`, async () => {
      last = await get(name);
      return holds(last) ? last : undefined;
    }).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(last?.status)}`, { cause: error });
    });
  };
  const whenReady = (name: string) => podWhen(name, 'is ready', isReady);
  /** Resolves with what the container has printed, once the pod has succeeded. */
  async function printed(name: string, container = 'main'): Promise<string> {
    await podWhen(name, 'succeeds', ({ status }) => status.phase === 'Succeeded');
    return (await ask(`/containerLogs/${namespace}/${name}/${container}`)).text;
  }
  const remove = async (name: string, gracePeriodSeconds?: number) => {
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    await node().client.delete(Pod, { name, namespace }, options);
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
    (await node().client.list(Event, { namespace })).items.filter(({ involvedObject }) => involvedObject.name === name);

  /** What the node's server answers to the API server. */
  function ask(path: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string }> {
    const { port, ca, client } = node().nodeServer();
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, path, method, ca, cert: client.certificate, key: client.key },
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

  /** Runs a command in a container as kubectl does, over a WebSocket. */
  async function exec(
    pod: string,
    command: readonly string[],
    { container = 'main', stdin, protocol = 'v5.channel.k8s.io', verb = 'exec' }: ExecOptions = {},
  ): Promise<{ stdout: string; stderr: string; status: string }> {
    const { port, ca, client } = node().nodeServer();
    const query = new URLSearchParams({ output: '1', error: '1', ...(stdin ? { input: '1' } : {}) });
    for (const word of command) query.append('command', word);
    const url = `wss://127.0.0.1:${port}/${verb}/${namespace}/${pod}/${container}?${query}`;
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
  const output = async (pod: string, command: string, container = 'main') => {
    const { stdout, stderr, status } = await exec(pod, ['sh', '-c', command], { container });
    assert.equal(JSON.parse(status || '{}').status, 'Success', `${command}: ${stderr} ${status}`);
    return stdout.trim();
  };
  return { create, get, podWhen, whenReady, printed, remove, removeNow, isGone, eventsOf, ask, exec, output };
}
