// Whether an object may be stored as it is: the rules of all kinds and those of its own, as one answer.

import type { FieldError } from '../../api/field-error.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import { mergeErrors, validateObject, validateObjectUpdate } from '../../api/object-validation.ts';
import { invalid } from '../../api/status-error.ts';
import { hooksOf } from './kind-hooks.ts';

/** Throws StatusError `Invalid` with everything that is wrong with an object that begins. */
export async function refuseInvalid(kind: Kind, object: AnyObject): Promise<void> {
  const hooks = hooksOf(kind);
  const own = [...(hooks.validate?.(object) ?? []), ...(hooks.validateCreate?.(object) ?? [])];
  if (hooks.verify) own.push(...(await hooks.verify(object)));
  refuse(kind, object, mergeErrors(validateObject(kind, object), own));
}

/**
 * Throws StatusError `Invalid` with everything that is wrong with an object that takes another one's place, by way of
 * the object itself (`''`), one of its subresources, or an action, which only has to leave it valid.
 */
export function refuseInvalidUpdate(
  kind: Kind,
  object: AnyObject,
  previous: AnyObject,
  way: { readonly subresource: string; readonly action: boolean },
): void {
  const subresource = kind.subresources[way.subresource];
  const own: FieldError[] = [];
  if (subresource?.type === 'status' && !way.action)
    own.push(...(hooksOf(kind).validateStatusUpdate?.(object, previous) ?? []));
  else own.push(...(hooksOf(kind).validate?.(object, previous) ?? []));
  if (!way.action) {
    if (subresource?.type === 'view') own.push(...(subresource.validate?.(object, previous) ?? []));
    else if (subresource?.type !== 'status') own.push(...(hooksOf(kind).validateUpdate?.(object, previous) ?? []));
  }
  const general = [...validateObject(kind, object), ...validateObjectUpdate(kind, object, previous)];
  refuse(kind, object, mergeErrors(general, own));
}

function refuse(kind: Kind, object: AnyObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind, object.metadata.name ?? '', errors);
}
