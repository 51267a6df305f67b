// Condition.

import { int64, type Read, string, struct, time } from '../schema.ts';

export const Condition = struct('meta/v1.Condition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  observedGeneration: int64(3),
  lastTransitionTime: time(4, { required: true }),
  reason: string(5, { required: true }),
  message: string(6, { required: true }),
});
export type Condition = Read<typeof Condition>;
