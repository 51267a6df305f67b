// Pods that come and go: deployments that are scaled, and pods of their own that end or are ended. Every container writes a
// line into a volume of its pod when it starts, so that what started is known whatever anybody says of it.

import { Deployment } from '../../src/api/apps/deployment.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { type Clock, sleep } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';

export const NAMESPACE = 'faults';
/** The volume with the lines, and the file in it. */
export const RECORD = { volume: 'record', file: 'starts' } as const;

const DEPLOYMENTS = 8;
/** Its containers end by themselves now and then, and are started again. */
const MORTAL = 'mortal';
const MORTAL_REPLICAS = 4;
const PODS = 60;
const SINGLE_PODS = 14;
const PERIOD_MS = 1500;
const LONGEST_LIFE_S = 60;

interface Deps {
  readonly client: Client;
  readonly random: Random;
  readonly clock: Clock;
}

export interface Churn {
  /** What was done, by name. */
  readonly done: Readonly<Record<string, number>>;
  /** Ends it: resolves when the last change has been made. */
  stop(): Promise<void>;
}

/** Makes everything, then changes something every moment until it is stopped. */
export async function startChurn(deps: Deps): Promise<Churn> {
  const { client, random, clock } = deps;
  await client.create(Namespace, { metadata: { name: NAMESPACE } });
  const each = Math.floor((PODS - SINGLE_PODS - MORTAL_REPLICAS) / DEPLOYMENTS);
  for (let i = 0; i < DEPLOYMENTS; i++) await client.create(Deployment, deployment(`web-${i}`, each, 'sleep 100000'));
  await client.create(Deployment, deployment(MORTAL, MORTAL_REPLICAS, 'sleep 45; exit 1'));
  const done: Record<string, number> = {};
  const stopping = new AbortController();
  const changes = [scaleTwo, startPod, startPod, endPod, removeEnded];
  const work = async () => {
    while (!stopping.signal.aborted) {
      const change = changes[Math.floor(random.next() * changes.length)]!;
      // The API is away now and then, which is the point; whoever changes something tries again.
      const outcome = await change(deps).then(
        () => change.name,
        () => 'refused',
      );
      done[outcome] = (done[outcome] ?? 0) + 1;
      await sleep(clock, PERIOD_MS, stopping.signal).catch(() => {});
    }
  };
  const working = work();
  return {
    done,
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

/** One gets a pod more, another one less: there are as many as before. */
async function scaleTwo({ client, random }: Deps): Promise<void> {
  const { items } = await client.list(Deployment, { namespace: NAMESPACE });
  const web = items.filter(({ metadata }) => metadata.name !== MORTAL);
  const up = web[Math.floor(random.next() * web.length)]!;
  const down = web.filter((other) => other !== up && (other.spec.replicas ?? 0) > 1)[0];
  if (!down) return;
  for (const [object, by] of [
    [up, 1],
    [down, -1],
  ] as const) {
    const body = { spec: { replicas: (object.spec.replicas ?? 0) + by } };
    await client.patch(Deployment, { name: object.metadata.name, namespace: NAMESPACE }, { type: 'merge', body });
  }
}

async function startPod({ client, random }: Deps): Promise<void> {
  if ((await singlePods(client)).length >= SINGLE_PODS) return;
  const seconds = 1 + Math.floor(random.next() * LONGEST_LIFE_S);
  await client.create(Pod, {
    metadata: { generateName: 'single-', namespace: NAMESPACE, labels: { kind: 'single' } },
    spec: { ...podSpec(`sleep ${seconds}`), restartPolicy: 'Never' },
  });
}

async function endPod({ client, random }: Deps): Promise<void> {
  const pods = await singlePods(client);
  const pod = pods[Math.floor(random.next() * pods.length)];
  if (pod) await remove(client, pod);
}

async function removeEnded({ client }: Deps): Promise<void> {
  for (const pod of await singlePods(client)) {
    if (pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') await remove(client, pod);
  }
}

async function singlePods(client: Client): Promise<readonly Pod[]> {
  return (await client.list(Pod, { namespace: NAMESPACE, labelSelector: 'kind=single' })).items;
}

async function remove(client: Client, { metadata: { name } }: Pod): Promise<void> {
  await client.delete(Pod, { name, namespace: NAMESPACE }).catch((error) => {
    if (!isStatusError(error, 'NotFound')) throw error;
  });
}

function deployment(name: string, replicas: number, command: string) {
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: podSpec(command) },
    },
  };
}

/** The shell ends when it is told to, and so does what it waits for. */
function podSpec(command: string) {
  const script = `echo started >> /record/${RECORD.file}; trap 'kill $! 2>/dev/null; exit 0' TERM; (${command}) & wait $!`;
  return {
    terminationGracePeriodSeconds: 3,
    containers: [
      {
        name: 'main',
        image: 'busybox',
        imagePullPolicy: 'IfNotPresent' as const,
        command: ['sh', '-c', script],
        volumeMounts: [{ name: RECORD.volume, mountPath: '/record' }],
      },
    ],
    volumes: [{ name: RECORD.volume, emptyDir: {} }],
  };
}
