// Workloads for the real kubectl on simulated nodes. All are called web and their pods have the label app=web; the test
// can have a say in when a pod is ready.

import { Pod } from '../../src/api/core/pod.ts';
import { isPodReady } from '../../src/controllers/pod-state.ts';
import type { ServedCluster } from './served-cluster.ts';
import { until } from './until.ts';
import { type Recorded, record } from './workload-cluster.ts';

export interface WebOptions {
  /** Fields of the workload's spec besides selector and template. */
  readonly spec?: object;
  /** Fields of the pods' spec besides their container `c`. */
  readonly podSpec?: object;
  readonly image?: string;
}

const GATE = 'example.com/open';
/** Keeps a pod from being ready until the test opens it. */
export const GATED = { readinessGates: [{ conditionType: GATE }] } as const;
const LABELS = { app: 'web' } as const;

export function web(
  kind: 'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'DaemonSet',
  { spec = {}, podSpec = {}, image = 'nginx:1' }: WebOptions = {},
): string {
  const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image }], ...podSpec } };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: LABELS },
      template,
      ...(kind === 'StatefulSet' && { serviceName: 'web' }),
      ...spec,
    },
  });
}

/** A namespace with such a workload. */
export interface WebSpace extends Awaited<ReturnType<ServedCluster['inNamespace']>> {
  apply(manifest: string): Promise<string>;
  /** What `-o jsonpath` prints of the arguments. */
  read(args: string, path: string): Promise<string>;
  pods(): Promise<readonly Pod[]>;
  /** The images of the pods in the order of their names. */
  images(): Promise<string>;
  /** Waits until there are exactly so many pods, and all of them are ready. */
  ready(count: number): Promise<void>;
  /** Says that a gated pod may be ready, or may not any longer. */
  open(pod: string, status?: 'True' | 'False'): Promise<void>;
  /** All that happens to the pods until it is closed. */
  record(): Recorded<Pod>;
}

export async function webSpace(cluster: ServedCluster, namespace: string): Promise<WebSpace> {
  const space = await cluster.inNamespace(namespace);
  const { kubectl } = space;
  const { admin } = cluster;
  const pods = async () => (await admin.list(Pod, { namespace, labelSelector: 'app=web' })).items;
  return {
    ...space,
    apply: (manifest) => kubectl('apply -f -', { stdin: manifest }),
    read: (args, path) => kubectl(`${args} -o jsonpath=${path}`),
    pods,
    images: async () => (await pods()).map(({ spec }) => spec.containers[0]?.image).join(' '),
    ready: (count) =>
      until(
        async () => {
          const all = await pods();
          return all.length === count && all.every(isPodReady);
        },
        { withinMs: 30_000 },
      ),
    open: async (name, status = 'True') => {
      const body = { status: { conditions: [{ type: GATE, status }] } };
      await admin.patch(Pod, { namespace, name }, { type: 'strategic', body }, { subresource: 'status' });
    },
    record: () => record(admin, Pod, { namespace, labelSelector: 'app=web' }),
  };
}
