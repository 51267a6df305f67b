// What the objects of flow control come to: the levels with what is known of them, and the flows in the order in which they
// are asked. Objects that contradict themselves count as not there, and the mandatory ones are there in any case. Upstream:
// the digestion of objects in k8s.io/apiserver/pkg/util/flowcontrol/apf_controller.go.

import { CATCH_ALL, EXEMPT } from '../../api/flowcontrol/mandatory-objects.ts';
import type { PriorityLevelConfigurationSpec } from '../../api/flowcontrol/priority-level-configuration.ts';
import { type LevelObject, MANDATORY_LEVELS, MANDATORY_SCHEMAS, type SchemaObject } from './bootstrap-flow-control.ts';
import type { QueueingDiscipline } from './fair-queues.ts';
import { byMatchingPrecedence, type FlowMatcher, flowMatcher } from './flow-matching.ts';
import type { LevelShares } from './seat-limits.ts';

export interface PlannedLevel {
  readonly name: string;
  /** `''` for one that there is no object of. */
  readonly uid: string;
  readonly discipline: QueueingDiscipline;
  readonly shares: LevelShares;
}

export interface PlannedFlow {
  readonly name: string;
  readonly uid: string;
  readonly level: string;
  readonly schema: SchemaObject;
  readonly matches: FlowMatcher;
}

export interface FlowControlPlan {
  readonly levels: readonly PlannedLevel[];
  /** The last one is for everything that matches none, though all users are in its groups. */
  readonly flows: readonly PlannedFlow[];
  /** The names of levels that cannot be gone by. */
  readonly broken: readonly string[];
}

export function planFlowControl(levels: readonly LevelObject[], schemas: readonly SchemaObject[]): FlowControlPlan {
  const planned = levels.flatMap((level) => plannedLevel(level) ?? []);
  const names = new Set(planned.map(({ name }) => name));
  const missing = MANDATORY_LEVELS.filter(({ metadata }) => !names.has(metadata.name));
  // A schema whose level is missing is not asked, even if the level is mandatory.
  const usable = schemas.filter(({ spec }) => names.has(spec.priorityLevelConfiguration.name));
  const flows = usable.toSorted(byMatchingPrecedence).map(plannedFlow);
  for (const schema of MANDATORY_SCHEMAS) {
    const { name } = schema.metadata;
    if (flows.some((flow) => flow.name === name)) continue;
    if (name === EXEMPT) flows.unshift(plannedFlow(schema));
    else flows.push(plannedFlow(schema));
  }
  return {
    levels: [...planned, ...missing.flatMap((level) => plannedLevel(level) ?? [])],
    flows,
    broken: levels.map(({ metadata }) => metadata.name).filter((name) => !names.has(name)),
  };
}

/** Whether a level can be gone by: its type, its limit response and its name go together, and its queues can be dealt. */
export function isUsable(level: LevelObject): boolean {
  return disciplineOf(level) !== undefined;
}

/** The flow of what matches none. */
export function fallbackFlow<Flow extends { readonly name: string }>(flows: readonly Flow[]): Flow {
  const flow = flows.find(({ name }) => name === CATCH_ALL);
  if (!flow) throw new TypeError('a plan has its mandatory flows');
  return flow;
}

/** Undefined where the object contradicts itself. */
function plannedLevel(level: LevelObject): PlannedLevel | undefined {
  const { metadata, spec } = level;
  const discipline = disciplineOf(level);
  return discipline && { name: metadata.name, uid: metadata.uid ?? '', discipline, shares: sharesOf(spec) };
}

function plannedFlow(schema: SchemaObject): PlannedFlow {
  const { metadata, spec } = schema;
  const level = spec.priorityLevelConfiguration.name;
  return { name: metadata.name, uid: metadata.uid ?? '', level, schema, matches: flowMatcher(schema) };
}

function sharesOf({ limited, exempt }: PriorityLevelConfigurationSpec): LevelShares {
  const { nominalConcurrencyShares, lendablePercent } = limited ?? exempt ?? {};
  return {
    nominalConcurrencyShares: nominalConcurrencyShares ?? 0,
    lendablePercent: lendablePercent ?? 0,
    borrowingLimitPercent: limited?.borrowingLimitPercent ?? undefined,
  };
}

/** Undefined where the object contradicts itself. */
function disciplineOf({ metadata, spec }: LevelObject): QueueingDiscipline | undefined {
  const { type, limited, exempt } = spec;
  const isExempt = type === 'Exempt';
  if (isExempt !== (metadata.name === EXEMPT) || isExempt !== (exempt !== undefined)) return undefined;
  if (isExempt) return limited ? undefined : { type: 'exempt' };
  if (!limited) return undefined;
  const { type: response, queuing } = limited.limitResponse;
  if (response === 'Reject') return queuing ? undefined : { type: 'reject' };
  if (!queuing) return undefined;
  const { queues, handSize, queueLengthLimit: lengthLimit } = queuing;
  if (queues < 1 || handSize < 1 || handSize > queues) return undefined;
  return { type: 'queue', queues, handSize, lengthLimit };
}
