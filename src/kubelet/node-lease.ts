// The heartbeat of a node: a Lease that is renewed every few seconds, apart from everything else the agent does. Upstream:
// KEP-589, pkg/kubelet's use of component-helpers/apimachinery/lease.

import { Lease } from '../api/coordination/lease.ts';
import type { Node } from '../api/core/node.ts';
import { isStatusError } from '../api/status-error.ts';
import { formatMicroTime } from '../api/time.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';

const NAMESPACE = 'kube-node-lease';
const DURATION_SECONDS = 40;
export const NODE_LEASE_RENEW_MS = 10_000;
const RETRY_MS = 1_000;

export interface NodeLeaseOptions {
  readonly nodeName: string;
  /** The owner, once the node is registered. */
  readonly node: () => Node | undefined;
  /** Absent: 10 s. */
  readonly renewMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Renews the node's lease until the signal aborts; resolves then. */
export async function keepNodeLease(
  { client, clock, log }: { readonly client: Client; readonly clock: Clock; readonly log: Logger },
  { nodeName, node, renewMs = NODE_LEASE_RENEW_MS, signal }: NodeLeaseOptions,
): Promise<void> {
  let lease: Lease | undefined;
  while (!signal.aborted) {
    let waitMs = renewMs;
    try {
      lease = await renew(client, clock, nodeName, node(), lease, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('renewing the node lease failed', { error });
      lease = undefined; // Whatever went wrong, the next try starts from what the API has.
      waitMs = RETRY_MS;
    }
    await sleep(clock, waitMs, signal).catch(() => {}); // Aborted: the loop ends.
  }
}

/** Once. Throws what the API answers. */
export async function renewNodeLease(
  { client, clock }: { readonly client: Client; readonly clock: Clock },
  { nodeName, signal }: { readonly nodeName: string; readonly signal: AbortSignal },
): Promise<void> {
  await renew(client, clock, nodeName, undefined, undefined, signal);
}

async function renew(
  client: Client,
  clock: Clock,
  nodeName: string,
  node: Node | undefined,
  known: Lease | undefined,
  signal: AbortSignal,
): Promise<Lease> {
  const current = known ?? (await find(client, nodeName, signal));
  const owner = node && { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid };
  const spec = {
    holderIdentity: nodeName,
    leaseDurationSeconds: DURATION_SECONDS,
    renewTime: formatMicroTime(clock.now()),
  };
  if (!current) {
    const metadata = { name: nodeName, namespace: NAMESPACE, ...(owner ? { ownerReferences: [owner] } : {}) };
    return client.create(Lease, { metadata, spec }, { signal });
  }
  const metadata = owner ? { ...current.metadata, ownerReferences: [owner] } : current.metadata;
  return client.update(Lease, { ...current, metadata, spec }, { signal });
}

async function find(client: Client, name: string, signal: AbortSignal): Promise<Lease | undefined> {
  try {
    return await client.get(Lease, { name, namespace: NAMESPACE }, { signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}
