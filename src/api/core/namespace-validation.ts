// The rules of namespaces. Upstream: ValidateNamespace and its updates in pkg/apis/core/validation.

import { checkFinalizerName } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { AnyObject } from '../kind.ts';
import type { Namespace } from './namespace.ts';

const FINALIZERS = Path.of('spec', 'finalizers');

export function validateNamespaceCreate({ spec }: Namespace): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const name of spec.finalizers ?? []) checkFinalizerName(name, FINALIZERS, errors);
  return errors;
}

/** The phase says whether the namespace is being deleted. */
export function validateNamespaceStatusUpdate({ metadata, status }: Namespace): readonly FieldError[] {
  const { phase } = status;
  const [expected, when] = metadata.deletionTimestamp ? ['Terminating', 'not empty'] : ['Active', 'empty'];
  if (phase === expected) return [];
  const why = `may only be '${expected}' if \`deletionTimestamp\` is ${when}`;
  return [fieldError.invalid(Path.of('status', 'Phase'), phase, why)];
}

export function validateFinalize(object: AnyObject): readonly FieldError[] {
  const { spec } = object as unknown as Namespace;
  const errors: FieldError[] = [];
  for (const [index, name] of (spec.finalizers ?? []).entries()) {
    checkFinalizerName(name, FINALIZERS.index(index), errors);
  }
  return errors;
}
