import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InputOf } from '../kind.ts';
import { readInput } from '../read-input.ts';
import { CustomResourceDefinition } from './custom-resource-definition.ts';

type Versions = InputOf<typeof CustomResourceDefinition>['spec']['versions'];

const definition = (versions: Versions, storedVersions: readonly string[] = []) =>
  readInput(CustomResourceDefinition, {
    spec: { group: 'example.com', names: { plural: 'crontabs', kind: 'CronTab' }, scope: 'Namespaced', versions },
    status: { storedVersions },
  });
const v1 = { name: 'v1', served: true, storage: true };
const v2 = { name: 'v2', served: true, storage: false };

test('a definition names the version that stores as one that has stored', () => {
  assert.deepEqual(definition([v2, v1]).status.storedVersions, ['v1']);
  assert.deepEqual(definition([v2]).status.storedVersions, []);
  const created = definition([v1], ['v0']);
  created.status = { acceptedNames: created.status.acceptedNames, conditions: null, storedVersions: null };
  CustomResourceDefinition.prepareForCreate?.(created);
  assert.deepEqual(created.status.storedVersions, ['v1']);
});

test('a definition that is updated keeps the versions that have stored, and adds the one that does', () => {
  const next = definition(
    [
      { ...v1, storage: false },
      { ...v2, storage: true },
    ],
    ['v1'],
  );
  const stored = Object.freeze(next.status);
  CustomResourceDefinition.prepareForUpdate?.(next, definition([v1], ['v1']) as never);
  assert.deepEqual(next.status.storedVersions, ['v1', 'v2']);
  assert.deepEqual(stored.storedVersions, ['v1']);
});

test('a definition with unknown formats is warned of, once', () => {
  const formatted = (format: string, type = 'string') => {
    const schema = { openAPIV3Schema: { type: 'object', properties: { a: { type, format } } } };
    return definition([
      { ...v1, schema },
      { ...v2, schema },
    ]) as unknown as CustomResourceDefinition;
  };
  const { warnings } = CustomResourceDefinition;
  assert.deepEqual(warnings?.(formatted('color'), undefined), ['unrecognized format "color"']);
  assert.deepEqual(warnings?.(formatted('int32'), undefined), ['unrecognized format "int32"']);
  assert.deepEqual(warnings?.(formatted('int32', 'integer'), undefined), []);
  assert.deepEqual(warnings?.(formatted('color'), formatted('color')), []);
  assert.deepEqual(warnings?.(formatted('color'), formatted('shape')), ['unrecognized format "color"']);
});
