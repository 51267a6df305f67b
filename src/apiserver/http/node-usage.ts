// Reads what is used on a node from its agent. Connections are kept for as long as somebody asks again and again.

import { Agent } from 'node:https';
import { text } from 'node:stream/consumers';
import { underWay } from '../../base/under-way.ts';
import type { ReadNodeUsage } from '../resource-metrics/usage-sampler.ts';
import { agentAddress, agentError, getFromAgent, type NodeAddress } from './node-agent.ts';
import type { BackendTls } from './pass-upgrade.ts';

const PATH = '/metrics/resource';
const KEEP_CONNECTION_MS = 60_000;
/** To one place: each node is asked by one request at a time, but one server may speak for many. */
const MAX_KEPT_CONNECTIONS = 8;

/** `tls`: who the agents are signed by, and what the API server shows them. Disposing closes what is kept. */
export function nodeUsageReader(tls: BackendTls): { readonly read: ReadNodeUsage } & Disposable {
  const agent = new Agent({
    keepAlive: true,
    timeout: KEEP_CONNECTION_MS,
    maxFreeSockets: MAX_KEPT_CONNECTIONS,
  });
  const ask = async (address: NodeAddress, signal: AbortSignal) => {
    const response = await getFromAgent(address, PATH, { tls, agent, signal });
    if (response.statusCode !== 200) throw await agentError(response);
    return text(response);
  };
  return {
    async read(node, signal) {
      const address = agentAddress(node);
      if (!address) throw new Error('the node has no agent that could be reached');
      return underWay(ask(address, signal));
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
