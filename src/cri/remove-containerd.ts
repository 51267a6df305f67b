// Removes our own containerd with everything it ran and kept. First the orderly way through CRI, so that the pods'
// network is given back; then by force, which also works where containerd is dead: whatever of its containers is left is
// known by the containers' ids, and nothing that does not bear one is touched.

import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { connectCri } from './connect-cri.ts';
import { type ContainerdDeps, stopContainerd } from './containerd.ts';
import { type ContainerdPaths, containerdPaths } from './containerd-config.ts';
import type { Cri } from './cri.ts';
import { findDaemon, sendSignal } from './daemon-process.ts';
import { listIfThere } from './if-there.ts';
import { listMounts, unmountBelow } from './mount-table.ts';
import { cgroupsOf, listProcesses, type ProcessInfo } from './process-table.ts';
import { isShimOf, shimSocketsOf } from './shims.ts';

const CALL_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
/** How many sandboxes are removed at a time. */
const PARALLEL = 8;
/** Where libcni notes what it gave to which container. */
const CNI_RESULTS = '/var/lib/cni/results';
/** Where shims put their sockets, whatever the state directory of their containerd. */
const SHIM_SOCKETS = '/run/containerd/s';
const MAX_CGROUP_DEPTH = 12;

export interface RemoveOptions {
  /** How long killed processes may take to be gone; absent: 10 seconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stops and removes every pod, containerd itself and what is left of it: processes, mounts, network namespaces, cgroups,
 * both directories. Leaves nothing, may be repeated, and is content where there is nothing. Throws where something stays,
 * and then deletes no files.
 */
export async function removeContainerd(
  { dataDir, runDir, log, clock }: ContainerdDeps,
  { timeoutMs = 10_000, signal }: RemoveOptions = {},
): Promise<void> {
  const paths = containerdPaths(dataDir, runDir);
  if (await findDaemon(paths.pidFile)) await removeSandboxes({ paths, log }, signal);
  await stopContainerd({ dataDir, runDir, log, clock }, { signal });
  const ids = await containerIds(paths);
  const shimSockets = await shimSocketsOf(paths);
  await killAll({ clock, paths, ids }, { timeoutMs, signal });
  await removeCgroups({ clock, ids }, { timeoutMs, signal });
  await unmountBelow([paths.dataDir, paths.runDir]);
  for (const path of shimSockets) await rm(path, { force: true });
  await removeCniResults(ids);
  await deleteDirectory(paths.runDir);
  await deleteDirectory(paths.dataDir);
  for (const directory of [SHIM_SOCKETS, dirname(SHIM_SOCKETS), CNI_RESULTS, dirname(CNI_RESULTS)]) {
    await rmdir(directory).catch(() => {}); // Not empty: others use it as well.
  }
}

async function removeSandboxes(
  { paths, log }: { readonly paths: ContainerdPaths; readonly log: Logger },
  signal: AbortSignal | undefined,
): Promise<void> {
  await using cri = connectCri({ endpoint: paths.socket, log }, { timeoutMs: CALL_TIMEOUT_MS });
  try {
    const { items } = await cri.listPodSandbox({}, { signal });
    const waiting = items.map(({ id }) => id);
    const worker = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await removeSandbox({ cri, log }, id, signal);
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  } catch (error) {
    signal?.throwIfAborted();
    log.warn('containerd does not list its pods, so they are removed by force', { error });
  }
}

async function removeSandbox(
  { cri, log }: { readonly cri: Cri; readonly log: Logger },
  podSandboxId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await cri.stopPodSandbox({ podSandboxId }, { signal });
    await cri.removePodSandbox({ podSandboxId }, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    log.warn('containerd does not remove a pod, so it is removed by force', { podSandboxId, error });
  }
}

/** The ids of the containers and sandboxes there may be something left of: containerd names directories after them. */
async function containerIds({ root, state }: ContainerdPaths): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const collect = async (directory: string, depth: number): Promise<void> => {
    const entries = await listIfThere(directory);
    for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
      if (/^[0-9a-f]{64}$/.test(entry.name)) ids.add(entry.name);
      else if (depth < 2) await collect(join(directory, entry.name), depth + 1);
    }
  };
  await collect(root, 0);
  await collect(state, 0);
  return ids;
}

/** Kills the shims of our socket and every process in a cgroup of our containers, and waits until they are gone. */
async function killAll(
  { clock, paths, ids }: { readonly clock: Clock; readonly paths: ContainerdPaths; readonly ids: ReadonlySet<string> },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const deadline = clock.elapsed() + timeoutMs;
  for (;;) {
    const left = await ourProcesses(paths, ids);
    if (left.length === 0) return;
    if (clock.elapsed() >= deadline) {
      throw new Error(`processes of containers do not end: ${left.map(({ pid }) => pid).join(', ')}`);
    }
    for (const process of left) await sendSignal(process, 'SIGKILL');
    await sleep(clock, POLL_MS, signal);
  }
}

async function ourProcesses(paths: ContainerdPaths, ids: ReadonlySet<string>): Promise<ProcessInfo[]> {
  const ours: ProcessInfo[] = [];
  for (const process of await listProcesses()) {
    if (isShimOf(process, paths) || (await cgroupsOf(process.pid)).some((path) => idIn(path, ids))) ours.push(process);
  }
  return ours;
}

function idIn(path: string, ids: ReadonlySet<string>): boolean {
  return (path.match(/[0-9a-f]{64}/g) ?? []).some((id) => ids.has(id));
}

/** Removes the cgroups of our containers in every hierarchy. One that was just emptied may be busy for a moment. */
async function removeCgroups(
  { clock, ids }: { readonly clock: Clock; readonly ids: ReadonlySet<string> },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const deadline = clock.elapsed() + timeoutMs;
  for (;;) {
    const left: string[] = [];
    for (const { path, fileSystem } of await listMounts()) {
      if (fileSystem === 'cgroup' || fileSystem === 'cgroup2') left.push(...(await cgroupsNamed(path, ids)));
    }
    if (left.length === 0) return;
    if (clock.elapsed() >= deadline) throw new Error(`cgroups of containers stay: ${left.join(', ')}`);
    for (const path of left) await rmdir(path).catch(() => {}); // Looked at again in the next round.
    await sleep(clock, POLL_MS, signal);
  }
}

/** The cgroups whose path bears one of the ids, children before their parents. */
async function cgroupsNamed(root: string, ids: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  const walk = async (directory: string, isOurs: boolean, depth: number): Promise<void> => {
    if (depth > MAX_CGROUP_DEPTH) return;
    const entries = await listIfThere(directory);
    for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
      const path = join(directory, entry.name);
      const bearsId = isOurs || idIn(entry.name, ids);
      await walk(path, bearsId, depth + 1);
      if (bearsId) found.push(path);
    }
  };
  await walk(root, false, 0);
  return found;
}

/** One that somebody mounted a disk at is emptied; the mount is not ours to take away. */
async function deleteDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EBUSY' || error.path !== path) throw error;
  });
}

async function removeCniResults(ids: ReadonlySet<string>): Promise<void> {
  for (const { name } of await listIfThere(CNI_RESULTS)) {
    if (idIn(name, ids)) await rm(join(CNI_RESULTS, name), { force: true });
  }
}
