// The components of a cluster as processes: how each is started, found, watched and stopped. Every component listens on
// a socket of its own that closes when it dies; whoever guards it (guard.ts) sees that at once, without polling.

import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { clusterPaths, readClusterConfig } from './cluster-config.ts';
import { enterNode } from './machines.ts';
import { isAlive, livePid, removeProcessFile, writeProcessFile } from './process-file.ts';

/** `control-plane`, `simulated-nodes`, or `node-NAME`. */
export type ComponentName = string;

export const CONTROL_PLANE: ComponentName = 'control-plane';
export const SIMULATED_NODES: ComponentName = 'simulated-nodes';
export const nodeComponent = (node: string): ComponentName => `node-${node}`;

/** The program of a component: a file of src/bin and its arguments. */
export function componentProgram(name: ComponentName): { readonly entry: string; readonly args: readonly string[] } {
  if (name === CONTROL_PLANE || name === SIMULATED_NODES) return { entry: `${name}.ts`, args: [] };
  return { entry: 'node-agent.ts', args: ['--node', name.slice('node-'.length)] };
}

/**
 * V8 lets its generations grow by the machine's memory and keeps what they once had. Limited, a component falls back to
 * about what it holds when work has gone, and its collections stay short. The control plane makes much more garbage, for
 * which more room costs less time (`npm run bench -- api idle node` shows both).
 */
export function nodeFlagsOf(name: ComponentName, inherited: readonly string[] = process.execArgv): readonly string[] {
  const limits =
    name === CONTROL_PLANE ? ['--max-semi-space-size=8'] : ['--max-semi-space-size=2', '--heap-growing-percent=20'];
  const own = ['--disable-warning=ExperimentalWarning', ...limits];
  const isOwn = (flag: string) => own.some((each) => each.split('=')[0] === flag.split('=')[0]);
  return [...own, ...inherited.filter((flag) => !isOwn(flag))];
}

function filesOf(dataDir: string, name: ComponentName) {
  const { run, logs } = clusterPaths(dataDir);
  return { pid: join(run, `${name}.pid`), socket: join(run, `${name}.sock`), log: join(logs, `${name}.log`) };
}

export function logFileOf(dataDir: string, name: ComponentName): string {
  return filesOf(dataDir, name).log;
}

/** The component's pid while it is alive. */
export function componentPid(dataDir: string, name: ComponentName): number | undefined {
  return livePid(filesOf(dataDir, name).pid);
}

/** Starts the component in the background, on its own, unless it is alive. Output is appended to its log. */
export function startComponent(dataDir: string, name: ComponentName): void {
  const way = wayInto(dataDir, name);
  if (!way || componentPid(dataDir, name) !== undefined) return;
  const { run, logs } = clusterPaths(dataDir);
  mkdirSync(run, { recursive: true, mode: 0o700 });
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const { log } = filesOf(dataDir, name);
  const output = openSync(log, 'a', 0o600);
  const { entry, args } = componentProgram(name);
  const program = join(import.meta.dirname, '..', 'bin', entry);
  const node = [process.execPath, ...nodeFlagsOf(name)];
  const [command, ...rest] = [...way, ...allocatorOf(name), ...node, program, '--data-dir', dataDir];
  const child = spawn(command!, [...rest, ...args], {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: '/',
  });
  // From now on it counts as running, so that nobody starts it a second time before it has registered itself.
  if (child.pid !== undefined) writeProcessFile(filesOf(dataDir, name).pid, child.pid);
  child.unref();
}

/** The C library keeps a heap for each thread, up to eight for each processor, and each of them keeps what it once had. */
function allocatorOf(name: ComponentName): readonly string[] {
  return name === CONTROL_PLANE ? [] : ['env', 'MALLOC_ARENA_MAX=2'];
}

/** What the component is started by, which becomes it. Undefined for the agent of a node that has been removed. */
function wayInto(dataDir: string, name: ComponentName): readonly string[] | undefined {
  if (name === CONTROL_PLANE || name === SIMULATED_NODES) return [];
  const config = readClusterConfig(dataDir);
  const node = config?.nodes.find((each) => nodeComponent(each.name) === name);
  return config && node && enterNode(config, node);
}

/**
 * Registers the calling process as the component. Throws when that component is already alive. Disposing takes the
 * records away.
 */
export async function registerComponent(dataDir: string, name: ComponentName): Promise<AsyncDisposable> {
  const files = filesOf(dataDir, name);
  const other = componentPid(dataDir, name);
  if (other !== undefined && other !== process.pid) throw new Error(`${name} is already running as process ${other}`);
  mkdirSync(clusterPaths(dataDir).run, { recursive: true, mode: 0o700 });
  writeProcessFile(files.pid);
  rmSync(files.socket, { force: true });
  const watchers = new Set<Socket>();
  const server = createServer((socket) => {
    watchers.add(socket);
    socket.on('error', () => {}); // A watcher that went away is no concern of ours.
    socket.on('close', () => watchers.delete(socket));
  });
  await listening(server, files.socket);
  return {
    async [Symbol.asyncDispose]() {
      removeProcessFile(files.pid);
      for (const socket of watchers) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(files.socket, { force: true });
    },
  };
}

/** Resolves when the component's process has ended, at once if it does not listen. Rejects when the signal aborts. */
export function componentGone(dataDir: string, name: ComponentName, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(filesOf(dataDir, name).socket);
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', () => {}); // 'close' follows.
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    socket.resume();
  });
}

/** Asks the component to end (SIGTERM) and waits for it; after the deadline it is killed. */
export async function stopComponent(dataDir: string, name: ComponentName, { deadlineMs = 20_000 } = {}): Promise<void> {
  const pid = componentPid(dataDir, name);
  if (pid === undefined) return;
  tell(pid, 'SIGTERM');
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    await componentGone(dataDir, name, signal);
    await ended(pid, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    tell(pid, 'SIGKILL');
    await ended(pid, AbortSignal.timeout(5_000));
  }
  removeProcessFile(filesOf(dataDir, name).pid);
}

/** The last bytes of a component's log, for a message about its death. */
export function logTail(dataDir: string, name: ComponentName, maxBytes = 2_000): string {
  try {
    const text = readFileSync(filesOf(dataDir, name).log, 'utf8');
    return text.slice(-maxBytes);
  } catch {
    return ''; // It never came to writing one.
  }
}

export function logSize(dataDir: string, name: ComponentName): number {
  return statSync(filesOf(dataDir, name).log, { throwIfNoEntry: false })?.size ?? 0;
}

/** The socket closes a moment before the process is gone; there is no event for the rest of the way. */
async function ended(pid: number, signal: AbortSignal): Promise<void> {
  while (isAlive(pid)) await wait(10, undefined, { signal });
}

function tell(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // It has ended by itself.
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}
