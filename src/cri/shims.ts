// The shims of a containerd: the processes that hold its containers, and that outlive it. Each has a directory, its bundle,
// named after the container it was made for.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerdPaths } from './containerd-config.ts';
import { sendSignal } from './daemon-process.ts';
import { listIfThere, readIfThere } from './if-there.ts';
import { unmountBelow } from './mount-table.ts';
import { listProcesses, type ProcessInfo } from './process-table.ts';

const TASKS = join('io.containerd.runtime.v2.task', 'k8s.io');

export function isShimOf({ commandLine }: ProcessInfo, { socket }: Pick<ContainerdPaths, 'socket'>): boolean {
  const [program = ''] = commandLine;
  return /(^|\/)containerd-shim[^/]*$/.test(program) && argumentOf(commandLine, '-address') === socket;
}

/** A shim's socket is noted in its bundle: as text before containerd 1.7, in a JSON file since. */
export async function shimSocketsOf({ state }: Pick<ContainerdPaths, 'state'>): Promise<string[]> {
  const bundles = join(state, TASKS);
  const sockets: string[] = [];
  for (const { name } of await listIfThere(bundles)) sockets.push(...(await socketsIn(join(bundles, name))));
  return sockets;
}

/**
 * Ends the shims that run nothing and never have, with their bundles: containerd died between starting one and giving it
 * something to run, and does not see to it when it is started again (before 1.7). Only while there is no containerd.
 */
export async function removeIdleShims(paths: ContainerdPaths): Promise<void> {
  const processes = await listProcesses();
  const parents = new Set(processes.map(({ parentPid }) => parentPid));
  for (const process of processes) {
    const id = argumentOf(process.commandLine, '-id');
    if (id === undefined || !isShimOf(process, paths) || parents.has(process.pid)) continue;
    const bundle = join(paths.state, TASKS, id);
    if ((await readIfThere(join(bundle, 'init.pid'))) !== undefined) continue; // It has run something.
    const sockets = await socketsIn(bundle);
    await sendSignal(process, 'SIGKILL');
    await unmountBelow([bundle]);
    for (const path of [bundle, join(paths.root, TASKS, id), ...sockets])
      await rm(path, { recursive: true, force: true });
  }
}

async function socketsIn(bundle: string): Promise<string[]> {
  const texts = await Promise.all(['address', 'bootstrap.json'].map((file) => readIfThere(join(bundle, file))));
  return texts.flatMap((text = '') => /unix:\/\/(\/run\/containerd\/s\/[0-9a-f]{64})/.exec(text)?.[1] ?? []);
}

function argumentOf(commandLine: readonly string[], option: string): string | undefined {
  const at = commandLine.indexOf(option);
  return at < 0 ? undefined : commandLine[at + 1];
}
