// Zones of nodes, and how fast nodes of one may be given up: the more of a zone is out, the likelier it is that the
// network is at fault and not the nodes. Pure. Upstream: pkg/controller/nodelifecycle (ComputeZoneState, ReducedQPSFunc).

import type { Node } from '../../api/core/node.ts';
import { readyStatus } from './node-health.ts';

/** `full`: not one node is ready. */
export type ZoneHealth = 'normal' | 'partial' | 'full';

const REGION_LABELS = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'];
const ZONE_LABELS = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
/** Nodes with this label do not count when a zone's health is looked at. */
const EXCLUDED_LABEL = 'node.kubernetes.io/exclude-disruption';

const PARTIAL_SHARE = 0.55;
const LARGE_ZONE = 50;
const NODES_PER_SECOND = 0.1;
const REDUCED_NODES_PER_SECOND = 0.01;

/** Nodes without labels are a zone of their own. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const first = (keys: readonly string[]) => keys.map((key) => labels[key]).find(Boolean) ?? '';
  return `${first(REGION_LABELS)}:${first(ZONE_LABELS)}`;
}

export interface ZoneState {
  readonly health: ZoneHealth;
  readonly size: number;
}

export function zoneStates(nodes: readonly Node[]): ReadonlyMap<string, ZoneState> {
  const byZone = new Map<string, Node[]>();
  for (const node of nodes) {
    if (node.metadata.labels?.[EXCLUDED_LABEL] !== undefined) continue;
    const zone = zoneOf(node);
    const members = byZone.get(zone);
    if (members) members.push(node);
    else byZone.set(zone, [node]);
  }
  return new Map([...byZone].map(([zone, members]) => [zone, { health: zoneHealth(members), size: members.length }]));
}

export function zoneHealth(nodes: readonly Node[]): ZoneHealth {
  const notReady = nodes.filter((node) => readyStatus(node) !== 'True').length;
  if (nodes.length > 0 && notReady === nodes.length) return 'full';
  return notReady > 2 && notReady / nodes.length >= PARTIAL_SHARE ? 'partial' : 'normal';
}

/** How many nodes of a zone may be given up in a second; 0 for none. */
export function evictionsPerSecond({ health, size }: ZoneState): number {
  switch (health) {
    case 'normal':
    // A zone that is out altogether is given up like single nodes: the others can take over.
    case 'full':
      return NODES_PER_SECOND;
    case 'partial':
      return size > LARGE_ZONE ? REDUCED_NODES_PER_SECOND : 0;
    default:
      return health satisfies never;
  }
}
