import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WIDGET } from '../../../test/support/field-history.ts';
import { checkApplied } from './check-applied.ts';

describe('checkApplied', () => {
  const cases: readonly [spec: unknown, message: string | undefined][] = [
    [{ number: 1, text: 'a', size: 1, items: null, any: [{ a: null }], raw: 'x', nested: null }, undefined],
    [{ nonsense: 1 }, '.spec.nonsense: field not declared in schema'],
    [{ nested: { c: 1 } }, '.spec.nested.c: field not declared in schema'],
    [{ number: 'x' }, '.spec.number: expected numeric (int or float), got string'],
    [{ number: [1] }, '.spec.number: expected numeric (int or float), got []interface {}'],
    [{ text: 80 }, '.spec.text: expected string, got &value.valueUnstructured{Value:80}'],
    [
      { text: { a: 'b' } },
      '.spec.text: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":"b"}}',
    ],
    [{ flag: 'yes' }, '.spec.flag: expected boolean, got &{yes}'],
    [{ size: [1] }, '.spec.size: expected any scalar, got &{[1]}'],
    [{ items: 'x' }, '.spec.items: expected list, got &{x}'],
    [{ labels: [] }, '.spec.labels: expected map, got &{[]}'],
    [{ nested: [{ b: null, a: 1 }] }, '.spec.nested: expected map, got &{[map[a:1 b:<nil>]]}'],
    [{ atomic: ['a', 1] }, '.spec.atomic[1]: expected string, got &value.valueUnstructured{Value:1}'],
    [{ whole: { a: true } }, '.spec.whole.a: expected string, got &value.valueUnstructured{Value:true}'],
    [{ items: [{ name: 'a' }, { name: 'a' }] }, '.spec.items: duplicate entries for key [name="a"]'],
    [
      { items: [{ name: 'a', ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] }] },
      '.spec.items[name="a"].ports: duplicate entries for key [port=1,protocol="TCP"]',
    ],
    [{ set: ['a', 'a'] }, '.spec.set: duplicate entries for key [="a"]'],
    [
      { items: [{ value: 1 }] },
      '.spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
    [{ items: ['a'] }, '.spec.items: element 0: associative list with keys may not have non-map elements'],
    [{ items: [null] }, '.spec.items: element 0: associative list with keys may not have a null element'],
    [{ set: [{}] }, ".spec.set: element 0: associative list without keys has an element that's a map type"],
    [{ set: [null] }, ".spec.set: element 0: associative list without keys has an element that's an explicit null"],
    [
      { number: 'x', items: [{ name: 'a', value: 'y' }] },
      'errors:\n  .spec.number: expected numeric (int or float), got string\n  .spec.items[name="a"].value: expected numeric (int or float), got string',
    ],
  ];
  for (const [spec, message] of cases) {
    test(JSON.stringify(spec), () => {
      const check = () => checkApplied(WIDGET, { apiVersion: 'test/v1', kind: 'Widget', spec });
      if (message === undefined) check();
      else assert.throws(check, { name: 'MergeTypeError', message });
    });
  }
});
