import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from './apps/deployment.ts';
import { type BodyOptions, decodeBody } from './decode-body.ts';
import { encodeProtobuf } from './protobuf-codec.ts';
import { isStatusError } from './status-error.ts';

const encoder = new TextEncoder();
const STRICT: BodyOptions = { format: 'json', fieldValidation: 'Strict' };

function decode(text: string, options: Partial<BodyOptions> = {}) {
  return decodeBody(Deployment, encoder.encode(text), { ...STRICT, ...options });
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(isStatusError(error, 'BadRequest'), String(error));
    return error.message;
  }
  return 'nothing was thrown';
}

test('decodeBody takes a body without kind and apiVersion for what it should be', () => {
  assert.equal(decode('{"metadata":{"name":"a"}}').draft.metadata.name, 'a');
  assert.equal(decode('metadata: {name: a}', { format: 'yaml' }).draft.kind, 'Deployment');
  assert.equal(decode('null').draft.kind, 'Deployment');
});

test('decodeBody answers what it cannot read as upstream does', () => {
  const unrecognized = 'the object provided is unrecognized (must be of type Deployment): ';
  const parse = `${unrecognized}couldn't get version/kind; json parse error: `;
  const cases: readonly (readonly [string, string])[] = [
    ['', `${parse}unexpected end of JSON input (<empty>)`],
    ['oops', `${parse}invalid character 'o' looking for beginning of value (6f6f7073)`],
    ['{"kind":1}', `${parse}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`],
    [
      '{"kind":"Deployment","apiVersion":"apps/v1"',
      `${parse}unexpected end of JSON input ({"kind":"Deployment","apiVersi ...)`,
    ],
    [
      '{"kind":"ReplicaSet","apiVersion":"apps/v1"}',
      'ReplicaSet in version "v1" cannot be handled as a Deployment: converting (v1.ReplicaSet) to (v1.Deployment): unknown conversion',
    ],
    [
      '{"kind":"Deployment","apiVersion":"apps/v1beta1"}',
      'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
    ],
    [
      '{"spec":{"replicas":"3"}}',
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
  ];
  for (const [text, message] of cases)
    assert.equal(
      messageOf(() => decode(text)),
      message,
      text,
    );
  assert.equal(
    messageOf(() => decode('a: b: c', { format: 'yaml' })),
    `${unrecognized}yaml: line 1: mapping values are not allowed in this context (613a20623a2063)`,
  );
  assert.equal(
    messageOf(() => decode('{}', { format: 'protobuf' })),
    `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})`,
  );
});

test('decodeBody refuses, warns of or ignores unknown and duplicate fields', () => {
  const text = '{"spec":{"replicas":1,"foo":1,"replicas":2}}';
  const errors = ['unknown field "spec.foo"', 'duplicate field "spec.replicas"'];
  assert.equal(
    messageOf(() => decode(text)),
    `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${errors.join(', ')}`,
  );
  const warned = decode(text, { fieldValidation: 'Warn' });
  assert.deepEqual(warned.warnings, errors);
  assert.equal((warned.draft['spec'] as { replicas: number }).replicas, 2);
  assert.deepEqual(decode(text, { fieldValidation: 'Ignore' }).warnings, []);
});

test('decodeBody finds the same in YAML, sorted as upstream reads it', () => {
  const text = 'spec:\n  zoo: 1\n  replicas: 1\n  foo: 1\n  replicas: 2\n';
  assert.deepEqual(decode(text, { format: 'yaml', fieldValidation: 'Warn' }).warnings, [
    'yaml: unmarshal errors:\n  line 5: key "replicas" already set in map',
    'unknown field "spec.foo"',
    'unknown field "spec.zoo"',
  ]);
});

test('decodeBody reads protobuf and the versions it is told to take', () => {
  const bytes = encodeProtobuf(Deployment, { metadata: { name: 'a' }, spec: { replicas: 2 } });
  const { draft } = decodeBody(Deployment, bytes, { ...STRICT, format: 'protobuf' });
  assert.equal(draft.metadata.name, 'a');
  const old = '{"kind":"Deployment","apiVersion":"extensions/v1beta1"}';
  assert.equal(decode(old, { otherVersions: ['extensions/v1beta1'] }).draft.apiVersion, 'apps/v1');
  assert.equal(decode(old, { otherVersions: 'any' }).draft.apiVersion, 'apps/v1');
});
