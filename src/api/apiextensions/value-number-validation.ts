// What a schema asks of numbers. Integers are compared as integers: a limit with a fraction loses it, as it does in Go.

import type { JsonSchema } from './json-schema.ts';
import { schemaFault, ValueResult } from './value-fault.ts';

const MAX_INT64 = 2 ** 63;
const MAX_INT32 = 2 ** 31 - 1;
const MAX_FLOAT32 = 3.4028234663852886e38;

/** JSON does not tell 1 from 1.0; what has no fraction and is not too big is an integer. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < MAX_INT64;
}

export function checkNumber(schema: JsonSchema, value: number, name: string): ValueResult {
  const result = new ValueResult();
  checkRange(schema, value, 'Checked', name, result);
  checkMultiple(schema, value, name, result);
  checkLimit(schema, value, 'minimum', name, result);
  checkLimit(schema, value, 'maximum', name, result);
  result.matches++;
  return result;
}

/** Whether a number is of the type and format; a limit has to be, too. */
function checkRange(
  { type, format }: JsonSchema,
  value: number,
  what: string,
  name: string,
  result: ValueResult,
): boolean {
  const isInteger = isInt64(value);
  const fits =
    type === 'integer'
      ? isInteger && (format !== 'int32' || (value <= MAX_INT32 && value >= -MAX_INT32 - 1))
      : type !== 'number' || format !== 'float' || Math.abs(value) <= MAX_FLOAT32;
  if (fits) return true;
  const kind = isFormatOf(type, format) ? `type ${type} with format ${format}` : `type ${type} (default format)`;
  result.add(schemaFault(`${what} value must be of ${kind} in ${name}`));
  return false;
}

function isFormatOf(type: string | undefined, format: string | undefined): boolean {
  return type === 'integer' ? format === 'int32' || format === 'int64' : format === 'float' || format === 'double';
}

function checkMultiple(schema: JsonSchema, value: number, name: string, result: ValueResult): void {
  const { multipleOf } = schema;
  if (multipleOf === undefined) return;
  const isTyped = checkRange(schema, multipleOf, 'MultipleOf', name, result);
  const isInteger = isTyped && isInt64(value);
  const factor = isInteger ? Math.trunc(multipleOf) : multipleOf;
  const shown = isInteger ? String(factor) : goNumber(factor);
  if (factor <= 0) {
    const message = `factor MultipleOf declared for ${name} must be positive: ${shown}`;
    result.add({ code: 'invalid', name, value: factor, message });
    return;
  }
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  if (isNearlyInteger(times)) return;
  result.add({ code: 'invalid', name, value, message: `${name} in body should be a multiple of ${shown}` });
}

/** Upstream: IsFloat64AJSONInteger, which allows for how floating point numbers are kept. */
function isNearlyInteger(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const whole = Math.trunc(value);
  return value === whole || (whole !== 0 && Math.abs(value - whole) / Math.abs(value + whole) < 1e-9);
}

function checkLimit(
  schema: JsonSchema,
  value: number,
  which: 'minimum' | 'maximum',
  name: string,
  result: ValueResult,
): void {
  const given = schema[which];
  if (given === undefined) return;
  const isMaximum = which === 'maximum';
  const isTyped = checkRange(schema, given, isMaximum ? 'Maximum boundary' : 'Minimum boundary', name, result);
  const isInteger = isTyped && isInt64(value);
  const limit = isInteger ? Math.trunc(given) : given;
  const isExclusive = (isMaximum ? schema.exclusiveMaximum : schema.exclusiveMinimum) ?? false;
  const beyond = isMaximum ? value > limit : value < limit;
  if (!beyond && !(isExclusive && value === limit)) return;
  const than = `${isMaximum ? 'less' : 'greater'} than${isExclusive ? '' : ' or equal to'}`;
  const shown = isInteger ? String(limit) : goNumber(limit);
  result.add({ code: 'invalid', name, value, message: `${name} in body should be ${than} ${shown}` });
}

/** A number as Go prints a float64: `1e+06` for a million. */
function goNumber(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
