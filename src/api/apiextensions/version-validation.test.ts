import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definition, version } from '../../../test/support/definition-objects.ts';
import { faultsOf } from '../../../test/support/faults.ts';
import { CustomResourceDefinition } from './custom-resource-definition.ts';

type Spec = Readonly<Record<string, unknown>>;

const cases: readonly [title: string, version: Spec, expected: readonly string[]][] = [
  [
    'columns',
    {
      additionalPrinterColumns: [
        { name: 'a', type: 'date', format: 'date-time', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
    [],
  ],
  [
    'a column without anything',
    { additionalPrinterColumns: [{ name: '', type: '', jsonPath: '' }] },
    [
      'spec.additionalPrinterColumns[0].name: Required value',
      'spec.additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Required value',
    ],
  ],
  [
    'a column of unknown things',
    { additionalPrinterColumns: [{ name: 'a', type: 'text', format: 'b', jsonPath: 'c' }] },
    [
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].format: Invalid value: "b": must be one of byte,date,date-time,double,float,int32,int64,password',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "c": must be a simple json path starting with .',
    ],
  ],
  [
    'a scale',
    {
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.status.b', labelSelectorPath: '.status.c' },
      },
    },
    [],
  ],
  [
    'a scale without paths',
    { subresources: { scale: { specReplicasPath: '', statusReplicasPath: '' } } },
    [
      'spec.subresources.scale.specReplicasPath: Required value',
      'spec.subresources.scale.statusReplicasPath: Required value',
    ],
  ],
  [
    'a scale of paths that are none',
    { subresources: { scale: { specReplicasPath: 'a', statusReplicasPath: 'b', labelSelectorPath: 'c' } } },
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: "a": must be a simple json path starting with .',
      'spec.subresources.scale.statusReplicasPath: Invalid value: "b": must be a simple json path starting with .',
      'spec.subresources.scale.labelSelectorPath: Invalid value: "c": must be a simple json path starting with .',
    ],
  ],
  [
    'a scale of paths elsewhere',
    {
      subresources: {
        scale: { specReplicasPath: '.status.a', statusReplicasPath: '.spec.b', labelSelectorPath: '.c' },
      },
    },
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.b": should be a json path under .status',
      'spec.subresources.scale.labelSelectorPath: Invalid value: ".c": should be a json path under either .spec or .status',
    ],
  ],
];

for (const [title, changes, expected] of cases) {
  test(`a version with ${title}`, () => {
    const versions = [{ ...version, ...changes }];
    assert.deepEqual(faultsOf(CustomResourceDefinition, definition({ versions })), expected);
  });
}

test('what is wrong with one version of several is told of that version', () => {
  const columns = { additionalPrinterColumns: [{ name: '', type: 'date', jsonPath: '.a' }] };
  const versions = [version, { ...version, ...columns, name: 'v2', storage: false }];
  assert.deepEqual(faultsOf(CustomResourceDefinition, definition({ versions })), [
    'spec.versions[1].additionalPrinterColumns[0].name: Required value',
  ]);
});

const string = { type: 'string' };
const names = [...'abcdefghi'];
const selectable = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        ...Object.fromEntries(names.map((name) => [name, string])),
        list: { type: 'array', items: string },
        map: { type: 'object', additionalProperties: { type: 'integer' } },
      },
    },
    metadata: { type: 'object', properties: { name: string } },
  },
};

const selectableCases: readonly [title: string, paths: readonly string[], expected: readonly string[]][] = [
  ['fields', ['.spec.a', '.spec.map.key'], []],
  ['no path', [''], ['spec.selectableFields[0].jsonPath: Required value']],
  [
    'a path to nothing',
    ['.spec.z'],
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.z": is an invalid path: does not refer to a valid field',
    ],
  ],
  [
    'a path of no form',
    ['spec'],
    ['spec.selectableFields[0].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec'],
  ],
  [
    'a path in brackets',
    [".spec['a']"],
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec[\'a\']": is an invalid path: array notation is not allowed',
    ],
  ],
  [
    'a path without end',
    ['.spec.'],
    ['spec.selectableFields[0].jsonPath: Invalid value: ".spec.": is an invalid path: unexpected end of JSON path'],
  ],
  [
    'metadata',
    ['.metadata.name'],
    ['spec.selectableFields[0].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata'],
  ],
  [
    'a list',
    ['.spec.list'],
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    ],
  ],
  ['a field twice', ['.spec.a', '.spec.a'], ['spec.selectableFields[1].jsonPath: Duplicate value: ".spec.a"']],
  [
    'too many fields',
    [...'abcdefghi'].map((name) => `.spec.${name}`),
    ['spec.selectableFields: Too many: 9: must have at most 8 items'],
  ],
];

for (const [title, paths, expected] of selectableCases) {
  test(`selectable fields: ${title}`, () => {
    const selectableFields = paths.map((jsonPath) => ({ jsonPath }));
    const versions = [{ ...version, schema: { openAPIV3Schema: selectable }, selectableFields }];
    assert.deepEqual(faultsOf(CustomResourceDefinition, definition({ versions })), expected);
  });
}

test('selectable fields of one version need a schema of its own', () => {
  const schema = { openAPIV3Schema: selectable };
  const selectableFields = [{ jsonPath: '.spec.a' }];
  const versions = [
    { ...version, schema, selectableFields },
    { ...version, schema, name: 'v2', storage: false },
  ];
  assert.deepEqual(faultsOf(CustomResourceDefinition, definition({ versions })), [
    'spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
  ]);
});
