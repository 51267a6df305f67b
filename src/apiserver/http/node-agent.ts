// Where the agent of a node is reached, and requests to it that are answered with a body.

import type { IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import type { Node } from '../../api/core/node.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { type BackendTls, serverNameOf, tlsOptionsOf } from './pass-upgrade.ts';

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * A name that an agent gives for itself comes before the node's address, as with upstream's
 * `--kubelet-preferred-address-types`: one that speaks for nodes without a network is elsewhere. Undefined while nobody
 * listens.
 */
export function agentAddress({ metadata: { name }, status }: Node): NodeAddress | undefined {
  const ofType = (type: string) => status.addresses?.find((address) => address.type === type)?.address;
  const host = ofType('InternalDNS') ?? ofType('InternalIP');
  const port = status.daemonEndpoints.kubeletEndpoint.Port;
  return host && port ? { host, port, name } : undefined;
}

/** Throws StatusError `InternalError` when the agent cannot be reached. `agent` keeps connections; absent: none is kept. */
export function getFromAgent(
  { host, port, name }: NodeAddress,
  path: string,
  {
    tls,
    agent = false,
    signal,
  }: { readonly tls: BackendTls; readonly agent?: Agent | false; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // One server may speak for several nodes: it knows by the host which one is meant. It proves where it is all the same.
    const headers = { host: name };
    const sent = httpsRequest(
      { host, port, path, headers, ...tlsOptionsOf(tls), servername: serverNameOf(host), agent, signal },
      resolve,
    );
    sent.setTimeout(CONNECT_TIMEOUT_MS, () => sent.destroy(new Error('the node did not answer')));
    sent.once('response', () => sent.setTimeout(0));
    sent.once('error', (cause) => {
      const text = `Get "https://${host}:${port}${path}": ${cause.message}`;
      reject(new StatusError('InternalError', text, { cause }));
    });
    sent.end();
  });
}

/** What an answer that is not the content says. */
export async function agentError(response: IncomingMessage): Promise<StatusError> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MAX_ERROR_BYTES) break;
  }
  const status = response.statusCode ?? 500;
  if (status === 400) return badRequest(text);
  if (status === 404) return new StatusError('NotFound', `the server could not find the requested resource ( ${text})`);
  return new StatusError('InternalError', text, { code: status });
}
