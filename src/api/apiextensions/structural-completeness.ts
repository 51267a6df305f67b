// What nested schemas restrict has to be there in the structure, so that every value has one schema that it belongs to.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/complete.go.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { itemSchema, type JsonSchema } from './json-schema.ts';
import { elementSchema, propertySchema, type StructuralSchema } from './structural-schema.ts';

export function checkCompleteness(schema: StructuralSchema, at: Path, errors: FieldError[]): void {
  checkNestedOf(schema, schema, { structure: at, rules: at }, errors);
}

/** Where the structure is, and where the rules are that it has to carry. */
interface Places {
  readonly structure: Path;
  readonly rules: Path;
}

function checkNestedOf(
  rules: JsonSchema | StructuralSchema,
  structure: StructuralSchema,
  at: Places,
  errors: FieldError[],
): void {
  const check = (nested: JsonSchema, path: Path) => checkRules(nested, structure, { ...at, rules: path }, errors);
  if (rules.not) check(rules.not, at.rules.child('not'));
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, nested] of (rules[name] ?? []).entries()) check(nested, at.rules.child(name).index(index));
  }
}

function checkRules(
  rules: JsonSchema,
  structure: StructuralSchema | undefined,
  at: Places,
  errors: FieldError[],
): void {
  if (!structure) {
    errors.push(fieldError.required(at.structure, `because it is defined in ${at.rules}`));
    return;
  }
  checkNestedOf(rules, structure, at, errors);
  const items = itemSchema(rules);
  if (items) checkRules(items, elementSchema(structure), below(at, 'items'), errors);
  for (const [name, property] of Object.entries(rules.properties ?? {})) {
    const { structure: outer, rules: nested } = below(at, 'properties');
    const places = { structure: outer.key(name), rules: nested.key(name) };
    checkRules(property, propertySchema(structure, name), places, errors);
  }
}

function below({ structure, rules }: Places, name: string): Places {
  return { structure: structure.child(name), rules: rules.child(name) };
}
