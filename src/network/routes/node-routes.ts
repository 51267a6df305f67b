// Keeps a node's routes to the pods of other nodes: follows the Nodes, and looks at the kernel when their routes change or
// have not been looked at for a while.

import type { Node } from '../../api/core/node.ts';
import type { Clock } from '../../base/clock.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Logger } from '../../base/log.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import type { Informer } from '../../client/informer.ts';
import { changeRoutes, isWithin, planRoutes, type Route, type RouteOptions, type RoutePlan } from './plan-routes.ts';
import type { RouteTable } from './system-routes.ts';

export interface NodeRoutesDeps {
  readonly nodes: Informer<Node>;
  readonly kernel: RouteTable;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface NodeRoutesOptions extends Omit<RouteOptions, 'networks'> {
  /** Routes to what is not in it are another cluster's. */
  readonly clusterPodCidr: string;
}

/** Somebody else may have taken routes away; nodes report often enough that no timer is needed to notice. */
const TRUST_MS = 60_000;
const KEY = 'routes';

/** The routes stay when it is closed, as pods go on running. */
export function keepRoutes({ nodes, kernel, clock, log }: NodeRoutesDeps, options: NodeRoutesOptions): AsyncDisposable {
  let applied: { readonly plan: RoutePlan; readonly atMs: number } | undefined;
  const queue = new WorkQueue(
    {
      clock,
      async work() {
        const plan = planRoutes(nodes.list(), { ...options, networks: kernel.networks() });
        if (applied && deepEqual(plan, applied.plan) && clock.elapsed() - applied.atMs < TRUST_MS) return;
        // Said once, and of one: simulated nodes are on no network at all, and there may be thousands.
        const [example] = plan.unreachable;
        if (example !== undefined && (applied?.plan.unreachable.length ?? 0) === 0) {
          log.warn('pods of other networks are reached only if others know the way', { node: example });
        }
        await apply(kernel, options, plan.routes);
        applied = { plan, atMs: clock.elapsed() };
      },
    },
    { observer: { retrying: (_key, error) => log.error('the routes to other nodes could not be set', { error }) } },
  );
  const stopping = new AbortController();
  let subscription: Disposable | undefined;
  // Before everything has been listed, routes of nodes that are merely not known yet would be taken away.
  const following = nodes.synced(stopping.signal).then(
    () => {
      subscription = nodes.subscribe(() => queue.add(KEY));
      queue.add(KEY);
    },
    () => {}, // Closed before that.
  );
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the routes are not kept any more'));
      await following;
      subscription?.[Symbol.dispose]();
      await queue[Symbol.asyncDispose]();
    },
  };
}

/** Takes away all routes to pods of the cluster's other nodes. */
export async function removeRoutes(
  { kernel }: Pick<NodeRoutesDeps, 'kernel'>,
  options: Pick<NodeRoutesOptions, 'clusterPodCidr'>,
): Promise<void> {
  await apply(kernel, options, []);
}

async function apply(
  kernel: RouteTable,
  { clusterPodCidr }: Pick<NodeRoutesOptions, 'clusterPodCidr'>,
  wanted: readonly Route[],
): Promise<void> {
  const existing = (await kernel.list()).filter(({ destination }) => isOfCluster(destination, clusterPodCidr));
  const { add, remove } = changeRoutes(existing, wanted);
  for (const route of remove) await kernel.remove(route);
  for (const route of add) await kernel.add(route);
}

function isOfCluster(destination: string, clusterPodCidr: string): boolean {
  return isWithin(destination.split('/')[0] ?? '', clusterPodCidr);
}
