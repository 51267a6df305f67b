// Scale.

import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, message, type Read, string, struct } from '../schema.ts';

export const ScaleSpec = struct('autoscaling/v1.ScaleSpec', {
  replicas: int32(1, { default: 0 }),
});
export type ScaleSpec = Read<typeof ScaleSpec>;

export const ScaleStatus = struct('autoscaling/v1.ScaleStatus', {
  replicas: int32(1, { required: true }),
  selector: string(2),
});
export type ScaleStatus = Read<typeof ScaleStatus>;

export const Scale = struct('autoscaling/v1.Scale', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ScaleSpec),
  status: message(3, ScaleStatus),
});
export type Scale = Read<typeof Scale>;
