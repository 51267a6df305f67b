// A kind's hooks, as code that serves any kind calls them. A declaration types its hooks by its own struct; what reaches
// them here has been decoded by that very struct.

import type { FieldError } from '../../api/field-error.ts';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import type { WriteContext } from '../../api/write-context.ts';

export interface KindHooks {
  defaults?(draft: AnyDraft): void;
  prepareForCreate?(draft: AnyDraft, warn?: (text: string) => void): void;
  prepareForUpdate?(draft: AnyDraft, previous: AnyObject): void;
  prepareForStatusUpdate?(draft: AnyDraft, previous: AnyObject): void;
  stamp?(draft: AnyDraft, previous: AnyObject | undefined, context: WriteContext): void;
  validate?(object: AnyObject, previous?: AnyObject): readonly FieldError[];
  validateCreate?(object: AnyObject): readonly FieldError[];
  verify?(object: AnyObject): Promise<readonly FieldError[]>;
  validateUpdate?(object: AnyObject, previous: AnyObject): readonly FieldError[];
  validateStatusUpdate?(object: AnyObject, previous: AnyObject): readonly FieldError[];
  warnings?(object: AnyObject, previous: AnyObject | undefined): readonly string[];
  statusWarnings?(object: AnyObject, previous: AnyObject): readonly string[];
  gracePeriodSeconds?(object: AnyObject, requested: number | undefined): number;
}

export function hooksOf(kind: Kind): KindHooks {
  return kind as unknown as KindHooks;
}
