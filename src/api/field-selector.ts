// Field selectors: `spec.nodeName=a,status.phase!=Running`. Which fields can be selected by is part of a kind's
// declaration. Upstream: k8s.io/apimachinery/pkg/fields.

import type { AnyObject, Kind } from './kind.ts';
import { badRequest } from './status-error.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export interface FieldMatcher {
  readonly requirements: readonly FieldRequirement[];
  readonly isEverything: boolean;
  matches(object: AnyObject): boolean;
}

type FieldValue = (object: AnyObject) => string;
type Selectable = Pick<Kind, 'selectableFields'> & Partial<Pick<Kind, 'scope'>>;

const METADATA: Readonly<Record<string, FieldValue>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
};

const TERM = /^(.*?)(!=|==|=)(.*)$/s;

/** The terms of a selector, whatever its fields. Throws BadRequest. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  const requirements = splitTerms(text)
    .sort()
    .map((term): FieldRequirement => {
      const match = TERM.exec(term);
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator, value = ''] = match;
      return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) };
    });
  // A lone operator asks for nothing.
  return requirements.filter(({ field, value }) => field !== '' || value !== '');
}

/** A selector over the fields of a kind. Throws BadRequest, also where the kind cannot be selected by a field. */
export function compileFieldSelector(kind: Selectable, requirements: readonly FieldRequirement[]): FieldMatcher {
  const tests = requirements.map(({ field, operator, value }) => {
    const read = fieldValue(kind, field);
    return operator === '='
      ? (object: AnyObject) => read(object) === value
      : (object: AnyObject) => read(object) !== value;
  });
  return {
    requirements,
    isEverything: requirements.length === 0,
    matches(object) {
      for (const test of tests) if (!test(object)) return false;
      return true;
    },
  };
}

/** How to read a field of the kind's objects. Throws BadRequest for a field that the kind cannot be selected by. */
export function fieldValue(kind: Selectable, field: string): FieldValue {
  const fields = kind.selectableFields ?? {};
  const hasOwn = Object.keys(fields).length > 0;
  // Kinds without fields of their own take both; one that has some knows whether it is in a namespace.
  const isNowhere = hasOwn && kind.scope === 'Cluster' && field === 'metadata.namespace';
  if (Object.hasOwn(METADATA, field) && !isNowhere) return METADATA[field]!;
  if (Object.hasOwn(fields, field)) return fields[field] as FieldValue;
  throw badRequest(
    hasOwn
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** The value that a field must have, if the selector pins it to one. */
export function requiredField(requirements: readonly FieldRequirement[], field: string): string | undefined {
  return requirements.find((requirement) => requirement.field === field && requirement.operator === '=')?.value;
}

/** The selector as a query string has it. */
export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(',');
}

/** A value with the characters that mean something in a selector escaped. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

/** The terms between commas, but for those behind a backslash. */
function splitTerms(text: string): string[] {
  return text.match(/(?:\\.|[^\\,]|\\$)+/gs) ?? [];
}

function unescapeValue(value: string): string {
  const stray = /^(?:\\[\\,=]|[^\\,=])*/s.exec(value)?.[0].length ?? 0;
  if (stray < value.length) {
    const rest = value.slice(stray);
    if (rest.startsWith('\\')) throw badRequest(`invalid field selector: invalid escape sequence: ${rest.slice(0, 2)}`);
    throw badRequest(`invalid field selector: unescaped character in value: ${rest.codePointAt(0)}`);
  }
  return value.replace(/\\([\\,=])/g, '$1');
}
