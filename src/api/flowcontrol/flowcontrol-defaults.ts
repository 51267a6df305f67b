// The defaults of flow control, where zero counts as unset. Upstream: SetDefaults_* in pkg/apis/flowcontrol/v1.

import type { Draft } from '../schema.ts';
import type { FlowSchema } from './flow-schema.ts';
import type { PriorityLevelConfiguration } from './priority-level-configuration.ts';

const MATCHING_PRECEDENCE = 1000;
const CONCURRENCY_SHARES = 30;
const QUEUES = 64;
const HAND_SIZE = 8;
const QUEUE_LENGTH_LIMIT = 50;

export function defaultFlowSchema({ spec }: Draft<FlowSchema>): void {
  spec.matchingPrecedence ||= MATCHING_PRECEDENCE;
}

export function defaultPriorityLevel({ spec }: Draft<PriorityLevelConfiguration>): void {
  if (spec.type === 'Exempt') spec.exempt ??= {};
  if (spec.exempt) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  if (!spec.limited) return;
  spec.limited.nominalConcurrencyShares ??= CONCURRENCY_SHARES;
  spec.limited.lendablePercent ??= 0;
  const { queuing } = spec.limited.limitResponse;
  if (!queuing) return;
  queuing.queues ||= QUEUES;
  queuing.handSize ||= HAND_SIZE;
  queuing.queueLengthLimit ||= QUEUE_LENGTH_LIMIT;
}
