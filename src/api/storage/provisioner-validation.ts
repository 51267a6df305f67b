// The rules of who provides volumes and of the parameters for it, which are the same for both kinds of classes. Upstream:
// validateProvisioner and validateParameters in pkg/apis/storage/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { qualifiedName } from '../names.ts';

const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 256 * 1024;

/** That there is one is said by the declarations. */
export function checkProvisioner(provisioner: string, at: Path, errors: FieldError[]): void {
  if (provisioner === '') return;
  const name = provisioner.toLowerCase();
  for (const fault of qualifiedName(name)) errors.push(fieldError.invalid(at, name, fault));
}

export function checkParameters(parameters: Readonly<Record<string, string>>, at: Path, errors: FieldError[]): void {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_PARAMETERS) {
    errors.push(fieldError.tooLong(at, MAX_PARAMETERS));
    return;
  }
  if (Object.hasOwn(parameters, '')) errors.push(fieldError.invalid(at, '', 'field can not be empty.'));
  const bytes = entries.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  if (bytes > MAX_PARAMETER_BYTES) errors.push(fieldError.tooLong(at, MAX_PARAMETER_BYTES));
}
