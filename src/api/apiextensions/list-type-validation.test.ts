import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError, Path } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateJsonSchema } from './json-schema-validation.ts';

const cases: readonly [title: string, schema: JsonSchema, expected: readonly string[]][] = [
  ['a list', { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' }, []],
  ['a set of strings', { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }, []],
  [
    'a set of structs',
    { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' },
    [
      'a.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
  ],
  [
    'a set of whole structs',
    { type: 'array', items: { type: 'object', 'x-kubernetes-map-type': 'atomic' }, 'x-kubernetes-list-type': 'set' },
    [],
  ],
  [
    'a set of sets',
    {
      type: 'array',
      items: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      'x-kubernetes-list-type': 'set',
    },
    [
      'a.items.x-kubernetes-list-type: Invalid value: "set": must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
  ],
  [
    'a set of what may be null',
    { type: 'array', items: { type: 'string', nullable: true }, 'x-kubernetes-list-type': 'set' },
    ['a.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set'],
  ],
  [
    'an unknown sort of list',
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'bag' },
    ['a.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"'],
  ],
  [
    'a string that is a set',
    { type: 'string', 'x-kubernetes-list-type': 'set' },
    ['a.type: Invalid value: "string": must be array if x-kubernetes-list-type is specified'],
  ],
  [
    'keys of no list',
    { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-map-keys': ['b'] },
    ['a.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty'],
  ],
  [
    'keys of a set',
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', 'x-kubernetes-list-map-keys': ['b'] },
    ['a.x-kubernetes-list-type: Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty'],
  ],
  [
    'a map by a name',
    {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    [],
  ],
  [
    'a map without keys',
    { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
    ['a.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map'],
  ],
  [
    'a map of strings',
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['b'] },
    ['a.items.type: Invalid value: "string": must be object if parent array\'s x-kubernetes-list-type is map'],
  ],
  [
    'a map by what is not there, is a list, or comes twice',
    {
      type: 'array',
      items: { type: 'object', properties: { b: { type: 'array', items: { type: 'string' } } }, required: ['b'] },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['b', 'c', 'b'],
    },
    [
      'a.items.properties[b].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
      'a.x-kubernetes-list-map-keys: Invalid value: ["b","c","b"]: entries must all be names of item properties',
      'a.items.properties[b].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
      'a.x-kubernetes-list-map-keys: Invalid value: ["b","c","b"]: must not contain duplicate entries',
    ],
  ],
  [
    'a map by what may be left out or null',
    {
      type: 'array',
      items: {
        type: 'object',
        nullable: true,
        properties: { b: { type: 'string' }, c: { type: 'string', default: '', nullable: true } },
      },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['b', 'c'],
    },
    [
      'a.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map',
      'a.items.properties[b].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      'a.items.properties[c].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
    ],
  ],
  ['a whole struct', { type: 'object', 'x-kubernetes-map-type': 'atomic' }, []],
  [
    'an unknown sort of struct',
    { type: 'object', 'x-kubernetes-map-type': 'sparse' },
    ['a.x-kubernetes-map-type: Unsupported value: "sparse": supported values: "atomic", "granular"'],
  ],
  [
    'a string that is a struct',
    { type: 'string', 'x-kubernetes-map-type': 'granular' },
    ['a.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified'],
  ],
  [
    'a map of nothing',
    { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['b'] },
    ['a.items: Required value: must have a schema if x-kubernetes-list-type is map'],
  ],
  [
    'sorts of no type',
    {
      'x-kubernetes-preserve-unknown-fields': true,
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-map-type': 'atomic',
    },
    [
      'a.type: Required value: must be object if x-kubernetes-map-type is specified',
      'a.type: Required value: must be array if x-kubernetes-list-type is specified',
    ],
  ],
];

for (const [title, schema, expected] of cases) {
  test(`checkListType: a field with ${title}`, () => {
    const faults = validateJsonSchema({ type: 'object', properties: { a: schema } }, Path.of('root')).map(
      formatFieldError,
    );
    assert.deepEqual(
      faults.map((fault) => fault.replaceAll('root.properties[a]', 'a')),
      expected,
    );
  });
}
