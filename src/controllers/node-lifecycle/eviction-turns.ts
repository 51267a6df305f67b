// Whose pods may be evicted next: nodes of a zone take turns, in the order in which they failed and as fast as the zone's
// state allows; nobody's turn comes while every zone is out, since then it is this end that is cut off. Upstream:
// RateLimitedTimedQueue in pkg/controller/nodelifecycle/scheduler and handleDisruption.

import type { Clock } from '../../base/clock.ts';
import { TokenBucket } from '../../base/token-bucket.ts';
import { evictionsPerSecond, type ZoneState } from './node-zones.ts';

interface Zone {
  perSecond: number;
  limiter: TokenBucket;
  /** Nodes that wait for their turn, in order. */
  readonly waiting: Set<string>;
}

const NORMAL: ZoneState = { health: 'normal', size: 0 };

export class EvictionTurns {
  readonly #clock: Clock;
  readonly #zones = new Map<string, Zone>();
  #isSuspended = false;
  /** What all zones' states come to, to tell when they change. */
  #summary = '';

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Every zone is out. */
  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** Takes in how the zones are; answers what has changed for those who wait. */
  follow(states: ReadonlyMap<string, ZoneState>): 'resumed' | 'changed' | 'same' {
    const wasSuspended = this.#isSuspended;
    this.#isSuspended = states.size > 0 && [...states.values()].every(({ health }) => health === 'full');
    for (const [name, { waiting }] of this.#zones) {
      if (!states.has(name) && waiting.size === 0) this.#zones.delete(name);
    }
    const hasResumed = wasSuspended && !this.#isSuspended;
    for (const [name, state] of states) this.#setRate(this.#zone(name), evictionsPerSecond(state), hasResumed);
    const parts = [...states].map(([name, { health, size }]) => `${name} ${health} ${size}`);
    const summary = parts.sort().join('\n');
    const isSame = summary === this.#summary;
    this.#summary = summary;
    if (hasResumed) return 'resumed';
    return isSame ? 'same' : 'changed';
  }

  /** 0 when it is the node's turn, which is then over; else in how many milliseconds to ask again, Infinity for when told. */
  takeTurn(zoneName: string, node: string): number {
    const zone = this.#zone(zoneName);
    zone.waiting.add(node);
    if (this.#isSuspended || zone.perSecond === 0) return Number.POSITIVE_INFINITY;
    const ahead = [...zone.waiting].indexOf(node);
    if (ahead === 0 && zone.limiter.take()) {
      zone.waiting.delete(node);
      return 0;
    }
    return zone.limiter.untilNextMs() + (ahead * 1000) / zone.perSecond;
  }

  /** The node needs no turn any more. */
  leave(node: string): void {
    for (const { waiting } of this.#zones.values()) waiting.delete(node);
  }

  #zone(name: string): Zone {
    const known = this.#zones.get(name);
    if (known) return known;
    const perSecond = evictionsPerSecond(NORMAL);
    const zone = {
      perSecond,
      limiter: new TokenBucket(this.#clock, { perSecond, burst: 1 }),
      waiting: new Set<string>(),
    };
    this.#zones.set(name, zone);
    return zone;
  }

  /** Whoever has just had a turn, or could have none, does not get one by the change. */
  #setRate(zone: Zone, perSecond: number, hasResumed: boolean): void {
    if (zone.perSecond === perSecond && !hasResumed) return;
    const isSpent = hasResumed || zone.perSecond === 0 || zone.limiter.untilNextMs() > 0;
    zone.perSecond = perSecond;
    zone.limiter = new TokenBucket(this.#clock, { perSecond, burst: 1 });
    if (isSpent) zone.limiter.take();
  }
}
