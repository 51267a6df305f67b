// What a schema asks of strings: how long they are, in characters, and what they look like. The first fault is told.

import { compileGoRegexp, GoRegexpError } from '../../base/go-regexp.ts';
import type { JsonSchema } from './json-schema.ts';
import { ValueResult } from './value-fault.ts';

export function checkString(schema: JsonSchema, value: string, name: string): ValueResult {
  const result = new ValueResult();
  const { maxLength, minLength, pattern } = schema;
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) {
    const message = `${name} in body should be at most ${maxLength} chars long`;
    result.add({ code: 'tooLong', name, value, limit: maxLength, message });
  } else if (minLength !== undefined && length < minLength) {
    result.add({ code: 'invalid', name, value, message: `${name} in body should be at least ${minLength} chars long` });
  } else if (pattern !== undefined) {
    const unlike = mismatch(pattern, value);
    if (unlike !== undefined)
      result.add({ code: 'invalid', name, value, message: `${name} in body should match '${unlike}'` });
  }
  return result;
}

/** What a text should be like that it is not. */
function mismatch(pattern: string, value: string): string | undefined {
  try {
    return compileGoRegexp(pattern).test(value) ? undefined : pattern;
  } catch (error) {
    if (!(error instanceof GoRegexpError)) throw error;
    return `${pattern}, but pattern is invalid: ${error.message}`;
  }
}
