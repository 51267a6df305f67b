import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeJson } from '../../api/json-encode.ts';
import type { AnyObject } from '../../api/kind.ts';
import { ObjectShelf, ObjectVersion } from './object-version.ts';

const decoder = new TextDecoder();

function sample(name: string): AnyObject {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, uid: `uid-${name}`, labels: { app: name } },
    data: { a: '1' },
  } as unknown as AnyObject;
}

function versionOf(name: string, revision: number, shelf = new ObjectShelf({ limitBytes: 1 << 20 })): ObjectVersion {
  return new ObjectVersion({ shelf }, { key: `ns/${name}`, revision, stored: encodeJson(sample(name)) });
}

describe('ObjectVersion', () => {
  test('json has the resourceVersion and is made once', () => {
    const version = versionOf('a', 7);
    assert.equal(JSON.parse(decoder.decode(version.json)).metadata.resourceVersion, '7');
    assert.equal(version.json, version.json);
    assert.deepEqual(JSON.parse(decoder.decode(version.stored)), sample('a'));
  });

  test('object is decoded once, frozen all the way down and shared', () => {
    const version = versionOf('a', 7);
    const { object } = version;
    assert.equal(object.metadata.resourceVersion, '7');
    assert.equal(version.object, object);
    assert.ok(Object.isFrozen(object.metadata.labels));
    assert.throws(() => Object.assign(object['data'] as object, { b: '2' }), TypeError);
  });

  test('an object that is handed in is taken as it is, with its version', () => {
    const object = sample('a');
    const shelf = new ObjectShelf({ limitBytes: 1 << 20 });
    const version = new ObjectVersion({ shelf }, { key: 'a', revision: 9, stored: encodeJson(object) }, object);
    assert.equal(version.object, object);
    assert.equal(object.metadata.resourceVersion, '9');
    assert.ok(Object.isFrozen(object));
  });

  test('at has the same content under another revision, whether it was served before or not', () => {
    for (const served of [false, true]) {
      const version = versionOf('a', 7);
      if (served) assert.ok(version.json.length > 0);
      const later = version.at(1234);
      assert.deepEqual(later.object, {
        ...version.object,
        metadata: { ...version.object.metadata, resourceVersion: '1234' },
      });
    }
  });

  test('draft belongs to the caller', () => {
    const version = versionOf('a', 7);
    const draft = version.draft();
    draft.metadata.labels = { changed: 'yes' };
    assert.deepEqual(version.labels, { app: 'a' });
  });

  test('field works a value out once', () => {
    const version = versionOf('a', 7);
    let calls = 0;
    const select = (object: AnyObject) => {
      calls++;
      return object.metadata.name;
    };
    assert.equal(version.field('metadata.name', select), 'a');
    assert.equal(version.field('metadata.name', select), 'a');
    assert.equal(calls, 1);
  });
});

describe('ObjectShelf', () => {
  test('keep drops what was used longest ago beyond its bytes', () => {
    const size = encodeJson(sample('a')).length;
    const limited = new ObjectShelf({ limitBytes: size * 2 });
    const versions = ['a', 'b', 'c'].map((name, index) => versionOf(name, index + 1, limited));
    for (const version of versions) assert.equal(version.object.kind, 'ConfigMap');
    assert.deepEqual(limited.keys(), ['ns/b', 'ns/c']);
    limited.touch(versions[1]!, versions[1]!.object);
    assert.equal(versions[0]!.object.metadata.name, 'a');
    assert.deepEqual(limited.keys(), ['ns/b', 'ns/a']);
    versions[1]!.retire();
    assert.deepEqual(limited.keys(), ['ns/a']);
  });
});
