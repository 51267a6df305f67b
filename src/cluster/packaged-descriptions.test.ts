import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../api/catalog.ts';
import { declarationOf, packagedDescriptions } from './packaged-descriptions.ts';

const PATHS: readonly [typeName: string, packageName: string, path: string][] = [
  ['core/v1.Pod', 'kubernetes-models', 'v1/Pod.d.ts'],
  ['rbac.authorization.k8s.io/v1.Role', 'kubernetes-models', 'rbac.authorization.k8s.io/v1/Role.d.ts'],
  ['meta/v1.ObjectMeta', '@kubernetes-models/apimachinery', 'apis/meta/v1/ObjectMeta.d.ts'],
  ['resource.Quantity', '@kubernetes-models/apimachinery', 'api/resource/Quantity.d.ts'],
];
for (const [typeName, packageName, path] of PATHS) {
  test(`declarationOf ${typeName}`, () => assert.deepEqual(declarationOf(typeName), { packageName, path }));
}

test('packagedDescriptions knows what every kind is for', async () => {
  const describe = packagedDescriptions();
  for (const { schema } of KINDS) {
    const description = await describe(schema.name);
    assert.ok(description?.text, schema.name);
    for (const field of ['apiVersion', 'kind']) assert.ok(description.fields[field], `${schema.name} ${field}`);
  }
});

test('packagedDescriptions knows nothing of types of our own', async () => {
  const describe = packagedDescriptions();
  assert.equal(await describe('stable.example.com/v1.CronTab'), undefined);
});
