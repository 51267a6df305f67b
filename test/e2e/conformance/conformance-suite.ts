// The frame for tests of the official conformance suite, under their names, against a cluster of two nodes that one command
// made. Each test has a namespace of its own; many run at once, for they mostly wait.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { Client } from '../../../src/client/client.ts';
import { type ClusterConfig, clusterPaths, readClusterConfig } from '../../../src/cluster/cluster-config.ts';
import { adminClient } from '../../../src/cluster/component-client.ts';
import type { ContainerInput, PodSpecInput } from '../../support/kubelet-objects.ts';
import {
  askServer,
  type ExecOptions,
  outputOf,
  podActions,
  type ServerAccess,
  type Streamed,
  shell,
  stream,
  until,
} from '../../support/node-pods.ts';

/** What one test works with. */
export interface Scene extends ReturnType<typeof podActions> {
  /** May do everything. */
  readonly client: Client;
  /** The test's own, taken away when it ends. */
  readonly namespace: string;
  /** Names of the two. */
  readonly nodes: readonly string[];
  readonly clusterName: string;
  readonly kubeconfig: string;
  /** With the administrator's certificate. */
  readonly access: ServerAccess;
  /** Makes another namespace, taken away with the first. */
  createNamespace(suffix: string): Promise<string>;
  /** What the container has printed by now. */
  logOf(pod: string, container?: string): Promise<string>;
  /** The same, once the pod has succeeded. */
  printed(pod: string, container?: string): Promise<string>;
  /** Runs a pod to its good end and resolves with what its container has printed: its environment, unless told otherwise. */
  run(container: Partial<ContainerInput>, spec?: Partial<PodSpecInput>): Promise<string>;
  /** Over a WebSocket, through the API server. */
  exec(pod: string, command: readonly string[], options?: ExecOptions): Promise<Streamed>;
  /** What a shell command in a container prints; rejects when the command fails. */
  output(pod: string, command: string, container?: string): Promise<string>;
}

/** Declares a test by its name in the suite, without the tags at its end. */
export type Conformance = (name: string, body: (scene: Scene) => Promise<void>) => void;

export interface ClusterFiles {
  readonly dataDir: string;
  readonly kubeconfig: string;
}

/** Tests may be declared before the cluster is there; `cluster` is asked when the first of them runs. */
export function conformanceSuite(cluster: () => ClusterFiles): Conformance & AsyncDisposable {
  let opened: ReturnType<typeof openCluster> | undefined;
  let count = 0;
  const conformance: Conformance = (name, body) => {
    test(name, async () => {
      opened ??= openCluster(cluster());
      const scene = await createScene(await opened, `conformance-${count++}`);
      try {
        await body(scene);
      } finally {
        await scene.removeNamespaces();
      }
    });
  };
  return Object.assign(conformance, {
    async [Symbol.asyncDispose]() {
      await (await opened)?.client[Symbol.asyncDispose]();
    },
  });
}

interface OpenCluster extends Pick<Scene, 'client' | 'nodes' | 'clusterName' | 'kubeconfig' | 'access'> {}

async function openCluster({ dataDir, kubeconfig }: ClusterFiles): Promise<OpenCluster> {
  const config = readClusterConfig(dataDir);
  if (!config) throw new Error(`there is no cluster in ${dataDir}`);
  const client = await adminClient(config, systemClock);
  const nodes = config.nodes.map(({ name }) => name);
  return { client, nodes, clusterName: config.name, kubeconfig, access: await adminAccess(config) };
}

async function adminAccess({ dataDir, advertiseAddress, apiPort }: ClusterConfig): Promise<ServerAccess> {
  const { pki } = clusterPaths(dataDir);
  const read = (file: string) => readFile(join(pki, file), 'utf8');
  const [ca, certificate, key] = await Promise.all([read('ca.crt'), read('admin.crt'), read('admin.key')]);
  return { host: `${advertiseAddress}:${apiPort}`, ca, client: { certificate, key } };
}

async function createScene(
  cluster: OpenCluster,
  namespace: string,
): Promise<Scene & { removeNamespaces(): Promise<void> }> {
  const { client, access } = cluster;
  const made: string[] = [];
  const createNamespace = async (suffix: string) => {
    const name = suffix === '' ? namespace : `${namespace}-${suffix}`;
    await client.create(Namespace, { metadata: { name } });
    made.push(name);
    await until(`the account of ${name}`, () =>
      client.get(ServiceAccount, { name: 'default', namespace: name }).catch((error) => {
        if (isStatusError(error, 'NotFound')) return undefined;
        throw error;
      }),
    );
    return name;
  };
  await createNamespace('');
  const actions = podActions(() => ({ client, namespace }));
  const path = (pod: string, subresource: string) => `/api/v1/namespaces/${namespace}/pods/${pod}/${subresource}`;
  const logOf = async (pod: string, container?: string) => {
    const query = container === undefined ? '' : `?container=${container}`;
    return (await askServer(access, `${path(pod, 'log')}${query}`)).text;
  };
  const exec: Scene['exec'] = (pod, command, options = {}) => {
    const query = new URLSearchParams({ stdout: 'true', stderr: 'true', container: options.container ?? 'main' });
    if (options.stdin) query.set('stdin', 'true');
    return stream(access, `${path(pod, options.verb ?? 'exec')}?${query}`, command, options);
  };
  const printed = async (pod: string, container?: string) => {
    await actions.podWhen(pod, 'succeeds', ({ status }) => status.phase === 'Succeeded');
    return logOf(pod, container);
  };
  let runs = 0;
  return {
    ...cluster,
    ...actions,
    namespace,
    createNamespace,
    logOf,
    printed,
    async run(container, spec = {}) {
      const name = `run-${runs++}`;
      const containers = [{ ...shell(''), command: ['env'], ...container }];
      await actions.create(name, { restartPolicy: 'Never', ...spec, containers });
      return printed(name);
    },
    exec,
    output: (pod, command, container = 'main') => outputOf(exec(pod, ['sh', '-c', command], { container })),
    async removeNamespaces() {
      for (const name of made) await client.delete(Namespace, { name });
    },
  };
}
