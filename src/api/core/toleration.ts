// Toleration.

import { int64, type Read, string, struct, time } from '../schema.ts';

export const TaintEffect = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
export type TaintEffect = (typeof TaintEffect)[number];

export const Taint = struct('core/v1.Taint', {
  key: string(1, { required: true }),
  value: string(2),
  effect: string(3, { required: true, enum: TaintEffect }),
  timeAdded: time(4, { optional: true }),
});
export type Taint = Read<typeof Taint>;

export const TolerationOperator = ['Exists', 'Equal', 'Lt', 'Gt'] as const;
export type TolerationOperator = (typeof TolerationOperator)[number];

export const Toleration = struct('core/v1.Toleration', {
  key: string(1),
  operator: string(2, { enum: TolerationOperator }),
  value: string(3),
  effect: string(4, { enum: TaintEffect }),
  tolerationSeconds: int64(5, { optional: true }),
});
export type Toleration = Read<typeof Toleration>;
