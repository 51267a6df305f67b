// The rules of what versions of a resource have beside their names: schema, subresources, printer columns, selectable
// fields, and what is said of a version that is on its way out. Upstream:
// k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
} from './custom-resource-definition.ts';

const MAX_WARNING_BYTES = 256;

export function checkDeprecation(version: CustomResourceDefinitionVersion, at: Path, errors: FieldError[]): void {
  const { deprecated, deprecationWarning: warning } = version;
  if (warning === undefined) return;
  const refuse = (why: string) => errors.push(fieldError.invalid(at.child('deprecationWarning'), warning, why));
  if (!deprecated) {
    refuse('can only be set for deprecated versions');
    return;
  }
  const bytes = new TextEncoder().encode(warning);
  if (bytes.length > MAX_WARNING_BYTES) refuse(`must be <= ${MAX_WARNING_BYTES} characters long`);
  if (warning === '') refuse('must not be an empty string');
  const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
  if (!unprintable) return;
  const index = utf8Length(warning.slice(0, unprintable.index));
  refuse(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function checkColumns(columns: readonly CustomResourceColumnDefinition[], at: Path, errors: FieldError[]): void {
  for (const [index, { name, type, format = '', jsonPath }] of columns.entries()) {
    const column = at.index(index);
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    if (name === '') errors.push(fieldError.required(column.child('name')));
    if (type === '') errors.push(fieldError.required(column.child('type'), types));
    else if (!COLUMN_TYPES.includes(type)) errors.push(fieldError.invalid(column.child('type'), type, types));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      const formats = `must be one of ${COLUMN_FORMATS.join(',')}`;
      errors.push(fieldError.invalid(column.child('format'), format, formats));
    }
    checkPath(jsonPath, [], '', column.child('JSONPath'), errors);
  }
}

export function checkSubresources(
  subresources: CustomResourceSubresources | undefined,
  at: Path,
  errors: FieldError[],
): void {
  const scale = subresources?.scale;
  if (!scale) return;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale;
  const path = (name: string) => at.child('scale', name);
  checkPath(specReplicasPath, ['.spec.'], 'under .spec', path('specReplicasPath'), errors);
  checkPath(statusReplicasPath, ['.status.'], 'under .status', path('statusReplicasPath'), errors);
  if (labelSelectorPath === '') return;
  checkPath(
    labelSelectorPath,
    ['.spec.', '.status.'],
    'under either .spec or .status',
    path('labelSelectorPath'),
    errors,
  );
}

/** `prefixes`: one of which the path has to begin with. */
function checkPath(path: string, prefixes: readonly string[], where: string, at: Path, errors: FieldError[]): void {
  if (path === '') errors.push(fieldError.required(at));
  else if (!path.startsWith('.')) {
    errors.push(fieldError.invalid(at, path, 'must be a simple json path starting with .'));
  } else if (prefixes.length > 0 && !prefixes.some((prefix) => path.startsWith(prefix))) {
    errors.push(fieldError.invalid(at, path, `should be a json path ${where}`));
  }
}
