// A machine joins with a token: a second data directory, in a network namespace that stands for the machine. Nothing else of
// the first one's is used but its API.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ensureInstalled } from '../support/system-packages.ts';
import { nodePrograms } from './node-programs.ts';
import { createTestCluster, eventually, type TestCluster } from './test-cluster.ts';
import { wholeMachine } from './whole-machine.ts';

const run = promisify(execFile);
const T8S = join(import.meta.dirname, '..', '..', 't8s');
const NAMESPACE = 't8s-e2e-other';
const [HERE, THERE] = ['10.91.7.1', '10.91.7.2'];
const skip = await ensureInstalled(nodePrograms);
if (!skip) await wholeMachine();

describe('a machine that joins', { skip: skip ?? false }, () => {
  const stack = new AsyncDisposableStack();
  let cluster: TestCluster;
  let dataDir: string;
  let words: readonly string[];
  let mirror: string;

  before(async () => {
    const directory = await mkdtemp(join(tmpdir(), 't8s-join-'));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    dataDir = join(directory, 'data');
    await ip(`netns add ${NAMESPACE}`);
    stack.defer(() => ip(`netns delete ${NAMESPACE}`));
    await ip(`link add t8s-e2e-there type veth peer name eth0 netns ${NAMESPACE}`);
    await ip(`address add ${HERE}/24 dev t8s-e2e-there`);
    await ip('link set t8s-e2e-there up');
    for (const line of ['link set lo up', 'link set eth0 up', `address add ${THERE}/24 dev eth0`]) {
      await ip(`-n ${NAMESPACE} ${line}`);
    }
    await ip(`-n ${NAMESPACE} route add default via ${HERE}`);
    cluster = stack.use(await createTestCluster('e2e-join'));
    mirror = `docker.io=http://${HERE}:${await relay(new URL(cluster.registry.url), stack)}`;
    stack.defer(async () => void (await there('delete').catch(() => {})));
  });
  after(() => stack.disposeAsync());

  /** A command on the other machine. */
  const there = async (...args: readonly string[]) => {
    const all = [...args, '--name', 'e2e-join', '--data-dir', dataDir];
    const { stdout, stderr } = await run('nsenter', [`--net=/run/netns/${NAMESPACE}`, T8S, ...all]);
    return stdout + stderr;
  };
  const readyOf = (node: string) =>
    cluster.kubectl(`get node ${node} -o jsonpath={.status.conditions[?(@.type=="Ready")].status}`);

  test('is told how by token create', async () => {
    await cluster.t8s('up');
    words = (await cluster.t8s('token create')).trim().split(' ').slice(1);
    assert.deepEqual([words[0], words[2], words[4]], ['join', '--token', '--ca-cert-hash']);
  });

  test('is refused with a token that is none of the cluster, and trusts no other authority', async () => {
    const join_ = (token: string, hash: string) =>
      there('join', words[1]!, '--token', token, '--ca-cert-hash', hash, '--node-name', 'joined');
    await assert.rejects(join_('abcdef.0123456789abcdef', words[5]!), /does not know this token/);
    await assert.rejects(join_(words[3]!, `sha256:${'0'.repeat(64)}`), /certificate authority is another one/);
    assert.notEqual((await cluster.tryKubectl('get node joined')).code, 0);
  });

  test('becomes a node, whose pods reach services and are reached', async () => {
    assert.match(await there(...words, '--node-name', 'joined', '--registry-mirror', mirror), /Node joined has joined/);
    assert.equal(await readyOf('joined'), 'True');
    const on = (node: string) => `--overrides=${JSON.stringify({ spec: { nodeName: node } })}`;
    const [first = ''] = (await cluster.kubectl('get nodes -o jsonpath={.items[*].metadata.name}'))
      .split(' ')
      .filter((name) => name !== 'joined');
    for (const [index, node] of [first, 'joined'].entries()) {
      await cluster.kubectl(`run web-${index} --image=nginx:alpine --labels=app=web-${index}`, { args: [on(node)] });
      await cluster.kubectl(`run client-${index} --image=busybox --restart=Never`, {
        args: [on(node), '--command', '--', 'sleep', '3600'],
      });
      await cluster.kubectl(`expose pod web-${index} --port=80`);
    }
    await cluster.kubectl('wait --for=condition=Ready pod --all --timeout=90s');
    for (const client of ['client-0', 'client-1']) {
      for (const service of ['web-0', 'web-1']) {
        await eventually(
          `${client} to be served by ${service}`,
          () => cluster.kubectl(`exec ${client} -- wget -q -O - http://${service}/`),
          (page) => /nginx/i.test(page),
        );
      }
    }
    assert.match(await cluster.kubectl('logs web-1'), /GET \/ HTTP/);
  });

  test('is stopped, started and taken away by its own commands', async () => {
    assert.match(await there('status'), /Nodes: 1 of 1 ready/);
    await there('down');
    assert.match(await there('up'), /is up: 1 node/);
    assert.equal(await readyOf('joined'), 'True');
    await there('delete');
    assert.equal(
      (await run('ip', ['-n', NAMESPACE, '-brief', 'link', 'show', 'type', 'veth'])).stdout.split('\n').length,
      2,
    );
    await cluster.kubectl('delete node joined');
  });
});

async function ip(line: string): Promise<void> {
  await run('ip', line.split(' '));
}

/** The registry listens on the loopback, which is not the other machine's. Resolves to the port that leads there. */
async function relay({ hostname, port }: URL, stack: AsyncDisposableStack): Promise<number> {
  const server = createServer((socket) => {
    const to = connect(Number(port), hostname);
    for (const [from, into] of [
      [socket, to],
      [to, socket],
    ] as const) {
      from.on('error', () => into.destroy());
      from.pipe(into);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, HERE, resolve));
  stack.defer(async () => void server.close());
  return (server.address() as { port: number }).port;
}
