import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from './apps/deployment.ts';
import { StatefulSet } from './apps/stateful-set.ts';
import { KINDS } from './catalog.ts';
import { ConfigMap } from './core/config-map.ts';
import { Event } from './core/event.ts';
import { Pod } from './core/pod.ts';
import { Secret } from './core/secret.ts';
import { DecodeError } from './decode-error.ts';
import { type DecodeNotes, decodeObject, decodeStruct, type ObjectType } from './decode-object.ts';
import { Role } from './rbac/role.ts';
import { bool, bytes, duration, int32, int64, list, map, message, quantity, string, struct, time } from './schema.ts';
import { isStatusError } from './status-error.ts';

const Inner = struct('test/v1.Inner', { name: string(1), size: quantity(2) });
const Thing = struct('test/v1.Thing', {
  plain: string(1),
  pointer: string(2, { optional: true }),
  always: string(3, { required: true }),
  nullable: string(4, { optional: true, omit: 'never' }),
  flag: bool(5),
  small: int32(6),
  large: int64(7),
  binary: bytes(8),
  at: time(9),
  sometime: time(10, { optional: true }),
  created: time(11, { omit: 'zero' }),
  names: list(12, 'string'),
  needed: list(13, 'string', { required: true }),
  inner: message(14, Inner),
  maybe: message(15, Inner, { optional: true }),
  inners: list(16, Inner),
  labels: map(17, 'string'),
  amounts: map(18, 'quantity'),
  wait: duration(19, { optional: true }),
});
const UNSET = { always: '', nullable: null, at: null, needed: null, inner: { size: '0' } };

test('decodeStruct brings any value into the normal form that a round trip through Go leaves', () => {
  const cases: readonly (readonly [string, object, object])[] = [
    ['nothing', {}, {}],
    ['null is unset', { plain: null, pointer: null, names: null, inner: null, at: null }, {}],
    ['zero of a plain field is unset', { plain: '', flag: false, small: 0, binary: '', names: [], labels: {} }, {}],
    ['zero of a pointer is kept', { pointer: '' }, { pointer: '' }],
    ['a struct pointer is kept', { maybe: {} }, { maybe: { size: '0' } }],
    ['an empty list that is always written stays', { needed: [] }, { needed: [] }],
    ['null elements are zero', { names: ['a', null], inners: [null] }, { names: ['a', ''], inners: [{ size: '0' }] }],
    [
      'null values are zero',
      { labels: { a: null }, amounts: { cpu: null } },
      { labels: { a: '' }, amounts: { cpu: '0' } },
    ],
    [
      'quantities are canonical',
      { amounts: { cpu: '1000m', memory: 1024 } },
      { amounts: { cpu: '1', memory: '1024' } },
    ],
    ['times are canonical', { at: '2024-01-01T01:00:00+01:00' }, { at: '2024-01-01T00:00:00Z' }],
    ['the zero time is unset', { sometime: '0001-01-01T00:00:00Z', created: '0001-01-01T00:00:00Z' }, {}],
    ['durations are canonical', { wait: '90s' }, { wait: '1m30s' }],
    ['base64 loses its line breaks', { binary: 'aGVs\nbG8=' }, { binary: 'aGVsbG8=' }],
  ];
  for (const [name, given, expected] of cases)
    assert.deepEqual(decodeStruct(Thing, given), { ...UNSET, ...expected }, name);
});

test('decodeStruct builds objects in declared order and shares nothing with its input', () => {
  const input = { inner: { size: '1', name: 'n' }, names: ['a'], always: 'x', plain: 'y' };
  const decoded = decodeStruct(Thing, input);
  assert.deepEqual(Object.keys(decoded), ['plain', 'always', 'nullable', 'at', 'names', 'needed', 'inner']);
  assert.equal(JSON.stringify(decoded['inner']), '{"name":"n","size":"1"}');
  input.names.push('b');
  input.inner.name = 'changed';
  assert.deepEqual(decoded['names'], ['a']);
  assert.deepEqual(decoded['inner'], { name: 'n', size: '1' });
});

test('decodeStruct sorts the keys of maps by their bytes, as Go writes them', () => {
  const decoded = decodeStruct(Thing, { labels: { '\u{1f600}': '', '\uffee': '', b: '', B: '' } });
  assert.deepEqual(Object.keys(decoded['labels'] as object), ['B', 'b', '\uffee', '\u{1f600}']);
});

test('decodeStruct keeps keys of maps that objects have by nature', () => {
  const decoded = decodeStruct(Thing, JSON.parse('{"labels":{"__proto__":"a","constructor":"b"}}'));
  assert.equal(JSON.stringify(decoded['labels']), '{"__proto__":"a","constructor":"b"}');
});

test('decodeStruct says where a value of a wrong type stands, in the words of Go', () => {
  const into = (place: string, type: string) => `into Go struct field ${place} of type ${type}`;
  const cases: readonly (readonly [unknown, string])[] = [
    [{ small: 'x' }, `json: cannot unmarshal string ${into('Thing.small', 'int32')}`],
    [{ small: 1.5 }, `json: cannot unmarshal number 1.5 ${into('Thing.small', 'int32')}`],
    [{ small: 3000000000 }, `json: cannot unmarshal number 3000000000 ${into('Thing.small', 'int32')}`],
    [{ large: 2 ** 53 }, `json: cannot unmarshal number 9007199254740992 ${into('Thing.large', 'int64')}`],
    [{ plain: 1 }, `json: cannot unmarshal number ${into('Thing.plain', 'string')}`],
    [{ flag: 'true' }, `json: cannot unmarshal string ${into('Thing.flag', 'bool')}`],
    [{ names: 'a' }, `json: cannot unmarshal string ${into('Thing.names', '[]string')}`],
    [{ names: [1] }, `json: cannot unmarshal number ${into('Thing.names', 'string')}`],
    [{ labels: [] }, `json: cannot unmarshal array ${into('Thing.labels', 'map[string]string')}`],
    [{ labels: { a: true } }, `json: cannot unmarshal bool ${into('Thing.labels', 'string')}`],
    [{ inner: 'a' }, `json: cannot unmarshal string ${into('Thing.inner', 'v1.Inner')}`],
    [{ inners: [{}, { name: {} }] }, `json: cannot unmarshal object ${into('Inner.inners.name', 'string')}`],
    [{ at: 5 }, `json: cannot unmarshal number ${into('Thing.at', 'string')}`],
    [{ binary: 'a*' }, 'illegal base64 data at input byte 1'],
    [{ wait: '5' }, 'time: missing unit in duration "5"'],
    [[], 'json: cannot unmarshal array into Go value of type v1.Thing'],
    ['x', 'json: cannot unmarshal string into Go value of type v1.Thing'],
  ];
  for (const [value, message] of cases) {
    assert.throws(
      () => decodeStruct(Thing, value),
      (error) => error instanceof DecodeError && error.message === message,
      JSON.stringify(value),
    );
  }
  assert.throws(
    () => decodeStruct(Thing, { amounts: { cpu: 'much' } }),
    /quantities must match the regular expression/,
  );
});

test('decodeStruct notices unknown fields at any depth and drops them', () => {
  const noticed = (value: object): boolean => {
    const notes: DecodeNotes = { unknownFields: false };
    assert.equal(JSON.stringify(decodeStruct(Thing, value, notes)).includes('foo'), false);
    return notes.unknownFields;
  };
  assert.equal(noticed({ plain: 'a', inner: { name: 'b' } }), false);
  assert.equal(noticed({ foo: 1 }), true);
  assert.equal(noticed({ inner: { foo: null } }), true);
  assert.equal(noticed({ inners: [{}, { foo: {} }] }), true);
});

test('decodeObject fills in what its declaration says, and answers what cannot be with BadRequest', () => {
  const decode = (type: ObjectType, value: unknown) => JSON.parse(JSON.stringify(decodeObject(type, value)));
  assert.deepEqual(decode(Deployment, { metadata: { name: 'a' } }), {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: 'a' },
    spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} },
    status: {},
  });
  assert.deepEqual(decode(Role, { kind: 'Other', apiVersion: 'v7' }), {
    kind: 'Role',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: {},
    rules: null,
  });
  const event = decode(Event, { eventTime: '2024-01-01T01:00:00.500000+01:00' });
  assert.equal(event.eventTime, '2024-01-01T00:00:00.500000Z');
  assert.equal(event.firstTimestamp, null);
  assert.throws(
    () => decodeObject(Pod, { spec: { containers: [{ ports: [{ containerPort: '80' }] }] } }),
    (error) =>
      isStatusError(error, 'BadRequest') &&
      error.message ===
        'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
  );
});

test('decodeObject takes kind and apiVersion where an embedded object may say them', () => {
  const notes: DecodeNotes = { unknownFields: false };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } };
  const decoded = decodeObject(StatefulSet, { apiVersion: 'apps/v1', spec: { volumeClaimTemplates: [claim] } }, notes);
  assert.equal(notes.unknownFields, false);
  const [template] = (decoded['spec'] as { volumeClaimTemplates: (typeof claim)[] }).volumeClaimTemplates;
  assert.deepEqual([template?.kind, template?.apiVersion], ['PersistentVolumeClaim', 'v1']);
});

test('decodeObject refuses JSON that is nested too deep', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
  const crd = KINDS.find(({ kind }) => kind === 'ControllerRevision');
  assert.ok(crd);
  assert.doesNotThrow(() => decodeObject(crd, { data: nested(400) }));
  assert.throws(() => decodeObject(crd, { data: nested(600) }), /exceeded max depth/);
});

test('decodeObject is idempotent for an empty object of every kind', () => {
  for (const kind of KINDS) {
    const once = decodeObject(kind, {});
    assert.deepEqual(decodeObject(kind, once), once, kind.kind);
  }
});

test('decodeObject reads the keys of ConfigMaps and Secrets as they are', () => {
  assert.deepEqual(decodeObject(ConfigMap, { data: { 'a.b': 'c' } })['data'], { 'a.b': 'c' });
  assert.deepEqual(decodeObject(Secret, { data: { key: 'YQ==' } })['data'], { key: 'YQ==' });
  assert.throws(() => decodeObject(Secret, { data: { key: 'a' } }), /illegal base64 data at input byte 1/);
});
