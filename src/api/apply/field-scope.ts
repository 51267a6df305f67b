// What tracking the fields of an object needs to know of where it is written: the kind and version, the subresource, the
// fields that this way of writing puts back, and the other versions that managers may have used.

import type { FieldFilter } from './field-set.ts';
import type { StructType } from './merge-type.ts';
import type { JsonMap } from './typed-value.ts';

export interface FieldScope {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** `''` for the object itself. */
  readonly subresource: string;
  readonly type: StructType;
  readonly filter: FieldFilter;
  /** An object of which nothing is set: what a new one is compared with. */
  readonly empty: JsonMap;
  /** The same objects in another version; undefined for one that is not served, whose managers are forgotten. */
  at(apiVersion: string): FieldScope | undefined;
  /** An object of this scope's version in another one. */
  convert(object: JsonMap, to: FieldScope): JsonMap;
}
