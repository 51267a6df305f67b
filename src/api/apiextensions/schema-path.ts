// Paths to a field of a schema: `.spec.replicas`, `.labels['example.com/a']`. Upstream: ValidFieldPath in
// k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go.

import { Path } from '../field-error.ts';
import { additionalSchema, propertySchema, type StructuralSchema } from './structural-schema.ts';

export class SchemaPathError extends Error {
  override readonly name = 'SchemaPathError';
}

export interface SchemaPlace {
  readonly path: Path;
  /** The first field on the way. */
  readonly root: string;
  /** Nothing where any value may be. */
  readonly schema: StructuralSchema | undefined;
}

const TOKEN = /'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gsy;

/** Where a path leads. Throws `SchemaPathError` for one that the schema knows nothing of. */
export function findInSchema(
  text: string,
  schema: StructuralSchema,
  options: { readonly allowsBrackets: boolean },
): SchemaPlace {
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token);
  let place: SchemaPlace = { path: Path.of(), root: '', schema };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === '.') place = step(place, next(tokens, ++at));
    else if (token === '[') {
      if (!options.allowsBrackets) throw new SchemaPathError('array notation is not allowed');
      place = step(place, unquote(next(tokens, ++at)));
      const close = next(tokens, ++at);
      if (close !== ']') throw new SchemaPathError(`expected ] but got ${close}`);
    } else throw new SchemaPathError(`expected [ or . but got: ${token}`);
  }
  return place;
}

function next(tokens: readonly string[], at: number): string {
  const token = tokens[at];
  if (token === undefined) throw new SchemaPathError('unexpected end of JSON path');
  return token;
}

function step({ path, root, schema = {} }: SchemaPlace, name: string): SchemaPlace {
  const named = Object.keys(schema.properties ?? {}).length > 0;
  if (named) {
    const property = propertySchema(schema, name);
    if (!property) throw new SchemaPathError('does not refer to a valid field');
    return { path: path.child(name), root: root || name, schema: property };
  }
  if (schema.additionalProperties === undefined) throw new SchemaPathError('does not refer to a valid field');
  return { path: path.key(name), root: root || `[${name}]`, schema: additionalSchema(schema) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unquote(token: string): string {
  if (!/^'.*'$/s.test(token) || token.length < 2) {
    throw new SchemaPathError(`expected single quoted string but got ${token}`);
  }
  return token.slice(1, -1).replace(/\\./gs, (pair) => {
    const char = ESCAPES[pair[1] ?? ''];
    if (char === undefined) throw new SchemaPathError(`invalid string literal: invalid escape char ${pair}`);
    return char;
  });
}
