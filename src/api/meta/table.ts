// Table.

import { int32, list, message, type Read, rawExtension, string, struct } from '../schema.ts';
import { ListMeta } from './list-meta.ts';
import { ObjectMeta } from './object-meta.ts';

export const TableColumnDefinition = struct('meta/v1.TableColumnDefinition', {
  name: string(0, { required: true }),
  type: string(0, { required: true }),
  format: string(0, { required: true }),
  description: string(0, { required: true }),
  priority: int32(0, { required: true }),
});
export type TableColumnDefinition = Read<typeof TableColumnDefinition>;

export const TableRowCondition = struct('meta/v1.TableRowCondition', {
  type: string(0, { required: true }),
  status: string(0, { required: true }),
  reason: string(0),
  message: string(0),
});
export type TableRowCondition = Read<typeof TableRowCondition>;

export const TableRow = struct('meta/v1.TableRow', {
  cells: list(0, 'json', { required: true, list: 'atomic' }),
  conditions: list(0, TableRowCondition, { list: 'atomic' }),
  object: rawExtension(0),
});
export type TableRow = Read<typeof TableRow>;

export const Table = struct('meta/v1.Table', {
  metadata: message(0, ListMeta),
  columnDefinitions: list(0, TableColumnDefinition, { required: true, list: 'atomic' }),
  rows: list(0, TableRow, { required: true, list: 'atomic' }),
});
export type Table = Read<typeof Table>;

export const PartialObjectMetadata = struct('meta/v1.PartialObjectMetadata', {
  metadata: message(1, ObjectMeta),
});
export type PartialObjectMetadata = Read<typeof PartialObjectMetadata>;
