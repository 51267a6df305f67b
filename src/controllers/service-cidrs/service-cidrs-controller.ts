// Keeps ranges of service addresses for as long as addresses of theirs are given out, and says which are ready. Giving out
// addresses is the API server's. Upstream: pkg/controller/servicecidrs (KEP-1880).

import { IPAddress } from '../../api/networking/ip-address.ts';
import { ServiceCIDR } from '../../api/networking/service-cidr.ts';
import { isStatusError } from '../../api/status-error.ts';
import { timeToMs } from '../../api/time.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { containsAddress, mayGo, overlaps, readyConditions } from './plan-service-cidr.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
const MANAGED_BY_LABEL = 'ipaddress.kubernetes.io/managed-by';
const MANAGER = 'ipallocator.k8s.io';
/** Until those who give out addresses have heard that the range is going. */
const PROPAGATION_MS = 10_000;

export function serviceCidrsController(deps: ControllerDeps): Controller {
  const { informers } = deps;
  const cidrs = informers.informer(ServiceCIDR);
  const addresses = informers.informer(IPAddress);
  const state: State = { ...deps, cidrs, addresses };
  return {
    name: 'service-cidr-controller',
    reads: [cidrs, addresses],
    watch: (enqueue) => [
      cidrs.subscribe((changes) => {
        for (const { type, object } of changes) {
          enqueue(object.metadata.name);
          if (type === 'updated') continue;
          // A range that comes may let another one go, one that goes may hold it.
          for (const other of cidrs.list()) if (overlaps(other, object)) enqueue(other.metadata.name);
        }
      }),
      addresses.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type === 'updated' || !isManaged(object)) continue;
          for (const cidr of cidrs.list()) {
            if (isGoing(cidr) && containsAddress(cidr, object.metadata.name)) enqueue(cidr.metadata.name);
          }
        }
      }),
    ],
    async reconcile(name, { signal }) {
      const cidr = cidrs.get(name);
      if (!cidr) return undefined;
      if (isGoing(cidr)) return letGo(state, cidr, signal);
      if (cidr.metadata.finalizers?.includes(FINALIZER)) await say(state, cidr, 'ready', signal);
      else await patchFinalizers(state, cidr, 'finalizers', signal); // The event of this write brings the status.
      return undefined;
    },
  };
}

interface State extends ControllerDeps {
  readonly cidrs: Informer<ServiceCIDR>;
  readonly addresses: Informer<IPAddress>;
}

function isGoing({ metadata }: ServiceCIDR): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Others keep addresses of their own. */
function isManaged({ metadata }: IPAddress): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === MANAGER;
}

async function letGo(state: State, cidr: ServiceCIDR, signal: AbortSignal) {
  const { cidrs, addresses, clock } = state;
  const { deletionTimestamp = '', finalizers } = cidr.metadata;
  const used = addresses
    .list()
    .filter(isManaged)
    .map(({ metadata }) => metadata.name);
  if (!mayGo(cidr, cidrs.list(), used)) {
    await say(state, cidr, 'blocked', signal);
    return undefined;
  }
  const leftMs = timeToMs(deletionTimestamp) + PROPAGATION_MS - clock.now();
  if (leftMs > 0) return { requeueAfterMs: leftMs };
  if (finalizers?.includes(FINALIZER))
    await patchFinalizers(state, cidr, '$deleteFromPrimitiveList/finalizers', signal);
  return undefined;
}

async function say(state: State, cidr: ServiceCIDR, what: 'ready' | 'blocked', signal: AbortSignal): Promise<void> {
  const { client, clock, events } = state;
  const conditions = readyConditions(cidr, what, clock.now());
  if (!conditions) return;
  try {
    await client.updateStatus(ServiceCIDR, { ...cidr, status: { ...cidr.status, conditions } }, { signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return;
    if (what === 'ready' && !isStatusError(error, 'Conflict')) {
      const text = 'The ServiceCIDR Status can not be set to Ready=True';
      events.event(cidr, 'Warning', 'KubernetesServiceCIDRError', text);
    }
    throw error;
  }
}

async function patchFinalizers(
  { client }: State,
  cidr: ServiceCIDR,
  how: 'finalizers' | '$deleteFromPrimitiveList/finalizers',
  signal: AbortSignal,
): Promise<void> {
  const body = { metadata: { uid: cidr.metadata.uid, [how]: [FINALIZER] } };
  try {
    await client.patch(ServiceCIDR, refOf(cidr), { type: 'strategic', body }, { signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
