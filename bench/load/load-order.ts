// What the load generator can be asked for, and what it answers. `{nnnnn}` in a path or a body becomes a number of its own
// for every request, of as many digits: so lengths that a body tells of itself stay right.

export interface Target {
  /** `https://host:port` */
  readonly origin: string;
  /** PEM. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** What bodies and answers are written in. */
export type Form = 'json' | 'protobuf';

/** Clients that each send the next request as soon as the last one is answered. */
export interface RequestLoad {
  readonly type: 'requests';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly form: Form;
  /** In Latin-1, so that it can be any bytes. */
  readonly body?: string;
  /** All clients together send no more than this. Absent: as much as is answered. */
  readonly perSecond?: number;
  /** Clients share the connections evenly. */
  readonly clients: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Numbers count up to this and starts over; absent: it never does. */
  readonly cycle?: number;
}

export interface RequestFigures {
  readonly type: 'requests';
  readonly requests: number;
  readonly perSecond: number;
  readonly megabytesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Watches that are counted until all of them together have seen so many events. */
export interface WatchLoad {
  readonly type: 'watch';
  readonly path: string;
  readonly form: Form;
  readonly watchers: number;
  readonly connections: number;
  readonly events: number;
}

export interface WatchFigures {
  readonly type: 'watch';
  readonly events: number;
  /** From the first event that any watcher saw to the last one of all. */
  readonly elapsedMs: number;
  readonly megabytes: number;
}

export type Load = RequestLoad | WatchLoad;
export type Figures = RequestFigures | WatchFigures;

export interface Order {
  readonly id: number;
  readonly target: Target;
  readonly load: Load;
}

export type Answer =
  /** All watches are open. */
  | { readonly id: number; readonly type: 'open' }
  | { readonly id: number; readonly type: 'done'; readonly figures: Figures }
  | { readonly id: number; readonly type: 'failed'; readonly message: string };
