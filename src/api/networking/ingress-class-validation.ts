// The rules of ingress classes. Upstream: ValidateIngressClass in pkg/apis/networking/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { checkDomainPath, checkLabel, checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { IngressClass, IngressClassParametersReference } from './ingress-class.ts';
import { checkReference } from './ingress-validation.ts';

const CONTROLLER = Path.of('spec', 'controller');
const MAX_CONTROLLER_BYTES = 250;

export function validateIngressClass({ spec }: IngressClass): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { controller = '', parameters } = spec;
  if (controller === '') errors.push(fieldError.required(CONTROLLER));
  else {
    if (utf8Length(controller) > MAX_CONTROLLER_BYTES) {
      errors.push(fieldError.tooLong(CONTROLLER, MAX_CONTROLLER_BYTES));
    }
    checkDomainPath(controller, CONTROLLER, errors);
  }
  if (parameters) checkParameters(parameters, Path.of('spec', 'parameters'), errors);
  return errors;
}

/** Another controller would find objects that it has not made. */
export function validateIngressClassUpdate({ spec }: IngressClass, previous: IngressClass): readonly FieldError[] {
  return immutable(CONTROLLER, spec.controller ?? '', previous.spec.controller ?? '');
}

function checkParameters(parameters: IngressClassParametersReference, at: Path, errors: FieldError[]): void {
  const { scope, namespace } = parameters;
  checkReference(parameters, at, errors);
  if (scope === undefined || scope === null) return void errors.push(fieldError.required(at.child('scope')));
  const namespaceAt = at.child('namespace');
  if (scope === 'Namespace') {
    if (namespace !== undefined) checkLabel(namespace, namespaceAt, errors);
    else errors.push(fieldError.required(namespaceAt, "`parameters.scope` is set to 'Namespace'"));
  } else if (scope === 'Cluster') {
    if (namespace === undefined) return;
    errors.push(fieldError.forbidden(namespaceAt, "`parameters.scope` is set to 'Cluster'"));
  } else checkOneOf(scope, ['Cluster', 'Namespace'], at.child('scope'), errors);
}
