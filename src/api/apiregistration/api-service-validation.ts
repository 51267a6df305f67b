// The rules of API services. Upstream: ValidateAPIService in k8s.io/kube-aggregator/pkg/apis/apiregistration/validation.

import { decodeBase64 } from '../../base/base64.ts';
import { checkFaults, checkOneOf, checkRequired, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { dns1035Label, pathSegment, portNumber } from '../names.ts';
import type { APIService, APIServiceSpec, ServiceReference } from './api-service.ts';

const META = Path.of('metadata');
const SPEC = Path.of('spec');
const SKIP_TLS = SPEC.child('insecureSkipTLSVerify');
const MAX_GROUP_PRIORITY = 20000;
const MAX_VERSION_PRIORITY = 1000;

export function validateAPIService({ metadata, spec }: APIService): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkNames(metadata, spec, errors);
  checkGroupVersion(spec, errors);
  checkPriority(spec, 'groupPriorityMinimum', MAX_GROUP_PRIORITY, errors);
  checkPriority(spec, 'versionPriority', MAX_VERSION_PRIORITY, errors);
  if (spec.service) checkRemote(spec, spec.service, errors);
  else checkLocal(spec, errors);
  return errors;
}

export function validateAPIServiceStatusUpdate({ status }: APIService): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, condition] of (status.conditions ?? []).entries()) {
    const at = Path.of('status', 'conditions').index(index).child('status');
    checkOneOf(condition.status, ['True', 'False', 'Unknown'], at, errors);
  }
  return errors;
}

/** The name says what is served, and there is no generating it. */
function checkNames(
  { generateName, name }: APIService['metadata'],
  { group = '', version = '' }: APIServiceSpec,
  errors: FieldError[],
): void {
  const required = `${version}.${group}`;
  const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(required)}`;
  for (const [field, value] of Object.entries({ generateName, name })) {
    if (!value || value === required || pathSegment(value).length > 0) continue;
    errors.push(fieldError.invalid(META.child(field), value, why));
  }
}

function checkGroupVersion({ group = '', version = '' }: APIServiceSpec, errors: FieldError[]): void {
  const groupAt = SPEC.child('group');
  if (group !== '') checkSubdomain(group, groupAt, errors);
  else if (version !== 'v1') {
    errors.push(fieldError.required(groupAt, 'only v1 may have an empty group and it better be legacy kube'));
  }
  checkFaults(dns1035Label(version), version, SPEC.child('version'), errors);
}

function checkPriority(
  spec: APIServiceSpec,
  field: 'groupPriorityMinimum' | 'versionPriority',
  max: number,
  errors: FieldError[],
): void {
  const priority = spec[field];
  if (priority > 0 && priority <= max) return;
  errors.push(fieldError.invalid(SPEC.child(field), priority, `must be positive and less than ${max}`));
}

function checkRemote(
  { caBundle, insecureSkipTLSVerify }: APIServiceSpec,
  { namespace, name, port = 0 }: ServiceReference,
  errors: FieldError[],
): void {
  const at = SPEC.child('service');
  checkRequired(namespace, at.child('namespace'), errors);
  checkRequired(name, at.child('name'), errors);
  const faults = portNumber(port);
  if (faults.length > 0) {
    errors.push(fieldError.invalid(at.child('port'), port, `port is not valid: ${faults.join(', ')}`));
  }
  if (insecureSkipTLSVerify && caBundle) {
    errors.push(fieldError.invalid(SKIP_TLS, true, 'may not be true if caBundle is present'));
  }
}

function checkLocal({ caBundle, insecureSkipTLSVerify }: APIServiceSpec, errors: FieldError[]): void {
  if (caBundle) {
    const value = `${decodeBase64(caBundle).length} bytes`;
    errors.push(fieldError.invalid(SPEC.child('caBundle'), value, 'local APIServices may not have a caBundle'));
  }
  if (insecureSkipTLSVerify) {
    errors.push(fieldError.invalid(SKIP_TLS, true, 'local APIServices may not have insecureSkipTLSVerify'));
  }
}
