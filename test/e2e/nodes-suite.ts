// Several nodes on one machine, with the real kubectl: pods reach each other and services from everywhere, nodes come and
// go, are drained, and are cut off. The steps build on each other.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { readClusterConfig } from '../../src/cluster/cluster-config.ts';
import { bridgeName, linkName } from '../../src/cluster/cluster-names.ts';
import { componentPid, nodeComponent } from '../../src/cluster/component.ts';
import { ensureInstalled } from '../support/system-packages.ts';
import { nodePrograms } from './node-programs.ts';
import { createTestCluster, eventually, type TestCluster } from './test-cluster.ts';
import { isPodRoute, traces } from './traces.ts';
import { wholeMachine } from './whole-machine.ts';

const run = promisify(execFile);
const NAME = 'e2e-nodes';
const skip = await ensureInstalled(nodePrograms);
if (!skip) await wholeMachine();

describe('a cluster of several nodes on one machine', { skip: skip ?? false }, () => {
  let cluster: TestCluster;
  let beforehand: Awaited<ReturnType<typeof traces>>;
  let nodes: readonly string[];

  before(async () => {
    beforehand = await traces();
    cluster = await createTestCluster(NAME);
  });
  after(() => cluster?.[Symbol.asyncDispose]());

  const field = (what: string, path: string) => cluster.kubectl(`get ${what} -o jsonpath={${path}}`);
  const readyOf = (node: string) => field(`node ${node}`, '.status.conditions[?(@.type=="Ready")].status');
  const startOn = (name: string, node: string, image: string, ...command: readonly string[]) =>
    cluster.kubectl(`run ${name} --image=${image} --restart=Never --labels=app=${image.split(':')[0]}`, {
      args: [
        `--overrides=${JSON.stringify({ spec: { nodeName: node } })}`,
        ...(command.length > 0 ? ['--command', '--', ...command] : []),
      ],
    });
  const page = (client: string, host: string) =>
    eventually(
      `${client} to be served by ${host}`,
      () => cluster.kubectl(`exec ${client} -- wget -q -O - http://${host}/`),
      (text) => /nginx/i.test(text),
      { withinMs: 20_000 },
    );
  const namespaces = async (): Promise<readonly string[]> => (await traces()).namespaces;
  const nodesOfWeb = async () => (await field('pods -l app=web', '.items[*].spec.nodeName')).split(' ').filter(Boolean);
  const webIsReady = (count: number) =>
    eventually(
      `${count} replicas to be ready`,
      () => field('deployment web', '.status.readyReplicas'),
      (ready) => ready === String(count),
      { withinMs: 60_000 },
    );

  test('up --nodes 2 makes two nodes that are ready', async () => {
    assert.match(await cluster.t8s('up', '--nodes', '2'), /is up: 2 nodes/);
    nodes = readClusterConfig(cluster.dataDir)!.nodes.map(({ name }) => name);
    assert.equal(nodes.length, 2);
    for (const node of nodes) assert.equal(await readyOf(node), 'True');
    const addresses = await field('nodes', '.items[*].status.addresses[?(@.type=="InternalIP")].address');
    assert.equal(new Set(addresses.split(' ')).size, 2);
    assert.match(await cluster.t8s('up', '--nodes', '2'), /is up: 2 nodes/); // Again: nothing changes.
    await assert.rejects(cluster.t8s('up', '--nodes', '3'), /t8s node add/);
  });

  test('pods of both nodes reach each other, services and names', async () => {
    for (const [index, node] of nodes.entries()) {
      await startOn(`server-${index}`, node, 'nginx:alpine');
      await startOn(`client-${index}`, node, 'busybox', 'sleep', '3600');
    }
    await cluster.kubectl('wait --for=condition=Ready pod --all --timeout=90s');
    const address = (pod: string) => field(`pod ${pod}`, '.status.podIP');
    await cluster.kubectl('create service clusterip only-there --tcp=80:80');
    await cluster.kubectl('label pod server-1 place=there');
    await cluster.kubectl('set selector service only-there place=there');
    for (const client of ['client-0', 'client-1']) {
      for (const server of ['server-0', 'server-1']) await page(client, await address(server));
      await page(client, await field('service only-there', '.spec.clusterIP'));
      await page(client, 'only-there');
      await page(client, 'only-there.default.svc.cluster.local');
    }
  });

  test('logs, exec and the figures of a node come from whichever it is', async () => {
    for (const index of [0, 1]) {
      assert.equal(await cluster.kubectl(`exec client-${index} -- echo here`), 'here\n');
      assert.match(await cluster.kubectl(`logs server-${index}`), /GET \/ HTTP/);
      assert.equal(await cluster.kubectl(`get --raw /api/v1/nodes/${nodes[index]}/proxy/healthz`), 'ok');
    }
  });

  test('drain empties a node, which takes pods again after uncordon', async () => {
    await cluster.kubectl('delete pod --all --now');
    await cluster.kubectl('create deployment web --image=nginx:alpine --replicas=4');
    await webIsReady(4);
    assert.deepEqual(new Set(await nodesOfWeb()), new Set(nodes));
    await cluster.kubectl(`drain ${nodes[1]} --ignore-daemonsets --force --delete-emptydir-data --timeout=90s`);
    await webIsReady(4);
    assert.deepEqual(new Set(await nodesOfWeb()), new Set([nodes[0]]));
    assert.match(await cluster.kubectl(`get node ${nodes[1]} --no-headers`), /Ready,SchedulingDisabled/);
    await cluster.kubectl(`uncordon ${nodes[1]}`);
    await cluster.kubectl(`taint node ${nodes[0]} only=test:NoSchedule`);
    await cluster.kubectl('scale deployment web --replicas=6');
    await webIsReady(6);
    assert.equal((await nodesOfWeb()).filter((node) => node === nodes[1]).length, 2);
    await cluster.kubectl(`taint node ${nodes[0]} only-`);
  });

  test('node add makes a node, node list shows it, its agent is kept alive, and node remove takes it away', async () => {
    assert.match(await cluster.t8s('node add', 'third'), /Node third was added/);
    assert.match(await cluster.t8s('node list'), /^third\s+Ready\s/m);
    await startOn('visitor', 'third', 'busybox', 'sleep', '3600');
    await cluster.kubectl('wait --for=condition=Ready pod/visitor --timeout=60s');
    await cluster.kubectl('expose deployment web --port=80');
    await page('visitor', 'web');
    await assert.rejects(cluster.t8s('node add', 'third'), /already/);
    const agent = componentPid(cluster.dataDir, nodeComponent('third'))!;
    process.kill(agent, 'SIGKILL');
    await eventually(
      'the agent to be started again',
      async () => componentPid(cluster.dataDir, nodeComponent('third')),
      (pid) => pid !== undefined && pid !== agent,
    );
    await page('visitor', 'web');
    await assert.rejects(cluster.t8s('node remove', nodes[0]!), /this machine itself/);
    assert.match(await cluster.t8s('node remove', 'third'), /Node third was removed/);
    assert.deepEqual((await field('nodes', '.items[*].metadata.name')).split(' ').sort(), [...nodes].sort());
    assert.notEqual((await cluster.tryKubectl('get pod visitor')).code, 0);
    assert.equal((await namespaces()).includes(`t8s-${NAME}-third`), false);
  });

  test('a node that is cut off becomes NotReady, its pods move, and it comes back', async () => {
    // Pods leave a node that is not ready after five minutes, unless they say how long they can wait.
    const toleration = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 });
    const tolerations = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map(toleration);
    await cluster.kubectl('patch deployment web --type=merge', {
      args: ['-p', JSON.stringify({ spec: { template: { spec: { tolerations } } } })],
    });
    await cluster.kubectl('rollout status deployment/web --timeout=90s');
    assert.deepEqual(new Set(await nodesOfWeb()), new Set(nodes));
    const link = linkName(NAME, nodes[1]!);
    await run('ip', ['link', 'set', link, 'down']);
    await eventually(
      'the node to be not ready',
      () => readyOf(nodes[1]!),
      (status) => status === 'Unknown',
      { withinMs: 90_000 },
    );
    await webIsReady(6);
    await run('ip', ['link', 'set', link, 'up']);
    await eventually(
      'the node to be ready again',
      () => readyOf(nodes[1]!),
      (status) => status === 'True',
      { withinMs: 60_000 },
    );
    await eventually('the pods that moved to be gone from the node', nodesOfWeb, (all) => all.length === 6, {
      withinMs: 60_000,
    });
    await startOn('back', nodes[1]!, 'busybox', 'sleep', '3600');
    await cluster.kubectl('wait --for=condition=Ready pod/back --timeout=60s');
    await page('back', 'web');
  });

  test('down and up bring both nodes back', async () => {
    await cluster.t8s('down');
    assert.match(await cluster.t8s('up'), /is up: 2 nodes/);
    await webIsReady(6);
  });

  test('delete leaves nothing behind', async () => {
    await cluster.t8s('delete');
    const left = await traces();
    const added = (what: keyof typeof left) => {
      const known = new Set<string>(beforehand[what]);
      return [...left[what]].filter((entry: string) => !known.has(entry));
    };
    const links = new Set([bridgeName(NAME), ...nodes.map((node) => linkName(NAME, node))]);
    assert.deepEqual(
      added('interfaces').filter((name) => links.has(name)),
      [],
    );
    assert.deepEqual(added('routes').filter(isPodRoute), []);
    for (const what of ['namespaces', 'mounts', 'processes', 'rules', 'cgroups'] as const) {
      const ours = added(what).filter((entry: string) => /e2e[-_]nodes/.test(entry) || entry.includes(cluster.dataDir));
      assert.deepEqual(ours, [], `${what} left behind`);
    }
    assert.equal((await run('ip', ['route', 'show', 'proto', '84'])).stdout, '');
  });
});
