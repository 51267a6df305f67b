// Checkpoints of containers, as far as the runtime can make them: it writes an archive that can be run as an image. Upstream:
// the checkpoint handler of pkg/kubelet/server and Kubelet.CheckpointContainer.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Cri } from '../../cri/cri.ts';
import { RequestError } from './request-error.ts';

export interface CheckpointDeps {
  readonly cri: Pick<Cri, 'checkpointContainer'>;
  readonly clock: { now(): number };
  readonly checkpointsDir: string;
  /** The id of the container if it runs. */
  readonly running: (pod: Pod, name: string) => Promise<string | undefined>;
}

/** Resolves with where the archive is. Throws RequestError: 400 for a timeout that is none, 500 with what the runtime says. */
export async function checkpointContainer(
  { cri, clock, checkpointsDir, running }: CheckpointDeps,
  { pod, container, query }: { readonly pod: Pod; readonly container: string; readonly query: URLSearchParams },
  signal: AbortSignal,
): Promise<string> {
  const { namespace, name } = pod.metadata;
  const timeout = timeoutOf(query);
  const location = join(checkpointsDir, `checkpoint-${name}_${namespace}-${container}-${formatTime(clock.now())}.tar`);
  try {
    const containerId = await running(pod, container);
    if (containerId === undefined) throw new Error(`container ${container} does not run`);
    await mkdir(checkpointsDir, { recursive: true, mode: 0o700 });
    await cri.checkpointContainer({ containerId, location, timeout }, { signal });
    return location;
  } catch (cause) {
    throw new RequestError(500, `checkpointing of ${namespace}/${name}/${container} failed (${messageOf(cause)})`);
  }
}

/** Seconds; 0 leaves it to the runtime. */
function timeoutOf(query: URLSearchParams): number {
  const asked = query.getAll('timeout');
  if (asked.length > 1) throw new RequestError(400, 'query parameter timeout can only be specified once');
  const [text = '0'] = asked;
  if (!/^\d{1,9}$/.test(text)) throw new RequestError(400, `cannot parse value of timeout parameter: ${text}`);
  return Number(text);
}
