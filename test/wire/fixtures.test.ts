// The public API test data: objects with a value in every field, which upstream's v1.36 has written in JSON, YAML and
// protobuf. All three have to be read as the same object, and written byte for byte as they are. The data is not part of
// this project: T8S_API_FIXTURES names its directory (see docs/wire-fixtures.md).

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiVersionOf, decodeRoot, decodeStruct, type ObjectType } from '../../src/api/decode-object.ts';
import { stringifyJson } from '../../src/api/json-encode.ts';
import { WatchEvent } from '../../src/api/meta/watch-event.ts';
import { decodeMessage, decodeProtobuf, encodeProtobuf, readEnvelope } from '../../src/api/protobuf-codec.ts';
import { decodeYaml } from '../../src/api/yaml-decode.ts';
import { fixtureType } from './fixture-types.ts';

/** Events say no kind, and so neither does what they are wrapped in. */
const EVENT_TYPE: ObjectType = { group: '', version: '', kind: '', schema: WatchEvent };

const directory = process.env['T8S_API_FIXTURES'];
if (directory === undefined) {
  test('fixtures of the public API', { skip: 'T8S_API_FIXTURES does not say where they are' }, () => {});
} else {
  const names = fixtureNames(directory);
  test('fixtures of the public API are there', () => assert.ok(names.length > 0));
  for (const name of names) {
    test(`${name} is one object in three encodings, written byte for byte`, () => checkFixture(directory, name));
  }
}

/** Those of v1.36 itself: `after_roundtrip` is what later releases make of them, which have lost some of the fields. */
function fixtureNames(directory: string): readonly string[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.pb') && !file.includes('.after_roundtrip.'));
  return files.map((file) => file.slice(0, -'.pb'.length)).sort();
}

function checkFixture(directory: string, name: string): void {
  const type = typeOf(name);
  assert.ok(type, 'nothing is declared for it');
  const protobuf = readFileSync(join(directory, `${name}.pb`));
  const json = readFileSync(join(directory, `${name}.json`), 'utf8');
  const yaml = readFileSync(join(directory, `${name}.yaml`), 'utf8');
  const compact = stringifyJson(JSON.parse(json));

  const fromProtobuf = readProtobuf(type, protobuf);
  assert.equal(stringifyJson(fromProtobuf), compact, 'protobuf as JSON');
  assert.deepEqual(encodeProtobuf(type, fromProtobuf), bytesOf(protobuf), 'protobuf as protobuf');
  const fromJson = readValue(type, JSON.parse(json));
  assert.equal(stringifyJson(fromJson), compact, 'JSON as JSON');
  assert.deepEqual(encodeProtobuf(type, fromJson), bytesOf(protobuf), 'JSON as protobuf');
  assert.deepEqual(readValue(type, decodeYaml(yaml).value), fromJson, 'YAML as JSON');
}

/** The type that a file is named after: `apps.v1.Deployment`; `core` stands for the group without a name. */
function typeOf(name: string): ObjectType | undefined {
  const [, groupName, version, kind] = /^(.+)\.([^.]+)\.([^.]+)$/.exec(name) as unknown as [
    string,
    string,
    string,
    string,
  ];
  if (kind === 'WatchEvent') return EVENT_TYPE;
  return fixtureType({ group: groupName === 'core' ? '' : groupName, version, kind });
}

function readProtobuf(type: ObjectType, protobuf: Uint8Array): object {
  const { kind, apiVersion, raw } = readEnvelope(protobuf);
  assert.deepEqual({ kind, apiVersion }, { kind: type.kind, apiVersion: apiVersionOf(type) });
  return type === EVENT_TYPE ? decodeMessage(type.schema, raw) : decodeProtobuf(type, protobuf);
}

function readValue(type: ObjectType, value: unknown): object {
  return type === EVENT_TYPE ? decodeStruct(type.schema, value) : decodeRoot(type, value);
}

function bytesOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer);
}
