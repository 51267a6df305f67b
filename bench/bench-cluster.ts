// A cluster for benchmarks, made with the command that users have, in a directory and on a port of its own.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import type { Client } from '../src/client/client.ts';
import { readClusterConfig } from '../src/cluster/cluster-config.ts';
import { componentPid } from '../src/cluster/component.ts';
import { adminClient } from '../src/cluster/component-client.ts';

export interface BenchCluster extends AsyncDisposable {
  readonly dataDir: string;
  /** Runs t8s; rejects when it fails. Resolves to when each line was printed, in ms since the command was started. */
  t8s(command: string, ...args: readonly string[]): Promise<CommandRun>;
  /** A client with the administrator's certificate. The caller closes it. */
  admin(): Promise<Client>;
  processOf(component: string): ProcessFigures;
}

export interface CommandRun {
  readonly elapsedMs: number;
  /** When a line came that holds the text. */
  saw(text: string): number;
}

export interface ProcessFigures {
  readonly rssMegabytes: number;
  /** User and system time since the process was started. */
  readonly cpuMs: number;
}

/** Cluster commands have a compile cache of their own, so that a first start is one. Disposing deletes the cluster. */
export async function benchCluster(name: string): Promise<BenchCluster> {
  const directory = await mkdtemp(join(tmpdir(), 't8s-bench-'));
  const dataDir = join(directory, 'data');
  const port = await freePort();
  const run = (command: string, args: readonly string[]) =>
    runT8s([command, '--name', name, '--data-dir', dataDir, ...args], join(directory, 'compile-cache'));
  return {
    dataDir,
    t8s: (command, ...args) =>
      command === 'up'
        ? run('up', ['--api-port', String(port), '--kubeconfig', join(directory, 'kubeconfig'), ...args])
        : run(command, args),
    admin: () => adminClient(readClusterConfig(dataDir)!, systemClock),
    processOf(component) {
      const pid = componentPid(dataDir, component);
      if (pid === undefined) throw new Error(`${component} does not run`);
      return processFigures(pid);
    },
    async [Symbol.asyncDispose]() {
      await run('delete', []);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** From /proc; see proc(5). */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { rssMegabytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, cpuMs: ticks * 10 };
}

function runT8s(args: readonly string[], compileCache: string): Promise<CommandRun> {
  const startedAt = performance.now();
  const lines: { readonly text: string; readonly atMs: number }[] = [];
  return new Promise((resolve, reject) => {
    const child = spawn(join(import.meta.dirname, '..', 't8s'), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    const onData = (chunk: Buffer) => lines.push({ text: chunk.toString('utf8'), atMs: performance.now() - startedAt });
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('error', reject);
    child.once('close', (code) => {
      const elapsedMs = performance.now() - startedAt;
      if (code !== 0)
        return reject(new Error(`t8s ${args.join(' ')} failed: ${lines.map(({ text }) => text).join('')}`));
      resolve({
        elapsedMs,
        saw(text) {
          const line = lines.find((each) => each.text.includes(text));
          if (!line) throw new Error(`t8s ${args[0]} did not say "${text}"`);
          return line.atMs;
        },
      });
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the port is not known');
  return address.port;
}
