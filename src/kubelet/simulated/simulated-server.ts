// One server for all simulated nodes: what the agents of nodes without a network answer. The request's host says which node
// is meant. There are no logs and nothing to connect to, only figures of what is used.

import type { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { answerFigures } from '../server/figures-request.ts';
import { type NodeServer, type NodeServerOptions, startNodeServer } from '../server/node-server.ts';
import { RequestError } from '../server/request-error.ts';
import { SimulatedUsage } from './simulated-usage.ts';

export interface SimulatedServerDeps {
  /** The pods of a node; undefined for one that is not simulated here. */
  readonly podsOf: (nodeName: string) => readonly Pod[] | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Rejects when the address cannot be listened on. */
export function startSimulatedServer(
  { podsOf, clock, log }: SimulatedServerDeps,
  options: NodeServerOptions,
): Promise<NodeServer> {
  const startedMs = clock.now();
  /** By the node's name, of those that were asked about. */
  const usages = new Map<string, SimulatedUsage>();
  return startNodeServer(
    {
      clock,
      log,
      async answer(request, response, signal) {
        const name = (request.message.headers.host ?? '').replace(/:\d+$/, '');
        const pods = podsOf(name);
        if (!pods) throw new RequestError(404, `there is no node ${name} here`);
        const usage = usages.get(name) ?? new SimulatedUsage({ name, startedMs });
        usages.set(name, usage);
        const figures = async () => usage.figures(pods, clock.now());
        return answerFigures({ figures, log }, request, response, signal);
      },
    },
    options,
  );
}
