import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int32, list, map, message, string, struct } from '../schema.ts';
import { isStatusError } from '../status-error.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const Port = struct('test/v1.Port', { port: int32(1), name: string(2) });
const Container = struct('test/v1.Container', {
  name: string(1),
  image: string(2),
  args: list(3, 'string'),
  ports: list(4, Port, { merge: 'port' }),
});
const Strategy = struct('test/v1.Strategy', { type: string(1), rolling: map(2, 'string') });
const Thing = struct('test/v1.Thing', {
  containers: list(1, Container, { merge: 'name' }),
  finalizers: list(2, 'string', { merge: true }),
  names: list(3, 'string'),
  strategy: message(4, Strategy, { retainKeys: true }),
  labels: map(5, 'string'),
  byName: map(6, Container),
  whole: message(7, Strategy, { replace: true }),
});

const ab = [
  { name: 'a', image: '1' },
  { name: 'b', image: '2' },
];
const abc = [...ab, { name: 'c' }];
const names = (...list: string[]) => list.map((name) => ({ name }));

test('applyStrategicMergePatch merges by the schema and carries out directives', () => {
  const cases: readonly (readonly [string, object, object, object])[] = [
    ['fields are replaced', { labels: { a: '1' } }, { labels: { a: '2', b: '3' } }, { labels: { a: '2', b: '3' } }],
    [
      'a struct is replaced if it says so',
      { whole: { type: 'A' } },
      { whole: { rolling: {} } },
      { whole: { rolling: {} } },
    ],
    ['null removes', { labels: { a: '1', b: '2' } }, { labels: { a: null } }, { labels: { b: '2' } }],
    ['lists without a strategy are replaced', { names: ['a', 'b'] }, { names: ['c'] }, { names: ['c'] }],
    [
      'lists are merged by key',
      { containers: ab },
      { containers: [{ name: 'b', image: '3' }] },
      { containers: [ab[0], { name: 'b', image: '3' }] },
    ],
    [
      'new elements follow the patch',
      { containers: ab },
      { containers: [{ name: 'c' }] },
      { containers: [{ name: 'c' }, ...ab] },
    ],
    [
      'elements of the patch keep its order',
      { containers: abc },
      { containers: names('c', 'a') },
      { containers: [abc[1], abc[2], abc[0]] },
    ],
    [
      '$patch: delete takes an element away',
      { containers: abc },
      { containers: [{ name: 'b', $patch: 'delete' }] },
      { containers: [abc[0], abc[2]] },
    ],
    [
      '$patch: replace replaces a list',
      { containers: ab },
      { containers: [{ $patch: 'replace' }, { name: 'x' }] },
      { containers: [{ name: 'x' }] },
    ],
    [
      '$patch: replace replaces a map',
      { strategy: { type: 'A', rolling: { x: '1' } } },
      { strategy: { $patch: 'replace', type: 'B' } },
      { strategy: { type: 'B' } },
    ],
    ['$patch: delete empties a map', { strategy: { type: 'A' } }, { strategy: { $patch: 'delete' } }, { strategy: {} }],
    [
      '$retainKeys keeps only those',
      { strategy: { type: 'A', rolling: { x: '1' } } },
      { strategy: { $retainKeys: ['type'], type: 'B' } },
      { strategy: { type: 'B' } },
    ],
    ['sets are united', { finalizers: ['a', 'b'] }, { finalizers: ['c', 'a'] }, { finalizers: ['c', 'a', 'b'] }],
    [
      '$deleteFromPrimitiveList',
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a', 'x'] },
      { finalizers: ['b'] },
    ],
    ['$deleteFromPrimitiveList of nothing', {}, { '$deleteFromPrimitiveList/finalizers': ['a'] }, {}],
    [
      'nested lists merge',
      { containers: [{ name: 'a', ports: [{ port: 1 }] }] },
      { containers: [{ name: 'a', ports: [{ port: 2 }] }] },
      { containers: [{ name: 'a', ports: [{ port: 2 }, { port: 1 }] }] },
    ],
    [
      'nested plain lists are replaced',
      { containers: [{ name: 'a', args: ['x'] }] },
      { containers: [{ name: 'a', args: ['y'] }] },
      { containers: [{ name: 'a', args: ['y'] }] },
    ],
    [
      'maps of structs merge',
      { byName: { x: { image: '1' } } },
      { byName: { x: { args: ['y'] }, z: {} } },
      { byName: { x: { image: '1', args: ['y'] }, z: {} } },
    ],
    [
      'directives in new values vanish',
      {},
      { containers: [{ name: 'a' }, { name: 'b', $patch: 'delete' }], strategy: { type: null, rolling: {} } },
      { containers: [{ name: 'a' }], strategy: { rolling: {} } },
    ],
    ['a value of another type replaces', { labels: { a: '1' } }, { labels: 'x' }, { labels: 'x' }],
    [
      '$setElementOrder orders, with elements of the server in their places',
      { containers: names('a', 'b', 'c', 'd') },
      { '$setElementOrder/containers': names('d', 'b'), containers: [{ name: 'b', image: '9' }] },
      { containers: [{ name: 'a' }, { name: 'c' }, { name: 'd' }, { name: 'b', image: '9' }] },
    ],
    [
      '$setElementOrder alone',
      { finalizers: ['a', 'b', 'c'] },
      { '$setElementOrder/finalizers': ['c', 'b'] },
      { finalizers: ['a', 'c', 'b'] },
    ],
    [
      '$setElementOrder with a new list',
      {},
      { '$setElementOrder/containers': names('b', 'a'), containers: names('b', 'a') },
      { containers: names('b', 'a') },
    ],
    ['$setElementOrder of nothing', {}, { '$setElementOrder/containers': names('a') }, {}],
  ];
  for (const [name, original, patch, expected] of cases) {
    const before = JSON.stringify([original, patch]);
    const result = applyStrategicMergePatch(
      Thing,
      original as Record<string, unknown>,
      patch as Record<string, unknown>,
    );
    assert.deepEqual(result, expected, name);
    assert.equal(JSON.stringify([original, patch]), before, `${name}: nothing given is changed`);
  }
});

test('applyStrategicMergePatch shares what the patch does not name', () => {
  const original = { containers: ab, labels: { a: '1' } };
  const result = applyStrategicMergePatch(Thing, original, { containers: [{ name: 'b', image: '9' }] });
  assert.equal(result['labels'], original.labels);
  assert.equal((result['containers'] as object[])[0], ab[0]);
});

test('applyStrategicMergePatch refuses directives that mean nothing', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ containers: [{ image: 'x' }] }, /^map: {"image":"x"} does not contain declared merge key: name$/],
    [{ containers: [{ $patch: 'delete' }] }, /does not contain declared merge key: name$/],
    [{ containers: [{ name: 'a', $patch: 'merge' }] }, /^merging lists cannot yet be specified in the patch$/],
    [{ containers: [{ name: 'a', $patch: 'other' }] }, /^unknown patch type: other in map/],
    [{ strategy: { $patch: 'other' } }, /^unknown patch type: other in map/],
    [{ strategy: { $retainKeys: 'type' } }, /^invalid patch format of retainKeys$/],
    [{ strategy: { $retainKeys: [], type: 'B' } }, /^invalid patch format of retainKeys$/],
    [{ '$setElementOrder/containers': names('b', 'a'), containers: names('a', 'b') }, /^The order in patch list:/],
    [{ '$setElementOrder/containers': 'x' }, /^expected a list, but received a string$/],
    [{ '$setElementOrder/nothing': [] }, /^unable to find api field/],
    [{ containers: ['a'] }, /^list element types are not identical$/],
    [{ finalizers: [['a']] }, /^lists of lists are not supported$/],
  ];
  const original = { containers: ab, strategy: { type: 'A' }, finalizers: ['f'] };
  for (const [patch, message] of cases) {
    assert.throws(
      () => applyStrategicMergePatch(Thing, original, patch as Record<string, unknown>),
      (error) => isStatusError(error, 'BadRequest') && message.test(error.message),
      JSON.stringify(patch),
    );
  }
});
