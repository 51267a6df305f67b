// What differs between the two versions of OpenAPI, as far as schemas go.

/** A piece of a document: plain JSON. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Dialect {
  readonly refPrefix: string;
  /** In version 3 nothing may stand beside a reference, so it is wrapped where something has to. */
  readonly wrapsRefs: boolean;
  /** Version 3 can say that a value has one of two types. */
  readonly hasOneOf: boolean;
  /** Upstream takes defaults out of version 2: older clients stumble over them. */
  readonly hasDefaults: boolean;
  /** Version 2 is of all groups, so what belongs to every group (DeleteOptions, WatchEvent) names them all. */
  readonly isOfAllGroups: boolean;
}

export const OPENAPI_V2: Dialect = {
  refPrefix: '#/definitions/',
  wrapsRefs: false,
  hasOneOf: false,
  hasDefaults: false,
  isOfAllGroups: true,
};
export const OPENAPI_V3: Dialect = {
  refPrefix: '#/components/schemas/',
  wrapsRefs: true,
  hasOneOf: true,
  hasDefaults: true,
  isOfAllGroups: false,
};

/** A reference, with something beside it where there is something. */
export function reference({ refPrefix, wrapsRefs }: Dialect, name: string, beside: Schema = {}): Schema {
  const ref = { $ref: refPrefix + name };
  if (Object.keys(beside).length === 0) return ref;
  return wrapsRefs ? { allOf: [ref], ...beside } : { ...ref, ...beside };
}
