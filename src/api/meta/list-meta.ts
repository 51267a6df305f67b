// List meta.

import { int64, message, type Read, string, struct } from '../schema.ts';

export const ShardInfo = struct('meta/v1.ShardInfo', {
  selector: string(1, { required: true }),
});
export type ShardInfo = Read<typeof ShardInfo>;

export const ListMeta = struct('meta/v1.ListMeta', {
  selfLink: string(1, { deprecated: true }),
  resourceVersion: string(2),
  continue: string(3),
  remainingItemCount: int64(4, { optional: true }),
  shardInfo: message(5, ShardInfo, { optional: true }),
});
export type ListMeta = Read<typeof ListMeta>;
