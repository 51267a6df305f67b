import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../apps/deployment.ts';
import { decodeObject } from '../decode-object.ts';
import type { AnyObject } from '../kind.ts';
import { isStatusError, type StatusReason } from '../status-error.ts';
import { type PatchType, readPatch } from './patch-object.ts';

const ORIGINAL = decodeObject(Deployment, {
  metadata: { name: 'a', labels: { x: 'y' } },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } },
}) as unknown as AnyObject;

function patched(type: PatchType, patch: unknown, validation: 'Ignore' | 'Warn' | 'Strict' = 'Strict') {
  const text = typeof patch === 'string' ? patch : JSON.stringify(patch);
  return readPatch(type, text, validation).apply(Deployment, ORIGINAL);
}

test('readPatch applies each type of patch and brings the result into normal form', () => {
  const image = (value: { draft: object }) => JSON.stringify(value.draft).match(/"image":"([^"]*)"/)?.[1];
  const containers = [{ name: 'c', image: 'new' }];
  assert.equal(image(patched('strategic', { spec: { template: { spec: { containers } } } })), 'new');
  assert.equal(image(patched('merge', { spec: { template: { spec: { containers } } } })), 'new');
  const path = '/spec/template/spec/containers/0/image';
  assert.equal(image(patched('json', [{ op: 'replace', path, value: 'new' }])), 'new');
  const { draft } = patched('merge', { spec: { template: { spec: { containers } }, paused: false } });
  assert.equal(JSON.stringify(draft).includes('paused'), false);
  assert.equal(JSON.stringify(draft).includes('"resources":{}'), true);
});

test('readPatch may be applied again, to what the object has become', () => {
  const patch = readPatch('merge', '{"metadata":{"labels":{"new":"1"}}}', 'Strict');
  const first = patch.apply(Deployment, ORIGINAL).draft;
  const second = patch.apply(Deployment, { ...ORIGINAL, metadata: { ...ORIGINAL.metadata, labels: { z: '2' } } }).draft;
  assert.deepEqual(first.metadata.labels, { x: 'y', new: '1' });
  assert.deepEqual(second.metadata.labels, { z: '2', new: '1' });
});

test('readPatch answers what cannot be as upstream does', () => {
  const cases: readonly (readonly [PatchType, unknown, StatusReason, RegExp])[] = [
    ['json', '[', 'BadRequest', /^error decoding patch: unexpected end of JSON input$/],
    ['json', {}, 'BadRequest', /^error decoding patch: json: cannot unmarshal object into Go value of type/],
    ['merge', '{"a":}', 'BadRequest', /^error decoding patch: invalid character '}' looking for beginning of value$/],
    ['merge', [], 'BadRequest', /cannot unmarshal array into Go value of type map\[string\]interface {}$/],
    ['strategic', '{', 'BadRequest', /^unexpected end of JSON input$/],
    ['merge', `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`, 'BadRequest', /^exceeded max depth$/],
    [
      'merge',
      { spec: { replicas: 'x' } },
      'Invalid',
      /^ "" is invalid: patch: Invalid value: .*: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32$/,
    ],
    ['strategic', { spec: { foo: 1 } }, 'Invalid', /: strict decoding error: unknown field "spec.foo"$/],
    [
      'merge',
      '{"metadata":{"labels":{"a":"1","a":"2"}}}',
      'Invalid',
      /: strict decoding error: duplicate field "metadata.labels.a"$/,
    ],
    [
      'json',
      '[{"op":"add","op":"add","path":"/metadata/labels/a","value":"b"}]',
      'Invalid',
      /: strict decoding error: json patch duplicate field "\[0\].op"$/,
    ],
  ];
  for (const [type, patch, reason, message] of cases) {
    assert.throws(
      () => patched(type, patch),
      (error) => isStatusError(error, reason) && message.test(error.message),
      JSON.stringify(patch),
    );
  }
});

test('readPatch warns of unknown and duplicate fields, or keeps quiet', () => {
  const text = '{"spec":{"replicas":2,"replicas":3,"foo":1}}';
  assert.deepEqual(patched('merge', text, 'Warn').warnings, [
    'duplicate field "spec.replicas"',
    'unknown field "spec.foo"',
  ]);
  assert.deepEqual(patched('merge', text, 'Ignore').warnings, []);
});
