// Status.

import { int32, list, message, type Read, string, struct } from '../schema.ts';
import { ListMeta } from './list-meta.ts';

export const StatusCause = struct('meta/v1.StatusCause', {
  reason: string(1),
  message: string(2),
  field: string(3),
});
export type StatusCause = Read<typeof StatusCause>;

export const StatusDetails = struct('meta/v1.StatusDetails', {
  name: string(1),
  group: string(2),
  kind: string(3),
  uid: string(6),
  causes: list(4, StatusCause, { list: 'atomic' }),
  retryAfterSeconds: int32(5),
});
export type StatusDetails = Read<typeof StatusDetails>;

export const Status = struct('meta/v1.Status', {
  metadata: message(1, ListMeta),
  status: string(2),
  message: string(3),
  reason: string(4),
  details: message(5, StatusDetails, { optional: true }),
  code: int32(6),
});
export type Status = Read<typeof Status>;
