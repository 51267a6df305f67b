// Keeps the logs of running containers from growing without end: one that has become too long is put aside and the runtime
// told to begin another. Upstream: pkg/kubelet/logs/container_log_manager.go.

import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { quantityValue } from '../../api/quantity.ts';
import { durationToMs } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { periodic } from '../../base/periodic.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import type { Container } from '../../cri/container-messages.ts';
import type { Cri } from '../../cri/cri.ts';
import { throwUnlessAbsent } from '../../cri/if-there.ts';
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from '../sandbox-config.ts';
import { containerLogPath, podLogDirectory, rotatedLogs } from './log-files.ts';
import { COMPRESSED, planRotation, rotationStamp, TEMPORARY } from './plan-rotation.ts';

/** Upstream's names. */
export interface LogRotationOptions {
  /** A quantity. A negative one: logs are not rotated. Absent: 10Mi. */
  readonly containerLogMaxSize?: string;
  /** Of one container, the one that is being written included: 2 at least. Absent: 5. */
  readonly containerLogMaxFiles?: number;
  /** How many logs are rotated at once. Absent: 1. */
  readonly containerLogMaxWorkers?: number;
  /** A duration as Go writes them. Absent: 10s. */
  readonly containerLogMonitorInterval?: string;
}

export interface LogRotationDeps {
  readonly cri: Pick<Cri, 'listContainers' | 'reopenContainerLog'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly logsDir: string;
}

interface Policy {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export const LOG_ROTATION_DEFAULTS = {
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: 5,
  containerLogMaxWorkers: 1,
  containerLogMonitorInterval: '10s',
} as const satisfies LogRotationOptions;

/** Rotates logs until it is disposed. Throws where the options cannot be. */
export function rotateLogs(deps: LogRotationDeps, options: LogRotationOptions = {}): AsyncDisposable {
  const all = { ...LOG_ROTATION_DEFAULTS, ...options };
  const policy = { maxBytes: quantityValue(all.containerLogMaxSize), maxFiles: all.containerLogMaxFiles };
  if (policy.maxFiles <= 1) throw new Error(`invalid MaxFiles ${policy.maxFiles}, must be > 1`);
  const { clock, log } = deps;
  const stack = new AsyncDisposableStack();
  if (policy.maxBytes < 0) return stack;
  /** By the containers' ids. */
  const paths = new Map<string, string>();
  const queue = stack.use(
    new WorkQueue(
      {
        clock,
        async work(id, signal) {
          const path = paths.get(id);
          paths.delete(id);
          if (path === undefined) return;
          try {
            await rotateIfLong(deps, { id, path }, policy, signal);
          } catch (error) {
            // The next look at all logs finds it as long as it is now.
            if (!signal.aborted) log.error('the log of a container could not be rotated', { id, path, error });
          }
        },
      },
      { concurrency: all.containerLogMaxWorkers },
    ),
  );
  const everyMs = durationToMs(all.containerLogMonitorInterval);
  stack.use(
    periodic({ clock, log }, { what: 'the rotation of logs', everyMs }, async (signal) => {
      for (const container of await runningContainers(deps, signal)) {
        const path = logPathOf(container, deps.logsDir);
        if (path === undefined) continue;
        paths.set(container.id, path);
        queue.add(container.id);
      }
    }),
  );
  return stack;
}

/** None while the runtime does not answer: the next look finds their logs as long as they are. */
async function runningContainers({ cri, log }: LogRotationDeps, signal: AbortSignal): Promise<readonly Container[]> {
  try {
    const filter = { state: { state: 'CONTAINER_RUNNING' } } as const;
    return (await cri.listContainers({ filter }, { signal })).containers;
  } catch (error) {
    if (!signal.aborted) log.warn('the runtime does not say whose logs there are', { error });
    return [];
  }
}

/** Of one that is not a pod's nothing is known. */
function logPathOf({ labels, metadata }: Container, logsDir: string): string | undefined {
  const {
    [POD_NAMESPACE_LABEL]: namespace,
    [POD_NAME_LABEL]: name,
    [POD_UID_LABEL]: uid,
    [CONTAINER_NAME_LABEL]: container,
  } = labels;
  if (!namespace || !name || !uid || !container) return undefined;
  return join(podLogDirectory(logsDir, { namespace, name, uid }), containerLogPath(container, metadata?.attempt ?? 0));
}

interface ContainerLog {
  readonly id: string;
  readonly path: string;
}

async function rotateIfLong(
  deps: LogRotationDeps,
  { id, path }: ContainerLog,
  policy: Policy,
  signal: AbortSignal,
): Promise<void> {
  const there = await stat(path).catch(throwUnlessAbsent);
  // Somebody has taken the file away: what the container writes would go nowhere.
  if (!there) await deps.cri.reopenContainerLog({ containerId: id }, { signal });
  const { size } = there ?? (await stat(path));
  if (size < policy.maxBytes) return;
  await tidyRotated(path, policy.maxFiles, signal);
  const rotated = `${path}.${rotationStamp(deps.clock.now())}`;
  if (await stat(rotated).catch(throwUnlessAbsent)) return; // Within the same second: the next look is early enough.
  await rename(path, rotated);
  try {
    await deps.cri.reopenContainerLog({ containerId: id }, { signal });
  } catch (error) {
    await rename(rotated, path); // The container still writes to it.
    throw error;
  }
}

async function tidyRotated(path: string, maxFiles: number, signal: AbortSignal): Promise<void> {
  const directory = dirname(path);
  const { remove, compress } = planRotation(await rotatedLogs(path), maxFiles);
  for (const name of remove) await rm(join(directory, name), { force: true });
  for (const name of compress) await compressLog(join(directory, name), signal);
}

/** At no time there is neither the file nor the whole of what it is compressed to. */
async function compressLog(path: string, signal: AbortSignal): Promise<void> {
  const { mode } = await stat(path);
  const temporary = `${path}${TEMPORARY}`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, { mode }), { signal });
    await rename(temporary, `${path}${COMPRESSED}`);
  } finally {
    await rm(temporary, { force: true });
  }
  await rm(path);
}
