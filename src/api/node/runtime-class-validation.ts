// The rules of runtime classes. Upstream: ValidateRuntimeClass in pkg/apis/node/validation.

import { checkTolerations } from '../core/affinity-validation.ts';
import { checkContainerResources } from '../core/resource-validation.ts';
import { checkLabel } from '../field-checks.ts';
import { type FieldError, Path } from '../field-error.ts';
import { validateLabels } from '../label-selector.ts';
import { immutable } from '../object-validation.ts';
import type { RuntimeClass } from './runtime-class.ts';

export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkLabel(handler, Path.of('handler'), errors);
  if (overhead?.podFixed) {
    checkContainerResources({ limits: overhead.podFixed }, new Set(), Path.of('overhead'), errors);
  }
  const at = Path.of('scheduling');
  errors.push(...validateLabels(scheduling?.nodeSelector, at.child('nodeSelector')));
  checkTolerations(scheduling?.tolerations ?? [], at.child('tolerations'), errors);
  return errors;
}

export function validateRuntimeClassUpdate(next: RuntimeClass, previous: RuntimeClass): readonly FieldError[] {
  return immutable(Path.of('handler'), next.handler, previous.handler);
}
