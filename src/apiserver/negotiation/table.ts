// Objects as rows of the table that `kubectl get` prints. Upstream: meta/v1.Table, KEP-515 (server-side get).

import { fieldError, formatFieldError } from '../../api/field-error.ts';
import type { AnyObject, Column } from '../../api/kind.ts';
import { createdAtColumn, nameColumn } from '../../api/printing.ts';
import { badRequest } from '../../api/status-error.ts';
import type { MetaVersion } from './accept.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** What an answer in another shape says that it is. */
export interface MetaTypes {
  readonly table: { readonly kind: 'Table'; readonly apiVersion: string };
  readonly metadata: { readonly kind: 'PartialObjectMetadata'; readonly apiVersion: string };
  readonly metadataList: { readonly kind: 'PartialObjectMetadataList'; readonly apiVersion: string };
}

export function metaTypes(version: MetaVersion): MetaTypes {
  const apiVersion = `meta.k8s.io/${version}`;
  return {
    table: { kind: 'Table', apiVersion },
    metadata: { kind: 'PartialObjectMetadata', apiVersion },
    metadataList: { kind: 'PartialObjectMetadataList', apiVersion },
  };
}

/** A kind, or what is declared like one. */
export interface HasColumns {
  readonly columns?: readonly Column<AnyObject>[];
}

const DEFAULT_COLUMNS = [nameColumn, createdAtColumn] as readonly Column<AnyObject>[];

/** How much of the object goes along with its row. Throws StatusError `BadRequest`. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  const error = fieldError.invalid('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequest(`Unable to convert to Table as requested: ${formatFieldError(error)}`);
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

/** The cells of an object that has nothing but metadata. */
export function emptyCells(kind: HasColumns): readonly (string | number | boolean)[] {
  return columnsOf(kind).map(({ type }) => EMPTY_CELLS[type]);
}

const EMPTY_CELLS = { string: '', date: '', integer: 0, number: 0, boolean: false } as const;

/** The metadata of an object as an object of its own. */
export function partialMetadata({ metadata }: Pick<AnyObject, 'metadata'>, { metadata: type }: MetaTypes): object {
  return { ...type, metadata };
}

function columnsOf(kind: HasColumns): readonly Column<AnyObject>[] {
  return (kind.columns as readonly Column<AnyObject>[] | undefined) ?? DEFAULT_COLUMNS;
}
