// Eviction.

import { ObjectMeta } from '../meta/object-meta.ts';
import { DeleteOptions } from '../meta/options.ts';
import { message, type Read, struct } from '../schema.ts';

export const Eviction = struct('policy/v1.Eviction', {
  metadata: message(1, ObjectMeta),
  deleteOptions: message(2, DeleteOptions, { optional: true }),
});
export type Eviction = Read<typeof Eviction>;
