// Objects as rows of the table that `kubectl get` prints. Upstream: meta/v1.Table, KEP-515 (server-side get).

import type { AnyObject, Column } from '../../api/kind.ts';
import { createdAtColumn, nameColumn } from '../../api/printing.ts';
import { badRequest } from '../../api/status-error.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export const TABLE_TYPE = { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } as const;
export const METADATA_TYPE = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } as const;
export const METADATA_LIST_TYPE = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' } as const;

/** A kind, or what is declared like one. */
export interface HasColumns {
  readonly columns?: readonly Column<AnyObject>[];
}

const DEFAULT_COLUMNS = [nameColumn, createdAtColumn] as readonly Column<AnyObject>[];

/** How much of the object goes along with its row. Throws StatusError `BadRequest`. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`);
}

export function columnDefinitions(kind: HasColumns): readonly object[] {
  return columnsOf(kind).map(({ name, type, format = '', description, priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

export function cellsOf(kind: HasColumns, object: AnyObject, nowMs: number): readonly (string | number | boolean)[] {
  return columnsOf(kind).map((column) => column.value(object, nowMs));
}

/** The metadata of an object as an object of its own. */
export function partialMetadata({ metadata }: AnyObject): object {
  return { ...METADATA_TYPE, metadata };
}

function columnsOf(kind: HasColumns): readonly Column<AnyObject>[] {
  return (kind.columns as readonly Column<AnyObject>[] | undefined) ?? DEFAULT_COLUMNS;
}
