// One server for all simulated nodes: what the agents of nodes without a network answer. The request's host says which node
// is meant. There are no logs and nothing to connect to, only figures of what is used.

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Figures } from '../figures/figures.ts';
import { answerFigures } from '../server/figures-request.ts';
import { type NodeServer, type NodeServerOptions, startNodeServer } from '../server/node-server.ts';
import { RequestError } from '../server/request-error.ts';

export interface SimulatedServerDeps {
  /** What is used on a node; undefined for one that is not simulated here. */
  readonly figures: (nodeName: string) => Figures | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Rejects when the address cannot be listened on. */
export function startSimulatedServer(
  { figures, clock, log }: SimulatedServerDeps,
  options: NodeServerOptions,
): Promise<NodeServer> {
  return startNodeServer(
    {
      clock,
      log,
      async answer(request, response, signal) {
        const name = (request.message.headers.host ?? '').replace(/:\d+$/, '');
        const found = figures(name);
        if (!found) throw new RequestError(404, `there is no node ${name} here`);
        return answerFigures({ figures: async () => found, log }, request, response, signal);
      },
    },
    options,
  );
}
