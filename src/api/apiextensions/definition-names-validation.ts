// The rules of the names that a definition gives its resource, those that it asks for and those that it got. Upstream:
// ValidateCustomResourceDefinitionNames in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { dns1035Label } from '../names.ts';
import type { CustomResourceDefinitionNames } from './custom-resource-definition.ts';

export function checkRequiredNames(names: CustomResourceDefinitionNames, at: Path, errors: FieldError[]): void {
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[field]) errors.push(fieldError.required(at.child(field)));
  }
}

/** Of the names that there are. */
export function checkNames(names: CustomResourceDefinitionNames, at: Path, errors: FieldError[]): void {
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names;
  checkName(plural, at.child('plural'), errors);
  checkName(singular, at.child('singular'), errors);
  checkKind(kind, at.child('kind'), errors);
  checkKind(listKind, at.child('listKind'), errors);
  for (const [index, name] of shortNames.entries()) checkLabel(name, at.child('shortNames').index(index), errors);
  if (kind !== '' && kind === listKind) {
    errors.push(fieldError.invalid(at.child('listKind'), listKind, 'kind and listKind may not be the same'));
  }
  for (const [index, name] of categories.entries()) checkLabel(name, at.child('categories').index(index), errors);
}

/** All that is wrong with a label, as one error. */
export function checkLabel(name: string, at: Path, errors: FieldError[]): void {
  const faults = dns1035Label(name);
  if (faults.length > 0) errors.push(fieldError.invalid(at, name, faults.join(',')));
}

function checkName(name: string, at: Path, errors: FieldError[]): void {
  if (name !== '') checkLabel(name, at, errors);
}

function checkKind(kind: string, at: Path, errors: FieldError[]): void {
  const faults = kind === '' ? [] : dns1035Label(kind.toLowerCase());
  const why = `may have mixed case, but should otherwise match: ${faults.join(',')}`;
  if (faults.length > 0) errors.push(fieldError.invalid(at, kind, why));
}
