import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision } from './apps/controller-revision.ts';
import { Deployment } from './apps/deployment.ts';
import { strictFieldErrors, strictMessage } from './strict-fields.ts';

test('strictFieldErrors lists unknown and duplicate fields with their paths in the order of the text', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"a"}}', []],
    ['{ "spec" : { "foo" : { "a" : 1 , "a" : 2 } } }', ['unknown field "spec.foo"']],
    ['{"spec":{"replicas":1,"replicas":2}}', ['duplicate field "spec.replicas"']],
    [
      '{"spec":{"paused":true,"unknown":1,"paused":false}}',
      ['unknown field "spec.unknown"', 'duplicate field "spec.paused"'],
    ],
    ['{"metadata":{"labels":{"a":"1","b":"2","a":"3"}}}', ['duplicate field "metadata.labels.a"']],
    [
      '{"spec":{"template":{"spec":{"containers":[{"name":"a"},{"nam\\u0065":"b","image":"c","name":"d","x":1}]}}}}',
      ['duplicate field "spec.template.spec.containers[1].name"', 'unknown field "spec.template.spec.containers[1].x"'],
    ],
    ['{"unknown":"a \\" } ] string","status":{}}', ['unknown field "unknown"']],
    ['{"a":[],"b":{},"c":[1,{"d":"]"}],"status":{}}', ['unknown field "a"', 'unknown field "b"', 'unknown field "c"']],
    ['{"spec":null,"status":{"x":1}}', ['unknown field "status.x"']],
  ];
  for (const [text, errors] of cases) assert.deepEqual(strictFieldErrors(text, Deployment.schema), errors, text);
});

test('strictFieldErrors does not look into what upstream keeps as it is', () => {
  assert.deepEqual(strictFieldErrors('{"data":{"a":1,"a":2,"b":{}}}', ControllerRevision.schema), []);
});

test('strictFieldErrors without a struct finds duplicates only', () => {
  assert.deepEqual(strictFieldErrors('{"a":{"b":1,"b":2},"c":[{"d":1,"d":1}]}'), [
    'duplicate field "a.b"',
    'duplicate field "c[0].d"',
  ]);
});

test('strictFieldErrors stops at 100 and says each fault once', () => {
  const many = Array.from({ length: 150 }, (_, index) => `"x${index}":1`).join(',');
  assert.equal(strictFieldErrors(`{${many}}`, Deployment.schema).length, 100);
  assert.deepEqual(strictFieldErrors('{"x":1,"x":2}', Deployment.schema), ['unknown field "x"']);
});

test('strictMessage joins errors as upstream does', () => {
  assert.equal(
    strictMessage(['unknown field "a"', 'duplicate field "b"']),
    'strict decoding error: unknown field "a", duplicate field "b"',
  );
});
