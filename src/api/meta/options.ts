// Options.

import { bool, int64, list, message, type Read, string, struct } from '../schema.ts';

export const ListOptions = struct('meta/v1.ListOptions', {
  labelSelector: string(1),
  fieldSelector: string(2),
  watch: bool(3),
  allowWatchBookmarks: bool(9),
  resourceVersion: string(4),
  resourceVersionMatch: string(10),
  timeoutSeconds: int64(5, { optional: true }),
  limit: int64(7),
  continue: string(8),
  sendInitialEvents: bool(11, { optional: true }),
  shardSelector: string(15),
});
export type ListOptions = Read<typeof ListOptions>;

export const GetOptions = struct('meta/v1.GetOptions', {
  resourceVersion: string(1),
});
export type GetOptions = Read<typeof GetOptions>;

export const Preconditions = struct('meta/v1.Preconditions', {
  uid: string(1, { optional: true }),
  resourceVersion: string(2, { optional: true }),
});
export type Preconditions = Read<typeof Preconditions>;

export const DeleteOptions = struct('meta/v1.DeleteOptions', {
  gracePeriodSeconds: int64(1, { optional: true }),
  preconditions: message(2, Preconditions, { optional: true }),
  orphanDependents: bool(3, { optional: true, deprecated: true }),
  propagationPolicy: string(4, { optional: true }),
  dryRun: list(5, 'string', { list: 'atomic' }),
  ignoreStoreReadErrorWithClusterBreakingPotential: bool(6, { optional: true }),
});
export type DeleteOptions = Read<typeof DeleteOptions>;

export const CreateOptions = struct('meta/v1.CreateOptions', {
  dryRun: list(1, 'string', { list: 'atomic' }),
  fieldManager: string(3),
  fieldValidation: string(4),
});
export type CreateOptions = Read<typeof CreateOptions>;

export const PatchOptions = struct('meta/v1.PatchOptions', {
  dryRun: list(1, 'string', { list: 'atomic' }),
  force: bool(2, { optional: true }),
  fieldManager: string(3),
  fieldValidation: string(4),
});
export type PatchOptions = Read<typeof PatchOptions>;

export const ApplyOptions = struct('meta/v1.ApplyOptions', {
  dryRun: list(1, 'string', { list: 'atomic' }),
  force: bool(2, { required: true }),
  fieldManager: string(3, { required: true }),
});
export type ApplyOptions = Read<typeof ApplyOptions>;

export const UpdateOptions = struct('meta/v1.UpdateOptions', {
  dryRun: list(1, 'string', { list: 'atomic' }),
  fieldManager: string(2),
  fieldValidation: string(3),
});
export type UpdateOptions = Read<typeof UpdateOptions>;

export const TableOptions = struct('meta/v1.TableOptions', {
  includeObject: string(1),
});
export type TableOptions = Read<typeof TableOptions>;
