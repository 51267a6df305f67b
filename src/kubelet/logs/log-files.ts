// Where the logs of containers are, and what else is there of them: `0.log` is being written, `0.log.20260101-120000` was
// written before it, and `.gz` files before that. Upstream: pkg/kubelet/logs.

import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listIfThere } from '../../cri/if-there.ts';

export interface LoggedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The directory that the runtime is told to write the logs of the pod's containers below. */
export function podLogDirectory(logsDir: string, { namespace, name, uid }: LoggedPod): string {
  return join(logsDir, `${namespace}_${name}_${uid}`);
}

/** The log of one attempt of a container, below its pod's directory. */
export function containerLogPath(name: string, attempt: number): string {
  return `${name}/${attempt}.log`;
}

/** The names of the files, in the log's own directory, that the log has been rotated to: the oldest first. */
export async function rotatedLogs(path: string): Promise<readonly string[]> {
  const prefix = `${basename(path)}.`;
  const names = (await listIfThere(dirname(path))).map(({ name }) => name);
  return names.filter((name) => name.startsWith(prefix)).sort();
}

/** Takes the log away with all that it has been rotated to. */
export async function removeLogs(path: string): Promise<void> {
  for (const name of [...(await rotatedLogs(path)), basename(path)]) {
    await rm(join(dirname(path), name), { force: true });
  }
}
