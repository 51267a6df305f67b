import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from '../status-error.ts';
import { applyJsonPatch, jsonPatchOperations } from './json-patch.ts';

function patch(document: unknown, ...operations: object[]): unknown {
  return applyJsonPatch(document, jsonPatchOperations(operations));
}

test('applyJsonPatch carries out every operation', () => {
  const add = (path: string, value: unknown) => ({ op: 'add', path, value });
  const cases: readonly (readonly [unknown, object[], unknown])[] = [
    [{ a: 1 }, [add('/b', 2)], { a: 1, b: 2 }],
    [{ a: 1 }, [add('/a', [])], { a: [] }],
    [{ a: [1, 3] }, [add('/a/1', 2)], { a: [1, 2, 3] }],
    [{ a: [1] }, [add('/a/-', 2)], { a: [1, 2] }],
    [{ a: [1] }, [add('/a/1', 2)], { a: [1, 2] }],
    [{ a: [1, 2] }, [add('/a/-1', 3)], { a: [1, 2, 3] }],
    [{ a: { b: 1 } }, [{ op: 'remove', path: '/a/b' }], { a: {} }],
    [{ a: [1, 2, 3] }, [{ op: 'remove', path: '/a/1' }], { a: [1, 3] }],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: null }], { a: null }],
    [{ a: [1] }, [{ op: 'replace', path: '/a/0', value: 2 }], { a: [2] }],
    [{}, [{ op: 'replace', path: '/new', value: 1 }], { new: 1 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ a: [1, 2] }, [{ op: 'move', from: '/a/0', path: '/a/1' }], { a: [2, 1] }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }, add('/c/b', 2)], { a: { b: 1 }, c: { b: 2 } }],
    [{ 'x/y': { '~': 1 } }, [add('/x~1y/~0', 2)], { 'x/y': { '~': 2 } }],
    [
      { a: { b: [1, { c: 2 }] } },
      [{ op: 'test', path: '/a', value: { b: [1, { c: 2 }] } }],
      { a: { b: [1, { c: 2 }] } },
    ],
    [{ a: 1 }, [{ op: 'test', path: '/none', value: null }], { a: 1 }],
    [{ a: 1 }, [{ op: 'test', path: '', value: { a: 1 } }], { a: 1 }],
    [{ a: {} }, [add('/a/x', { y: 1 }), add('/a/x/z', 2)], { a: { x: { y: 1, z: 2 } } }],
  ];
  for (const [document, operations, expected] of cases) {
    const before = JSON.stringify([document, operations]);
    assert.deepEqual(patch(document, ...operations), expected, before);
    assert.equal(JSON.stringify([document, operations]), before, 'neither the original nor the patch is changed');
  }
});

test('applyJsonPatch shares what no operation touches', () => {
  const document = { a: { b: 1 }, c: { d: 2 } };
  const result = patch(document, { op: 'add', path: '/a/e', value: 3 }) as typeof document;
  assert.equal(result.c, document.c);
  assert.notEqual(result.a, document.a);
});

test('applyJsonPatch answers operations that do not apply with Invalid, and says why', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ op: 'add', path: '/x/y', value: 1 }, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
    [
      { op: 'add', path: '/l/5', value: 1 },
      "error in add for path: '/l/5': Unable to access invalid index: 5: invalid index referenced",
    ],
    [
      { op: 'add', path: '/l/x', value: 1 },
      `error in add for path: '/l/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      { op: 'remove', path: '/x' },
      "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'remove', path: '/l/1' },
      "error in remove for path: '/l/1': Unable to access invalid index: 1: invalid index referenced",
    ],
    [
      { op: 'replace', path: '/l/7', value: 1 },
      'replace operation does not apply: doc is missing key: /l/7: missing value',
    ],
    [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
    [{ op: 'test', path: '/a/b/c', value: 2 }, 'test operation does not apply: is missing path: /a/b/c: missing value'],
    [
      { op: 'move', from: '/x/y', path: '/a' },
      'move operation does not apply: doc is missing from path: /x/y: missing value',
    ],
    [
      { op: 'copy', from: '/x/y', path: '/a' },
      'copy operation does not apply: doc is missing from path: /x/y: missing value',
    ],
    [{ op: 'add', value: 1 }, 'add operation failed to decode path: missing value'],
    [{ op: 'merge', path: '/a' }, 'Unexpected kind: merge'],
    [{}, 'Unexpected kind: unknown'],
  ];
  for (const [operation, why] of cases) {
    assert.throws(
      () => patch({ a: 1, l: [0] }, operation),
      (error) => isStatusError(error, 'Invalid') && error.details?.causes?.[0]?.message === why,
      JSON.stringify(operation),
    );
  }
});

test('applyJsonPatch bounds what copies add', () => {
  const double = { op: 'copy', from: '/l', path: '/l/-' };
  assert.throws(
    () => patch({ l: ['x'.repeat(1000)] }, ...Array.from({ length: 40 }, () => double)),
    (error) => isStatusError(error, 'Invalid') && /exceeding the limit/.test(error.details?.causes?.[0]?.message ?? ''),
  );
});

test('jsonPatchOperations takes lists of objects, and not too long ones', () => {
  for (const bad of [{}, 'x', null, [1], [[]]]) {
    assert.throws(
      () => jsonPatchOperations(bad),
      (error) => isStatusError(error, 'BadRequest'),
      JSON.stringify(bad),
    );
  }
  const many = Array.from({ length: 10_001 }, () => ({}));
  assert.throws(
    () => jsonPatchOperations(many),
    (error) => isStatusError(error, 'RequestEntityTooLarge'),
  );
});
