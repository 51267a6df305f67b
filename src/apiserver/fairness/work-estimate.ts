// How much a request is going to take, before anybody knows: seats while it is carried out, and seats that it holds on to
// afterwards, for what it sets off. Upstream: k8s.io/apiserver/pkg/util/flowcontrol/request, with the feature
// SizeBasedListCostEstimate that is on since 1.34.

export interface WorkEstimate {
  /** While it is being carried out. */
  readonly initialSeats: number;
  /** For `additionalLatencyMs` after it has been answered. */
  readonly finalSeats: number;
  readonly additionalLatencyMs: number;
}

/** What a list or the beginning of a watch would have to read. */
export interface ListedObjects {
  /** How many objects the resource has, and how much memory they take together. */
  readonly count: number;
  readonly sizeBytes: number;
  /** 0: no limit. */
  readonly limit: number;
  /** It asks for one object by its name. */
  readonly single: boolean;
}

export const ONE_SEAT: WorkEstimate = { initialSeats: 1, finalSeats: 0, additionalLatencyMs: 0 };

const BYTES_PER_SEAT = 100_000;
/** Long lists go out in pieces, and never take more memory than this at a time. */
const MAX_LIST_BYTES = 1_000_000;
const MAX_LIST_SEATS = 100;
const MAX_WRITE_SEATS = 10;
const WATCHERS_PER_SEAT = 10;
const EVENT_LATENCY_MS = 5;

export function estimateList({ count, sizeBytes, limit, single }: ListedObjects, maxSeats: number): WorkEstimate {
  if (count === 0) return ONE_SEAT;
  const objects = single ? 1 : limit > 0 ? Math.min(limit, count) : count;
  const bytes = Math.min((objects * sizeBytes) / count, MAX_LIST_BYTES);
  const seats = Math.min(Math.ceil(bytes / BYTES_PER_SEAT), Math.min(maxSeats, MAX_LIST_SEATS));
  return seats <= 1 ? ONE_SEAT : { ...ONE_SEAT, initialSeats: seats };
}

/**
 * A write costs what telling its watchers costs: a tenth of a seat for 5 ms each, which is made narrower and longer where it
 * would be too wide.
 */
export function estimateWrite(watchers: number, maxSeats: number): WorkEstimate {
  if (watchers < WATCHERS_PER_SEAT) return ONE_SEAT;
  const wanted = Math.ceil(watchers / WATCHERS_PER_SEAT);
  const finalSeats = Math.min(wanted, Math.min(maxSeats, MAX_WRITE_SEATS));
  return { initialSeats: 1, finalSeats, additionalLatencyMs: (wanted * EVENT_LATENCY_MS) / finalSeats };
}
