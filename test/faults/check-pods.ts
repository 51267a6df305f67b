// Whether what runs on the nodes is what the API says, container by container.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../src/api/core/pod.ts';
import type { ClusterConfig } from '../../src/cluster/cluster-config.ts';
import { nodeDirectories } from '../../src/cluster/node-runtime.ts';
import { RECORD } from './churn.ts';
import type { NodePicture } from './node-picture.ts';

/** What differs, a line for each; nothing when all is well. */
export async function differences(
  config: ClusterConfig,
  pods: readonly Pod[],
  pictures: ReadonlyMap<string, NodePicture>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [node, picture] of pictures) {
    const here = pods.filter(({ spec }) => spec.nodeName === node);
    const uids = new Set(here.map(({ metadata }) => metadata.uid));
    for (const { id, podUid } of picture.running) {
      if (!uids.has(podUid)) found.push(`${node}: container ${id} runs for a pod ${podUid} that is not there`);
    }
    for (const uid of picture.sandboxes) if (!uids.has(uid)) found.push(`${node}: a sandbox of ${uid} is left`);
    for (const pod of here) found.push(...podDifferences(pod, picture), ...(await startDifferences(config, pod)));
  }
  return found;
}

function podDifferences({ metadata, status }: Pod, { running, sandboxes }: NodePicture): readonly string[] {
  const said = (status.containerStatuses ?? [])
    .filter(({ state }) => state?.running)
    .map(({ containerID = '' }) => containerID.replace('containerd://', ''));
  const own = running.filter(({ podUid }) => podUid === metadata.uid).map(({ id }) => id);
  const found: string[] = [];
  if (own.join() !== said.join()) found.push(`${metadata.name}: runs ${own.join() || 'nothing'}, says ${said.join()}`);
  const count = sandboxes.filter((uid) => uid === metadata.uid).length;
  const expected = status.phase === 'Running' ? 1 : 0;
  if (count !== expected) found.push(`${metadata.name} is ${status.phase} and has ${count} sandboxes`);
  return found;
}

/** A container has been started once, and once more for each restart that is counted. */
async function startDifferences(config: ClusterConfig, { metadata, spec, status }: Pod): Promise<readonly string[]> {
  const { kubelet } = nodeDirectories(config, spec.nodeName ?? '');
  const file = join(kubelet, 'pods', metadata.uid, 'volumes/kubernetes.io~empty-dir', RECORD.volume, RECORD.file);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return []; // Of a pod that has ended nothing is kept.
  const starts = text.trim().split('\n').length;
  const counted = 1 + (status.containerStatuses?.[0]?.restartCount ?? 0);
  return starts === counted ? [] : [`${metadata.name} was started ${starts} times, and counts ${counted}`];
}
