// Network namespaces for tests: a node with pods on it, each on a link of its own as the CNI plugin ptp makes it, and hosts
// outside. Needs root. Everything is gone when the namespaces are.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { PeerAnswer, PeerCommand } from './network-peer.ts';

const run = promisify(execFile);

/** Where the pods of the node find it: on their side of the link everything goes there. */
const GATEWAY = '10.244.0.1';
const PEER = join(import.meta.dirname, 'network-peer.ts');
const TIMEOUT_MS = 3_000;

export interface Peer {
  readonly address: string;
  /** `NAME from ADDRESS` as the one that answers sees it, or the error's code, or `timeout`. */
  tcp(address: string, port: number, timeoutMs?: number): Promise<string>;
  udp(address: string, port: number, timeoutMs?: number): Promise<string>;
  /** From the same port each time. */
  udpAgain(address: string, port: number, timeoutMs?: number): Promise<string>;
}

export interface TestNetwork extends AsyncDisposable {
  /** The namespace of the node, as a path. */
  readonly nodePath: string;
  /** 192.0.2.1, with a way out through the client. */
  readonly node: Peer;
  /** Outside of the cluster: 192.0.2.2. */
  readonly client: Peer;
  /** 10.244.0.11, .12 and .13, on the node. */
  readonly pods: readonly [Peer, Peer, Peer];
  /** 10.244.1.5: a pod on another node. */
  readonly remote: Peer;
}

/** Everybody listens on the ports, over TCP and UDP. */
export async function testNetwork(ports: readonly number[]): Promise<TestNetwork> {
  const tag = randomBytes(3).toString('hex');
  await using stack = new AsyncDisposableStack();
  const namespaceOf = (name: string) => `t8s-${tag}-${name}`;
  const add = async (name: string) => {
    await run('ip', ['netns', 'add', namespaceOf(name)]);
    stack.defer(async () => void (await run('ip', ['netns', 'delete', namespaceOf(name)])));
    await ip(namespaceOf(name), 'link set lo up');
  };
  const node = namespaceOf('node');
  await add('node');
  await run('ip', ['netns', 'exec', node, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);

  await add('client');
  await link(node, 'out', namespaceOf('client'));
  await ip(node, 'addr add 192.0.2.1/24 dev out', 'link set out up', 'route add default via 192.0.2.2');
  await ip(
    namespaceOf('client'),
    'addr add 192.0.2.2/24 dev eth0',
    'link set eth0 up',
    'route add default via 192.0.2.1',
  );
  for (const [name, address] of PODS) {
    await add(name);
    await link(node, name, namespaceOf(name));
    await ip(node, `addr add ${GATEWAY}/32 dev ${name}`, `link set ${name} up`, `route add ${address} dev ${name}`);
    await ip(
      namespaceOf(name),
      `addr add ${address}/32 dev eth0`,
      'link set eth0 up',
      `route add ${GATEWAY} dev eth0`,
      `route add default via ${GATEWAY}`,
    );
  }

  const peer = async (name: string, address: string) =>
    stack.use(await startPeer(`/run/netns/${namespaceOf(name)}`, name, address, ports));
  const [nodePeer, client, ...pods] = await Promise.all([
    peer('node', '192.0.2.1'),
    peer('client', '192.0.2.2'),
    ...PODS.map(([name, address]) => peer(name, address)),
  ]);
  const [one, two, three, remote] = pods as readonly Peer[] as readonly [Peer, Peer, Peer, Peer];
  const owned = stack.move();
  return {
    nodePath: `/run/netns/${node}`,
    node: nodePeer!,
    client: client!,
    pods: [one, two, three],
    remote,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const PODS = [
  ['pod1', '10.244.0.11'],
  ['pod2', '10.244.0.12'],
  ['pod3', '10.244.0.13'],
  ['remote', '10.244.1.5'],
] as const;

/** Runs a program in the namespace, with text on its standard input. Rejects with what it complains of. */
export function runIn(namespacePath: string, command: readonly string[], input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nsenter', [`--net=${namespacePath}`, ...command], { stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString('utf8');
    });
    child.once('error', reject);
    child.stdin.on('error', () => {}); // It ended early: its exit code says why.
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(Object.assign(new Error(errors), { stderr: errors })),
    );
    child.stdin.end(input);
  });
}

/** A pair of interfaces: `name` on the node, `eth0` in the other namespace. */
async function link(node: string, name: string, other: string): Promise<void> {
  await ip(node, `link add ${name} type veth peer name eth0 netns ${other}`);
}

async function ip(namespace: string, ...commands: readonly string[]): Promise<void> {
  for (const command of commands) await run('ip', ['-n', namespace, ...command.split(' ')]);
}

async function startPeer(
  namespacePath: string,
  name: string,
  address: string,
  ports: readonly number[],
): Promise<Peer & AsyncDisposable> {
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', PEER, name, ...ports.map(String)];
  const child = spawn('nsenter', [`--net=${namespacePath}`, ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (answer: PeerAnswer) => void>();
  const ready = Promise.withResolvers<void>();
  child.once('exit', () => ready.reject(new Error(`the peer ${name} ended`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as PeerAnswer | 'ready';
    if (said === 'ready') ready.resolve();
    else waiting.get(said.id)?.(said);
  });
  await ready.promise;
  let last = 0;
  const ask =
    (what: PeerCommand['what']) =>
    async (to: string, port: number, timeoutMs = TIMEOUT_MS) => {
      const id = ++last;
      const answer = await new Promise<PeerAnswer>((resolve) => {
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ id, what, address: to, port, timeoutMs })}\n`);
      });
      waiting.delete(id);
      return answer.error ?? `${answer.name} from ${answer.from}`;
    };
  return {
    address,
    ...{ tcp: ask('tcp'), udp: ask('udp'), udpAgain: ask('udp-again') },
    [Symbol.asyncDispose]: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await exit;
}
