// A cluster of two nodes under faults: 60 pods come and go while its processes are killed and a node is cut off. At the end
// every pod has to be as the API says, no container may have been started that is not counted as a restart, and when all is
// deleted nothing may be left. `npm run faults -- [MINUTES] [SEED]`; takes the machine for itself, like the tests of
// test/e2e. The exit code says how it went.

import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import { type ClusterConfig, readClusterConfig } from '../../src/cluster/cluster-config.ts';
import { adminClient } from '../../src/cluster/component-client.ts';
import { createTestCluster, eventually } from '../e2e/test-cluster.ts';
import { wholeMachine } from '../e2e/whole-machine.ts';
import { differences } from './check-pods.ts';
import { NAMESPACE, startChurn } from './churn.ts';
import { makeFaults } from './faults.ts';
import { type NodePicture, pictureOf } from './node-picture.ts';

const [minutes = 30, seed = 1] = process.argv.slice(2).map(Number);
/** What has been broken last needs its time to heal: a node that was cut off, a container that is not started at once. */
const SETTLING_MS = 360_000;

process.exitCode = (await faultRun()) ? 0 : 1;

async function faultRun(): Promise<boolean> {
  await wholeMachine();
  await using cluster = await createTestCluster('faults');
  await cluster.t8s('up', '--nodes', '2');
  const config = readClusterConfig(cluster.dataDir);
  if (!config) throw new Error('the cluster has no configuration');
  await using client = await adminClient(config, systemClock);
  // A first pod on each node brings the images, and whatever stays by intent.
  await warmUp(client, config);
  const before = await picturesOf(config);
  const deps = { client, config, random: seededRandom(seed), clock: systemClock };
  const churn = await startChurn(deps);
  const faults = await makeFaults(deps, AbortSignal.timeout(minutes * 60_000));
  await churn.stop();
  console.log(`after ${minutes} minutes: ${line(faults)}; ${line(churn.done)}`);

  const wrong = await settled(client, config);
  await client.delete(Namespace, { name: NAMESPACE });
  await eventually('the namespace to be gone', () => isGone(client), Boolean, { withinMs: SETTLING_MS });
  const left = await leftOver(config, before);
  for (const text of [...wrong, ...left]) console.log(`WRONG: ${text}`);
  console.log(wrong.length + left.length === 0 ? 'everything is as the API says, and nothing is left' : 'it failed');
  return wrong.length + left.length === 0;
}

/** What differs from what the API says, once it differs no more or has had its time. */
async function settled(client: Client, config: ClusterConfig): Promise<readonly string[]> {
  let last: readonly string[] = [];
  const look = async () => {
    const { items } = await client.list(Pod, { namespace: NAMESPACE });
    const unfinished = items.filter(({ metadata, status, spec }) => {
      const isUp = status.phase === 'Running' && status.containerStatuses?.every(({ ready }) => ready);
      const isMortal = metadata.name.startsWith('mortal'); // Between two of its lives it is neither.
      return metadata.deletionTimestamp || !spec.nodeName || !(isUp || isMortal || status.phase === 'Succeeded');
    });
    last = [
      ...unfinished.map(({ metadata, status }) => `${metadata.name} is ${JSON.stringify(status)}`),
      ...(await differences(config, items, await picturesOf(config))),
    ];
    return last;
  };
  await eventually('all pods to be as they should', look, (found) => found.length === 0, {
    withinMs: SETTLING_MS,
  }).catch(() => {}); // What is still wrong then is the result.
  return last;
}

/** What there is more of than before; caches of the system may take a while to let go. */
async function leftOver(config: ClusterConfig, before: ReadonlyMap<string, NodePicture>): Promise<readonly string[]> {
  let last: readonly string[] = [];
  const look = async () => {
    last = [...(await picturesOf(config))].flatMap(([node, { counts }]) =>
      Object.entries(counts)
        .filter(([what, count]) => count > (before.get(node)?.counts[what] ?? 0))
        .map(([what, count]) => `${node}: ${count} ${what}, before it ${before.get(node)?.counts[what]}`),
    );
    return last;
  };
  await eventually('nothing to be left', look, (found) => found.length === 0, { withinMs: 120_000 }).catch(() => {});
  return last;
}

async function picturesOf(config: ClusterConfig): Promise<ReadonlyMap<string, NodePicture>> {
  const pictures = new Map<string, NodePicture>();
  for (const node of config.nodes) pictures.set(node.name, await pictureOf(config, node));
  return pictures;
}

async function warmUp(client: Client, { nodes }: ClusterConfig): Promise<void> {
  for (const { name: nodeName } of nodes) {
    const ref = { name: `first-on-${nodeName}`, namespace: 'default' };
    const containers = [
      { name: 'main', image: 'busybox', imagePullPolicy: 'IfNotPresent' as const, command: ['true'] },
    ];
    await client.create(Pod, { metadata: ref, spec: { nodeName, restartPolicy: 'Never', containers } });
    await eventually(
      `a pod to run on ${nodeName}`,
      () => client.get(Pod, ref),
      ({ status }) => status.phase === 'Succeeded',
    );
    await client.delete(Pod, ref, { gracePeriodSeconds: 0 });
  }
}

async function isGone(client: Client): Promise<boolean> {
  return client.get(Namespace, { name: NAMESPACE }).then(
    () => false,
    (error) => isStatusError(error, 'NotFound'),
  );
}

function line(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}
