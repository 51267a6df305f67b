// Watch event.

import { type Read, rawExtension, string, struct } from '../schema.ts';

export const WatchEvent = struct('meta/v1.WatchEvent', {
  type: string(1, { required: true }),
  object: rawExtension(2, { required: true }),
});
export type WatchEvent = Read<typeof WatchEvent>;
