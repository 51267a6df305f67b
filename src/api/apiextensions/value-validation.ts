// Whether a value is what a schema asks for, and what is wrong with it otherwise, in the words of upstream's validator
// (k8s.io/kube-openapi/pkg/validation/validate), which clients read. Rules in CEL are not looked at.

import { deepEqual } from '../deep-equal.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { isSchema, type JsonSchema } from './json-schema.ts';
import { schemaFault, type ValueFault, ValueResult } from './value-fault.ts';
import { isOfFormat } from './value-formats.ts';
import { checkNumber, isInt64 } from './value-number-validation.ts';
import { checkString } from './value-string-validation.ts';

/** Everything that is wrong with a value at a place, whose schema is this one. */
export function validateValue(schema: JsonSchema, value: unknown, at: Path): readonly FieldError[] {
  return validate(schema, value, '').faults.map((fault) => fieldErrorOf(fault, at));
}

function fieldErrorOf({ name, code, value, limit, message }: ValueFault, at: Path): FieldError {
  const field = name.replace(/^\./, '');
  const path = field === '' ? at : at.child(field);
  switch (code) {
    case 'required':
      return fieldError.required(path);
    case 'enum':
      return fieldError.notSupported(path, value, limit as readonly string[]);
    case 'tooLong':
      return fieldError.tooLong(path, limit as number);
    case 'tooMany':
      return fieldError.tooMany(path, value as number, limit as number);
    case 'type':
      return fieldError.typeInvalid(path, value ?? '', message);
    case 'invalid':
      return fieldError.invalid(path, value ?? '', message);
    case 'schema':
      return fieldError.invalid(at, '', message);
    default:
      return code satisfies never;
  }
}

/** `name`: where the value is below the one that is validated, with a dot before each field. */
function validate(schema: JsonSchema, value: unknown, name: string): ValueResult {
  const result = new ValueResult();
  if (value === null || value === undefined) {
    result.merge(checkType(schema, null, name));
    result.merge(checkEnum(schema, null, name));
    return result;
  }
  if (schema.type !== undefined || schema.format !== undefined) result.count(checkType(schema, value, name));
  result.count(checkAlternatives(schema, value, name));
  if (typeof value === 'string') {
    result.count(checkString(schema, value, name));
    if (schema.format !== undefined && isOfFormat(schema.format, value) !== undefined) {
      result.count(checkFormat(schema.format, value, name));
    }
  } else if (typeof value === 'number') result.count(checkNumber(schema, value, name));
  else if (Array.isArray(value)) result.count(checkList(schema, value, name));
  result.count(checkEnum(schema, value, name));
  if (typeof value === 'object' && !Array.isArray(value)) {
    result.count(checkObject(schema, value as Readonly<Record<string, unknown>>, name));
  }
  result.matches++;
  return result;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return isInt64(value) ? 'integer' : 'number';
  return typeof value;
}

function checkType({ type, format, nullable }: JsonSchema, value: unknown, name: string): ValueResult {
  const result = new ValueResult();
  const found = typeOf(value);
  const fits = type === found || (found === 'integer' && type === 'number');
  const isText = found === 'string' || found === 'array';
  if (found === 'null') {
    if (type === undefined || nullable) result.matches++;
    else result.add(typeFault(name, type, found));
  } else if (format !== undefined && !isText && !fits && format !== goFormatOf(value)) {
    result.add(typeFault(name, format, goFormatOf(value)));
  } else if ((format !== undefined && isText && type !== 'number' && type !== 'integer') || fits) {
    result.matches++; // Of text with a format, it is the format that says what it has to be.
  } else result.add(typeFault(name, type ?? '', found));
  return result;
}

/** The format that Go finds in a value that is no text. */
function goFormatOf(value: unknown): string {
  const found = typeOf(value);
  return found === 'integer' ? 'int64' : found === 'number' ? 'float64' : '';
}

function typeFault(name: string, expected: string, found: string): ValueFault {
  const message = `${name} in body must be of type ${expected}: ${JSON.stringify(found)}`;
  return { code: 'type', name, message, value: found };
}

function checkFormat(format: string, value: string, name: string): ValueResult {
  const result = new ValueResult();
  if (!isOfFormat(format, value)) result.add(typeFault(name, format, value));
  return result;
}

function checkEnum({ enum: allowed = [] }: JsonSchema, value: unknown, name: string): ValueResult {
  const result = new ValueResult();
  // Null is no member of an enumeration, even if it is listed.
  if (allowed.length === 0 || (value !== null && allowed.some((one) => one !== null && isSame(one, value)))) {
    return result;
  }
  const shown = allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  result.add({
    code: 'enum',
    name,
    value,
    limit: shown,
    message: `${name} in body should be one of [${shown.join(' ')}]`,
  });
  return result;
}

function isSame(a: unknown, b: unknown): boolean {
  return typeof a === typeof b && deepEqual(a, b);
}

/** `anyOf`, `oneOf`, `allOf` and `not`. Of alternatives none of which fits, the one that fits best says why. */
function checkAlternatives(schema: JsonSchema, value: unknown, name: string): ValueResult {
  const result = new ValueResult();
  const of = (schemas: readonly JsonSchema[] = []) => schemas.map((one) => validate(one, value, name));
  const quoted = JSON.stringify(name);
  const any = of(schema.anyOf);
  const fitting = any.find(({ isValid }) => isValid);
  if (any.length > 0 && !fitting) result.add(schemaFault(`${quoted} must validate at least one schema (anyOf)`));
  result.merge(fitting ?? bestOf(any));
  const one = of(schema.oneOf);
  const valid = one.filter(({ isValid }) => isValid);
  if (valid.length === 1) result.merge(valid[0]);
  else if (one.length > 0) {
    const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
    result.add(schemaFault(`${quoted} must validate one and only one schema (oneOf). ${found}`));
    if (valid.length === 0) result.merge(bestOf(one));
  }
  const all = of(schema.allOf);
  for (const each of all) result.merge(each);
  if (all.some(({ isValid }) => !isValid)) {
    const none = all.some(({ isValid }) => isValid) ? '' : '. None validated';
    result.add(schemaFault(`${quoted} must validate all the schemas (allOf)${none}`));
  }
  if (schema.not && validate(schema.not, value, name).isValid) {
    result.add(schemaFault(`${quoted} must not validate the schema (not)`));
  }
  result.matches++;
  return result;
}

function bestOf(results: readonly ValueResult[]): ValueResult | undefined {
  return results.reduce<ValueResult | undefined>(
    (best, result) => (best && best.matches >= result.matches ? best : result),
    undefined,
  );
}

function checkList(schema: JsonSchema, value: readonly unknown[], name: string): ValueResult {
  const result = new ValueResult();
  const { items, minItems, maxItems } = schema;
  if (isSchema(items)) {
    for (const [index, item] of value.entries()) result.merge(validate(items, item, `${name}[${index}]`));
  }
  const size = value.length;
  if (minItems !== undefined && size < minItems) {
    const message = `${name} in body should have at least ${minItems} items`;
    result.add({ code: 'invalid', name, value: size, message });
  }
  if (maxItems !== undefined && size > maxItems) {
    const message = `${name} in body should have at most ${maxItems} items`;
    result.add({ code: 'tooMany', name, value: size, limit: maxItems, message });
  }
  result.matches++;
  return result;
}

function checkObject(schema: JsonSchema, value: Readonly<Record<string, unknown>>, name: string): ValueResult {
  const result = new ValueResult();
  const { minProperties, maxProperties, additionalProperties, properties = {}, required = [] } = schema;
  const size = Object.keys(value).length;
  if (minProperties !== undefined && size < minProperties) {
    const message = `${name} in body should have at least ${minProperties} properties`;
    result.add({ code: 'invalid', name, value: size, message });
  }
  if (maxProperties !== undefined && size > maxProperties) {
    const message = `${name} in body should have at most ${maxProperties} properties`;
    result.add({ code: 'tooMany', name, value: size, limit: maxProperties, message });
  }
  for (const [key, inner] of Object.entries(value)) {
    if (Object.hasOwn(properties, key)) continue;
    if (additionalProperties === false) {
      result.add({ code: 'invalid', name, value: key, message: `${name}.${key} in body is a forbidden property` });
    } else if (isSchema(additionalProperties)) result.merge(validate(additionalProperties, inner, `${name}.${key}`));
  }
  for (const [key, property] of Object.entries(properties)) {
    if (!Object.hasOwn(value, key)) continue;
    result.merge(validate(property, value[key], name === '' ? key : `${name}.${key}`));
  }
  for (const key of required) {
    if (Object.hasOwn(value, key)) continue;
    result.add({ code: 'required', name: `${name}.${key}`, message: `${name}.${key} in body is required` });
  }
  return result;
}
