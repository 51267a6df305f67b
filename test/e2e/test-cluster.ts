// A whole cluster for tests, made with the command that users have: `./t8s up` with a data directory and ports of its own,
// images from a registry on loopback, the real kubectl. Those with real nodes one at a time: see whole-machine.ts.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { kubectl, type RunResult, runKubectl } from '../support/kubectl.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND_TIMEOUT_MS = 300_000;

export interface TestCluster extends AsyncDisposable {
  readonly name: string;
  readonly dataDir: string;
  readonly kubeconfig: string;
  readonly registry: Registry;
  /** Runs t8s with the cluster's options; rejects with what it printed when it fails. */
  t8s(command: string, ...args: readonly string[]): Promise<string>;
  /** Runs kubectl with the words of the line; rejects with what it printed when it fails. */
  kubectl(line: string, options?: { readonly stdin?: string; readonly args?: readonly string[] }): Promise<string>;
  /** The same, whatever the exit code. */
  tryKubectl(
    line: string,
    options?: { readonly stdin?: string; readonly args?: readonly string[] },
  ): Promise<RunResult>;
}

/** Makes the cluster, which is not up yet. Disposing deletes it. */
export async function createTestCluster(name: string, { apiPort = 16_443 } = {}): Promise<TestCluster> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 't8s-e2e-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const registry = stack.use(await startRegistry());
  const dataDir = join(directory, 'data');
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, '');
  const t8s = (command: string, ...args: readonly string[]) =>
    runT8s([...words(command), '--name', name, '--data-dir', dataDir, ...args]);
  stack.defer(async () => {
    await t8s('delete').catch(() => {}); // It may never have been up; what is left then is the directory.
  });
  const owned = stack.move();
  return {
    name,
    dataDir,
    kubeconfig,
    registry,
    t8s: (command, ...args) =>
      command === 'up'
        ? t8s(
            'up',
            '--api-port',
            String(apiPort),
            '--kubeconfig',
            kubeconfig,
            '--registry-mirror',
            `docker.io=${registry.url}`,
            ...args,
          )
        : t8s(command, ...args),
    kubectl: (line, { stdin, args = [] } = {}) =>
      kubectl([...words(line), ...args], { kubeconfig, ...(stdin === undefined ? {} : { stdin }) }),
    tryKubectl: (line, { stdin, args = [] } = {}) =>
      runKubectl([...words(line), ...args], { kubeconfig, ...(stdin === undefined ? {} : { stdin }) }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Asks until the answer passes; rejects with the last answer when that takes too long. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  passes: (answer: T) => boolean = Boolean,
  { withinMs = 30_000 } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => error);
    if (!(answer instanceof Error) && passes(answer as T)) return answer as T;
    if (performance.now() >= deadline) {
      throw new Error(`waited ${withinMs} ms for ${what}; the last answer was: ${String(answer)}`);
    }
    await wait(100);
  }
}

function runT8s(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(join(ROOT, 't8s'), args, { timeout: COMMAND_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error) reject(new Error(`t8s ${args.join(' ')} failed (${error.code}): ${stderr}${stdout}`));
      else resolve(stdout + stderr);
    });
  });
}

/** Words of a command line; quotes are not known, further arguments go into `args`. */
function words(line: string): readonly string[] {
  return line.split(/\s+/).filter((word) => word !== '');
}
