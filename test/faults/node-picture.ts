// What is on one node of a cluster under faults: read from the runtime and the kernel themselves, not from what the agent
// says of it.

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { silentLogger } from '../../src/base/log.ts';
import type { ClusterConfig, ClusterNode } from '../../src/cluster/cluster-config.ts';
import { enterNode } from '../../src/cluster/machines.ts';
import { nodeDirectories } from '../../src/cluster/node-runtime.ts';
import { connectCri } from '../../src/cri/connect-cri.ts';

const run = promisify(execFile);

/** A container that runs. */
export interface RunningContainer {
  readonly id: string;
  readonly podUid: string;
}

export interface NodePicture {
  readonly running: readonly RunningContainer[];
  /** Uids of pods with a sandbox that is ready, one for each sandbox. */
  readonly sandboxes: readonly string[];
  /** How many there are of everything that could leak. */
  readonly counts: Readonly<Record<string, number>>;
}

export async function pictureOf(config: ClusterConfig, node: ClusterNode): Promise<NodePicture> {
  const { containerdRun, kubelet, root } = nodeDirectories(config, node.name);
  await using cri = connectCri({ endpoint: `unix://${join(containerdRun, 'containerd.sock')}`, log: silentLogger });
  const { items } = await cri.listPodSandbox({});
  const { containers } = await cri.listContainers({});
  const inNode = async (command: string, ...args: readonly string[]) => {
    const [program = command, ...rest] = [...enterNode(config, node), command, ...args];
    return (await run(program, rest, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  };
  return {
    running: containers
      .filter(({ state }) => state === 'CONTAINER_RUNNING')
      .map(({ id, labels }) => ({ id, podUid: labels['io.kubernetes.pod.uid'] ?? '' })),
    sandboxes: items.filter(({ state }) => state === 'SANDBOX_READY').map(({ metadata }) => metadata?.uid ?? ''),
    counts: {
      sandboxes: items.length,
      containers: containers.length,
      podDirectories: (await namesIn(join(kubelet, 'pods'))).length,
      mounts: (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(root)).length,
      shims: await shimsOf(containerdRun),
      links: lines(await inNode('ip', '-o', 'link')).length,
      rules: lines(await inNode('nft', 'list', 'ruleset')).length,
      cgroups: await groupsOf(config.name, node.name),
    },
  };
}

async function shimsOf(runDir: string): Promise<number> {
  const { stdout } = await run('ps', ['-eo', 'args']);
  return lines(stdout).filter((line) => line.includes('containerd-shim') && line.includes(runDir)).length;
}

/** Of pods, in one of the kernel's hierarchies. */
async function groupsOf(cluster: string, node: string): Promise<number> {
  const { stdout } = await run('find', ['/sys/fs/cgroup', '-type', 'd', '-path', `*/t8s-${cluster}/${node}/*/pod*`]);
  return lines(stdout).length;
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
