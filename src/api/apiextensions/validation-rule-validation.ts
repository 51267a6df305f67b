// The rules of `x-kubernetes-validations`, but for the expressions themselves, which nothing compiles yet. Upstream:
// ValidateCustomResourceDefinitionOpenAPISchema in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { FieldValueErrorReason, type ValidationRule } from './json-schema-props.ts';
import { findInSchema, SchemaPathError } from './schema-path.ts';
import { NotStructuralError, structuralSchema } from './structural-schema.ts';

const REASONS = [...FieldValueErrorReason].sort();
const NON_EMPTY = 'must be non-empty if specified';
const NO_LINE_BREAKS = 'must not contain line breaks';

/** `at`: where the rules are. */
export function checkRules(schema: JsonSchema, at: Path, errors: FieldError[]): void {
  for (const [index, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    checkTexts(rule, at.index(index), errors);
    const { reason, fieldPath = '' } = rule;
    if (reason !== undefined) checkOneOf(reason, REASONS, at.index(index).child('reason'), errors);
    if (fieldPath !== '') checkFieldPath(fieldPath, schema, at.index(index).child('fieldPath'), errors);
  }
}

function checkTexts(rule: ValidationRule, at: Path, errors: FieldError[]): void {
  const { message = '', messageExpression = '' } = rule;
  const expression = rule.rule.trim();
  const text = message.trim();
  const messageAt = at.child('message');
  if (expression === '') errors.push(fieldError.required(at.child('rule'), 'rule is not specified'));
  else if (message !== '' && text === '') errors.push(fieldError.invalid(messageAt, message, NON_EMPTY));
  else if (hasLineBreaks(text)) errors.push(fieldError.invalid(messageAt, message, NO_LINE_BREAKS));
  else if (hasLineBreaks(expression) && text === '') {
    errors.push(fieldError.required(messageAt, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(fieldError.required(at.child('messageExpression'), `messageExpression ${NON_EMPTY}`));
  }
}

function checkFieldPath(path: string, schema: JsonSchema, at: Path, errors: FieldError[]): void {
  if (path.trim() === '') errors.push(fieldError.invalid(at, path, NON_EMPTY));
  if (hasLineBreaks(path)) errors.push(fieldError.invalid(at, path, NO_LINE_BREAKS));
  if (!isPathIn(schema, path)) errors.push(fieldError.invalid(at, path, 'must be a valid path'));
}

/** Of a schema that is not structural no path is wrong: that is told in its own place. */
function isPathIn(schema: JsonSchema, path: string): boolean {
  try {
    findInSchema(path, structuralSchema(schema), { allowsBrackets: true });
    return true;
  } catch (error) {
    if (error instanceof SchemaPathError) return false;
    if (error instanceof NotStructuralError) return true;
    throw error;
  }
}

function hasLineBreaks(text: string): boolean {
  return /[\n\r]/.test(text);
}
