// PrioritySort: higher priority first, then whoever has waited longer.

import type { Plugin } from '../framework.ts';

export function prioritySort(): Plugin {
  return {
    name: 'PrioritySort',
    queueSort: (a, b) => b.info.priority - a.info.priority || a.timestampMs - b.timestampMs,
  };
}
