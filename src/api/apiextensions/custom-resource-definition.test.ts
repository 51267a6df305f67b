import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { APIService } from '../apiregistration/api-service.ts';
import { readInput } from '../read-input.ts';
import { CustomResourceDefinition } from './custom-resource-definition.ts';

const apiService = { groupPriorityMinimum: 1, versionPriority: 1 };
const available = (status: string, reason = '') => ({ conditions: [{ type: 'Available', status, reason }] });
const definition = {
  group: 'example.com',
  names: { plural: 'crontabs', kind: 'CronTab' },
  scope: 'Namespaced',
  versions: [],
};

const cases: readonly [title: string, row: string, expected: string][] = [
  ['CustomResourceDefinition', rowOf(CustomResourceDefinition, { spec: definition }), 'x | 2026-01-01T00:00:00Z'],
  [
    'an APIService of the server',
    rowOf(APIService, { spec: apiService, status: available('True') }),
    'x | Local | True | 60m',
  ],
  [
    'an APIService of another server',
    rowOf(APIService, {
      spec: { ...apiService, service: { namespace: 'a', name: 'b' } },
      status: available('False', 'MissingEndpoints'),
    }),
    'x | a/b | False (MissingEndpoints) | 60m',
  ],
  ['an APIService that nobody has looked at', rowOf(APIService, { spec: apiService }), 'x | Local | Unknown | 60m'],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('CustomResourceDefinition completes its names, and converts nothing', () => {
  const { spec } = readInput(CustomResourceDefinition, { spec: definition });
  assert.deepEqual([spec.names.singular, spec.names.listKind], ['crontab', 'CronTabList']);
  assert.deepEqual(spec.conversion, { strategy: 'None' });
  const nameless = readInput(CustomResourceDefinition, { spec: { ...definition, names: { plural: 'a', kind: '' } } });
  assert.equal(nameless.spec.names.listKind, undefined);
});

test('CustomResourceDefinition takes schemas in the forms that they have', () => {
  const schemaOf = (schema: object) => {
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } };
    const { spec } = readInput(CustomResourceDefinition, { spec: { ...definition, versions: [version as never] } });
    return spec.versions[0]?.schema?.openAPIV3Schema;
  };
  const string = { type: 'string' };
  for (const items of [string, [string], []]) assert.deepEqual(schemaOf({ items }), { items });
  assert.deepEqual(schemaOf({ items: [null] }), { items: [{}] });
  assert.deepEqual(schemaOf({ items: 1 }), {});
  for (const additionalProperties of [string, true, false]) {
    assert.deepEqual(schemaOf({ additionalProperties }), { additionalProperties });
  }
  assert.throws(() => schemaOf({ additionalProperties: 'a' }), /: boolean or JSON schema expected$/);
  assert.deepEqual(schemaOf({ dependencies: { a: ['b'], c: string, d: 1 } }), {
    dependencies: { a: ['b'], c: string, d: null },
  });
});

test('APIService is reached on the port of HTTPS', () => {
  const { spec } = readInput(APIService, { spec: { ...apiService, service: { name: 'a' } } });
  assert.equal(spec.service?.port, 443);
});
