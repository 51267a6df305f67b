// What becomes of a range of service addresses: whether it may go, and what its status says. Pure. Upstream:
// pkg/controller/servicecidrs (KEP-1880).

import type { Condition } from '../../api/meta/condition.ts';
import type { ServiceCIDR } from '../../api/networking/service-cidr.ts';
import { formatTime } from '../../api/time.ts';
import { containsIp, type IpNetwork, networkOf, parseCidr, parseIp } from '../../base/ip-address.ts';

export function rangesOf({ spec }: ServiceCIDR): readonly IpNetwork[] {
  return (spec.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);
}

export function containsAddress(cidr: ServiceCIDR, address: string): boolean {
  const parsed = parseIp(address);
  return parsed !== undefined && rangesOf(cidr).some((range) => containsIp(range, parsed));
}

export function overlaps(one: ServiceCIDR, other: ServiceCIDR): boolean {
  return rangesOf(one).some((a) => rangesOf(other).some((b) => containsRange(a, b) || containsRange(b, a)));
}

/** Whether no address that was given out would be left without a range that stays. */
export function mayGo(cidr: ServiceCIDR, all: readonly ServiceCIDR[], addresses: readonly string[]): boolean {
  const staying = all.filter(
    ({ metadata }) => metadata.name !== cidr.metadata.name && metadata.deletionTimestamp === undefined,
  );
  const isCovered = (range: IpNetwork) =>
    staying.some((other) => rangesOf(other).some((candidate) => containsRange(candidate, range)));
  if (rangesOf(cidr).every(isCovered)) return true;
  return addresses.every(
    (address) => !containsAddress(cidr, address) || staying.some((other) => containsAddress(other, address)),
  );
}

const READY: Pick<Condition, 'status' | 'reason' | 'message'> = {
  status: 'True',
  reason: '',
  message: 'Kubernetes Service CIDR is ready',
};
const TERMINATING: typeof READY = {
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/** The conditions with the one that tells whether the range is in use; undefined if they say so already. */
export function readyConditions(
  { status }: ServiceCIDR,
  state: 'ready' | 'blocked',
  nowMs: number,
): readonly Condition[] | undefined {
  const wanted = state === 'ready' ? READY : TERMINATING;
  const conditions = status.conditions ?? [];
  const current = conditions.find(({ type }) => type === 'Ready');
  const isSame =
    current?.status === wanted.status && current.reason === wanted.reason && current.message === wanted.message;
  if (isSame) return undefined;
  const lastTransitionTime = formatTime(nowMs);
  return [...conditions.filter(({ type }) => type !== 'Ready'), { type: 'Ready', ...wanted, lastTransitionTime }];
}

function containsRange(outer: IpNetwork, inner: IpNetwork): boolean {
  return outer.prefix <= inner.prefix && containsIp(outer, networkOf(inner));
}
