// What is done to a cluster while it works: its processes are killed, one at a time and at moments nobody chose, and one of
// its nodes is cut off for a while.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Clock, sleep } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { ClusterConfig } from '../../src/cluster/cluster-config.ts';
import { linkName } from '../../src/cluster/cluster-names.ts';
import { CONTROL_PLANE, componentPid, nodeComponent } from '../../src/cluster/component.ts';
import { nodeDirectories } from '../../src/cluster/node-runtime.ts';

const run = promisify(execFile);

const SHORTEST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 20_000;
/** Longer than it takes until a node counts as lost (50 s), and shorter than until its pods are given up (5 minutes). */
const CUT_OFF_MS = 75_000;
/** One in so many faults cuts the node off. */
const CUTS = 12;

interface Deps {
  readonly config: ClusterConfig;
  readonly random: Random;
  readonly clock: Clock;
}

/** Goes on until the signal is aborted, and leaves everybody connected. Resolves to how often each fault was made. */
export async function makeFaults(deps: Deps, signal: AbortSignal): Promise<Readonly<Record<string, number>>> {
  const { config, random, clock } = deps;
  const made: Record<string, number> = {};
  const note = (fault: string) => {
    made[fault] = (made[fault] ?? 0) + 1;
    console.log(`${new Date(clock.now()).toISOString()} ${fault}`);
  };
  const { dataDir, nodes } = config;
  const victims: Readonly<Record<string, () => number | undefined>> = {
    'control plane killed': () => componentPid(dataDir, CONTROL_PLANE),
    ...Object.fromEntries(
      nodes.flatMap(({ name }) => [
        [`agent of ${name} killed`, () => componentPid(dataDir, nodeComponent(name))],
        [`containerd of ${name} killed`, () => containerdPid(config, name)],
      ]),
    ),
  };
  const names = Object.keys(victims);
  while (!signal.aborted) {
    const pauseMs = SHORTEST_PAUSE_MS + random.next() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
    await sleep(clock, pauseMs, signal).catch(() => {});
    if (signal.aborted) break;
    if (random.next() < 1 / CUTS) {
      note('node cut off');
      await cutOff(deps, signal);
      continue;
    }
    const fault = names[Math.floor(random.next() * names.length)]!;
    const pid = victims[fault]?.();
    if (pid !== undefined && killed(pid)) note(fault);
  }
  return made;
}

/** Whether it was there: else it is being started again already. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function containerdPid(config: ClusterConfig, node: string): number | undefined {
  const file = join(nodeDirectories(config, node).containerdRun, 'containerd.pid');
  try {
    return Number(/\d+/.exec(readFileSync(file, 'utf8'))?.[0]);
  } catch {
    return undefined;
  }
}

/** The last node is in a namespace of its own, on the other end of a link. */
async function cutOff({ config, clock }: Deps, signal: AbortSignal): Promise<void> {
  const link = linkName(config.name, config.nodes.at(-1)!.name);
  await run('ip', ['link', 'set', link, 'down']);
  await sleep(clock, CUT_OFF_MS, signal).catch(() => {});
  await run('ip', ['link', 'set', link, 'up']);
}
