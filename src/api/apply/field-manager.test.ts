// What structured-merge-diff and apimachinery's managedfields do, as histories of one object.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FieldHistory, type StepOptions } from '../../../test/support/field-history.ts';
import type { StatusError } from '../status-error.ts';
import { LAST_APPLIED } from './last-applied.ts';

type Step = readonly ['apply' | 'update', manager: string, spec: object, options?: StepOptions];
const lived = (steps: readonly Step[]) =>
  steps.reduce(
    (history, [verb, manager, spec, options]) => history[verb](manager, spec as Record<string, unknown>, options),
    new FieldHistory(),
  );
const item = (name: string) => `k:{"name":"${name}"}`;

describe('server-side apply', () => {
  const cases: readonly [title: string, steps: readonly Step[], spec: object, owners: object][] = [
    [
      'creates, and owns what it mentions',
      [
        [
          'apply',
          'a',
          { text: 'x', set: ['s'], items: [{ name: 'i', value: 1 }], labels: { l: '1' }, nested: {}, point: { x: 1 } },
        ],
      ],
      { text: 'x', set: ['s'], items: [{ name: 'i', value: 1 }], labels: { l: '1' }, nested: {}, point: { x: 1 } },
      {
        'a Apply': {
          'f:items': { [item('i')]: { '.': {}, 'f:name': {}, 'f:value': {} } },
          'f:labels': { 'f:l': {} },
          'f:nested': {},
          'f:point': {},
          'f:set': { 'v:"s"': {} },
          'f:text': {},
        },
      },
    ],
    [
      'takes away what it does not mention any more',
      [
        [
          'apply',
          'a',
          {
            number: 1,
            set: ['s', 't'],
            items: [{ name: 'i', value: 1 }, { name: 'j' }],
            labels: { l: '1', m: '2' },
            nested: { a: 'x' },
          },
        ],
        ['apply', 'a', { set: ['t'], items: [{ name: 'i' }], labels: { m: '2' } }],
      ],
      { set: ['t'], items: [{ name: 'i' }], labels: { m: '2' } },
      {
        'a Apply': {
          'f:items': { [item('i')]: { '.': {}, 'f:name': {} } },
          'f:labels': { 'f:m': {} },
          'f:set': { 'v:"t"': {} },
        },
      },
    ],
    [
      'takes away a list with its last item',
      [
        ['apply', 'a', { text: 'x', items: [{ name: 'i' }], atomic: ['a'] }],
        ['apply', 'a', { text: 'x' }],
      ],
      { text: 'x' },
      { 'a Apply': { 'f:text': {} } },
    ],
    [
      'shares what two managers apply alike, and keeps it until the last of them lets it go',
      [
        ['apply', 'a', { text: 'x', labels: { l: '1' }, set: ['s'] }],
        ['apply', 'b', { text: 'x', labels: { l: '1' }, set: ['s'] }],
        ['apply', 'a', {}],
      ],
      { text: 'x', labels: { l: '1' }, set: ['s'] },
      { 'a Apply': {}, 'b Apply': { 'f:labels': { 'f:l': {} }, 'f:set': { 'v:"s"': {} }, 'f:text': {} } },
    ],
    [
      'keeps an item in which another manager has something',
      [
        ['apply', 'a', { items: [{ name: 'i', value: 1 }] }],
        ['apply', 'b', { items: [{ name: 'i', labels: { l: '1' } }] }],
        ['apply', 'a', { items: [] }],
      ],
      { items: [{ name: 'i', labels: { l: '1' } }] },
      { 'b Apply': { 'f:items': { [item('i')]: { '.': {}, 'f:labels': { 'f:l': {} }, 'f:name': {} } } } },
    ],
    [
      'takes away an item with what others have only updated in it',
      [
        ['apply', 'a', { text: 'x', items: [{ name: 'i', value: 1 }] }],
        ['update', 'u', { text: 'x', items: [{ name: 'i', value: 1, labels: { l: '1' } }] }],
        ['apply', 'a', { text: 'x' }],
      ],
      { text: 'x' },
      { 'a Apply': { 'f:text': {} } },
    ],
    [
      'leaves alone what somebody has updated since',
      [
        ['apply', 'a', { text: 'x', number: 1 }],
        ['update', 'u', { text: 'y', number: 1 }],
        ['apply', 'a', { number: 1 }],
      ],
      { text: 'y', number: 1 },
      { 'a Apply': { 'f:number': {} }, 'u Update': { 'f:text': {} } },
    ],
    [
      'joins an updater in what it applies alike',
      [
        ['update', 'u', { text: 'x', number: 1 }],
        ['apply', 'a', { text: 'x' }],
      ],
      { text: 'x', number: 1 },
      { 'a Apply': { 'f:text': {} }, 'u Update': { 'f:number': {}, 'f:text': {} } },
    ],
    [
      'takes from others what it is forced to',
      [
        ['apply', 'a', { text: 'x', labels: { l: '1', m: '1' } }],
        ['update', 'u', { text: 'x', labels: { l: '1', m: '1' }, number: 1 }],
        ['apply', 'b', { text: 'y', labels: { l: '2' }, number: 2 }, { force: true }],
      ],
      { text: 'y', labels: { l: '2', m: '1' }, number: 2 },
      {
        'a Apply': { 'f:labels': { 'f:m': {} } },
        'b Apply': { 'f:labels': { 'f:l': {} }, 'f:number': {}, 'f:text': {} },
      },
    ],
    [
      'has its own way with what it has applied itself',
      [
        ['apply', 'a', { text: 'x', atomic: ['1'], whole: { a: '1' } }],
        ['apply', 'a', { text: 'y', atomic: ['2'], whole: { b: '1' } }],
      ],
      { text: 'y', atomic: ['2'], whole: { b: '1' } },
      { 'a Apply': { 'f:atomic': {}, 'f:text': {}, 'f:whole': {} } },
    ],
    [
      'is another manager through a subresource, that owns the status only',
      [
        ['apply', 'a', { text: 'x' }],
        ['apply', 'a', { number: 1 }, { subresource: 'status' }],
      ],
      { text: 'x', number: 1 },
      { 'a Apply': { 'f:text': {} } },
    ],
    [
      'says what all that is there belongs to, where nobody has been tracked',
      [
        ['update', 'u', { text: 'x' }],
        ['update', 'u', { text: 'x' }],
        ['apply', 'a', { number: 1 }],
      ],
      { text: 'x', number: 1 },
      { 'a Apply': { 'f:number': {} }, 'u Update': { 'f:text': {} } },
    ],
  ];
  for (const [title, steps, spec, owners] of cases) {
    test(title, () => {
      const history = lived(steps);
      assert.deepEqual(history.spec, spec);
      assert.deepEqual(history.owners, owners);
    });
  }

  const conflicts: readonly [title: string, steps: readonly Step[], message: string, fields: string[]][] = [
    [
      'one field of an applier',
      [
        ['apply', 'a', { text: 'x' }],
        ['apply', 'b', { text: 'y' }],
      ],
      'Apply failed with 1 conflict: conflict with "a": .spec.text',
      ['.spec.text'],
    ],
    [
      'one field of an updater',
      [
        ['update', 'u', { number: 1 }],
        ['apply', 'b', { number: 2 }],
      ],
      'Apply failed with 1 conflict: conflict with "u" using test/v1: .spec.number',
      ['.spec.number'],
    ],
    [
      'several fields of several managers, in order',
      [
        ['apply', 'b', { text: 'x', items: [{ name: 'i', value: 1 }] }],
        ['apply', 'a', { number: 1 }],
        ['update', 'u', { text: 'x', items: [{ name: 'i', value: 1 }], number: 1, flag: true, atomic: ['a'] }],
        ['apply', 'c', { text: 'y', items: [{ name: 'i', value: 2 }], number: 2, atomic: ['b'] }],
      ],
      'Apply failed with 4 conflicts: conflicts with "a":\n- .spec.number\nconflicts with "b":\n- .spec.text\n- .spec.items[name="i"].value\nconflicts with "u" using test/v1:\n- .spec.atomic',
      ['.spec.number', '.spec.text', '.spec.items[name="i"].value', '.spec.atomic'],
    ],
    [
      'an atomic struct of which only a part would change',
      [
        ['apply', 'a', { point: { x: 1, y: 1 } }],
        ['apply', 'b', { point: { x: 1, y: 2 } }],
      ],
      'Apply failed with 1 conflict: conflict with "a": .spec.point',
      ['.spec.point'],
    ],
    [
      'the same quantity in other words',
      [
        ['update', 'u', { size: '1' }],
        ['apply', 'a', { size: '1000m' }],
      ],
      'Apply failed with 1 conflict: conflict with "u" using test/v1: .spec.size',
      ['.spec.size'],
    ],
  ];
  for (const [title, steps, message, fields] of conflicts) {
    test(`conflicts over ${title}`, () => {
      const history = lived(steps.slice(0, -1));
      const [, manager, spec] = steps.at(-1) as Step;
      assert.throws(
        () => history.apply(manager, spec as Record<string, unknown>),
        (error: StatusError) => {
          assert.deepEqual([error.code, error.reason, error.message], [409, 'Conflict', message]);
          assert.deepEqual(
            error.details?.causes?.map(({ field }) => field),
            fields,
          );
          assert.deepEqual(
            new Set(error.details?.causes?.map(({ reason }) => reason)),
            new Set(['FieldManagerConflict']),
          );
          return true;
        },
      );
    });
  }

  test('names the subresource of the manager that it has a conflict with', () => {
    const history = new FieldHistory()
      .update('u', { text: 'x' })
      .updateObject('k', { spec: { text: 'x' }, status: { phase: 'A' } }, { subresource: 'status' });
    assert.throws(() => history.applyObject('a', { status: { phase: 'B' } }, { subresource: 'status' }), {
      message: 'Apply failed with 1 conflict: conflict with "k" with subresource "status" using test/v1: .status.phase',
    });
  });

  test('does not own what its way of writing puts back', () => {
    const history = new FieldHistory().applyObject('a', { spec: { text: 'x' }, status: { phase: 'A' } });
    assert.deepEqual(history.owners, { 'a Apply': { 'f:text': {} } });
  });

  test('before-first-apply owns what there was when nothing was tracked', () => {
    const history = new FieldHistory().update('u', { text: 'x' });
    history.updateObject('u', { metadata: { managedFields: [{}] }, spec: { text: 'x' } });
    assert.deepEqual(history.managedFields, []);
    history.apply('a', { text: 'x', number: 1 });
    assert.deepEqual(history.owners, {
      'a Apply': { 'f:number': {}, 'f:text': {} },
      'before-first-apply Update': { 'f:text': {} },
    });
  });

  test('cannot change an object whose items cannot be told apart', () => {
    const history = new FieldHistory().update('u', { loose: [{}] });
    assert.throws(() => history.apply('a', { number: 1 }), {
      code: 500,
      message:
        /^failed to create typed live object \(\/; test\/v1, Kind=Widget\): associative list with keys has an element/,
    });
  });

  const misfits: readonly [title: string, object: Record<string, unknown>, code: number, message: string][] = [
    ['no kind', { kind: undefined, apiVersion: undefined }, 400, 'invalid object type: /, Kind='],
    ['another kind', { kind: 'Gadget' }, 400, 'invalid object type: test/v1, Kind=Gadget'],
    ['another version', { apiVersion: 'test/v2' }, 400, 'invalid object type: test/v2, Kind=Widget'],
    ['managers of its own', { metadata: { managedFields: [] } }, 400, 'metadata.managedFields must be nil'],
    [
      'a field that there is not',
      { metadata: { name: 'w', namespace: 'n' }, spec: { nonsense: 1 } },
      500,
      'failed to create typed patch object (n/w; test/v1, Kind=Widget): .spec.nonsense: field not declared in schema',
    ],
  ];
  for (const [title, object, code, message] of misfits) {
    test(`refuses ${title}`, () => assert.throws(() => new FieldHistory().applyObject('a', object), { code, message }));
  }
});

describe('updates', () => {
  const cases: readonly [title: string, steps: readonly Step[], owners: object][] = [
    [
      'own what they add and change, from the maps down that they begin',
      [['update', 'u', { text: 'x', labels: { l: '1' }, items: [{ name: 'i' }] }]],
      {
        'u Update': {
          'f:items': { '.': {}, [item('i')]: { '.': {}, 'f:name': {} } },
          'f:labels': { '.': {}, 'f:l': {} },
          'f:text': {},
        },
      },
    ],
    [
      'take from all others what they change, and from nobody what they leave',
      [
        ['apply', 'a', { text: 'x', number: 1, set: ['s'] }],
        ['update', 'u', { text: 'y', number: 1, set: ['s', 't'] }],
      ],
      {
        'a Apply': { 'f:number': {}, 'f:set': { 'v:"s"': {} } },
        'u Update': { 'f:set': { 'v:"t"': {} }, 'f:text': {} },
      },
    ],
    [
      'forget who owned what they take away',
      [
        ['apply', 'a', { text: 'x', labels: { l: '1' } }],
        ['update', 'u', { text: 'x' }],
      ],
      { 'a Apply': { 'f:text': {} } },
    ],
    [
      'by one manager in two versions are two entries',
      [
        ['update', 'u', { number: 1 }],
        ['update', 'u', { number: 1, flag: true }, { version: 'test/v2' }],
      ],
      { 'u Update': { 'f:flag': {} } },
    ],
    [
      'by nobody in particular',
      [
        ['apply', 'a', { number: 1 }],
        ['update', '', { number: 2 }],
      ],
      { 'unknown Update': { 'f:number': {} } },
    ],
  ];
  for (const [title, steps, owners] of cases) {
    test(title, () => assert.deepEqual(lived(steps).owners, owners));
  }

  test('keep what a client has said of managers, if it is sound', () => {
    const own = (manager: string, operation = 'Update') => ({
      manager,
      operation,
      apiVersion: 'test/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:number': {}, 'f:flag': { '.': {} } } },
    });
    const history = new FieldHistory().update('u', { number: 1 });
    history.updateObject('v', { metadata: { managedFields: [own('other')] }, spec: { number: 1 } });
    assert.deepEqual(history.owners, { 'other Update': { 'f:flag': {}, 'f:number': {} } });
    history.updateObject('v', { metadata: { managedFields: [own('bad', 'Merge')] }, spec: { number: 1 } });
    assert.deepEqual(history.owners, { 'other Update': { 'f:flag': {}, 'f:number': {} } });
    history.updateObject(
      'v',
      { metadata: { managedFields: [own('sub')] }, spec: { number: 1 } },
      { subresource: 'status' },
    );
    assert.deepEqual(history.owners, { 'other Update': { 'f:flag': {}, 'f:number': {} } });
    history.updateObject('v', { metadata: { managedFields: [] }, spec: { number: 2 } });
    assert.deepEqual(history.managedFields, []);
  });

  test('that change nothing leave everything as it is', () => {
    const history = new FieldHistory().apply('a', { number: 1 }).update('u', { number: 1, flag: true });
    const before = history.managedFields;
    history.update('other', { number: 1, flag: true }, { at: 9 });
    assert.deepEqual(history.managedFields, before);
  });

  test('of a list whose items cannot be told apart are not tracked', () => {
    const history = new FieldHistory().update('u', { number: 1 });
    history.update('u', { loose: [{}] });
    assert.deepEqual(history.managedFields, []);
  });

  test('by more than ten managers are told apart no longer, the oldest first', () => {
    const history = new FieldHistory().apply('a', { text: 'x' });
    const labels: Record<string, string> = {};
    for (let i = 1; i <= 12; i++) {
      labels[`l${i}`] = 'x';
      history.update(`u${String(i).padStart(2, '0')}`, { text: 'x', labels: { ...labels } }, { at: i });
    }
    const managers = history.managedFields.map(({ manager }) => manager);
    assert.deepEqual(managers, [
      'a',
      'ancient-changes',
      ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((i) => `u${String(i).padStart(2, '0')}`),
    ]);
    assert.deepEqual(history.owners['ancient-changes Update'], {
      'f:labels': { '.': {}, 'f:l1': {}, 'f:l2': {}, 'f:l3': {} },
    });
    assert.equal(history.managedFields[1]?.time, '2026-01-01T00:00:03Z');
  });
});

describe('times', () => {
  const times = (history: FieldHistory) =>
    Object.fromEntries(history.managedFields.map(({ manager, time }) => [manager, time?.slice(-3)]));

  test('are those of the last change of each manager', () => {
    const history = new FieldHistory().apply('a', { text: 'x', number: 1 }, { at: 1 });
    history.update('u', { text: 'y', number: 1 }, { at: 2 });
    assert.deepEqual(times(history), { a: '01Z', u: '02Z' });
    history.apply('a', { number: 1 }, { at: 3 });
    assert.deepEqual(times(history), { a: '01Z', u: '02Z' });
    history.apply('a', { number: 2 }, { at: 4 });
    assert.deepEqual(times(history), { a: '04Z', u: '02Z' });
  });

  test('are not there for an applier that has only joined others', () => {
    const history = new FieldHistory().apply('a', { text: 'x' }, { at: 1 }).apply('b', { text: 'x' }, { at: 2 });
    assert.deepEqual(times(history), { b: undefined, a: '01Z' });
  });

  test('order the entries, appliers first', () => {
    const history = new FieldHistory()
      .update('z', { number: 1 }, { at: 1 })
      .apply('b', { text: 'x' }, { at: 3 })
      .apply('a', { flag: true }, { at: 2 });
    assert.deepEqual(
      history.managedFields.map(({ manager }) => manager),
      ['a', 'b', 'z'],
    );
  });
});

describe('versions', () => {
  test('conflicts are found in the version of each manager', () => {
    const history = new FieldHistory().apply('a', { text: 'x' });
    assert.throws(() => history.apply('b', { nested: { a: 'y' } }, { version: 'test/v2' }), {
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.text',
    });
  });

  test('an applier that changes its version lets go of what it does not mention', () => {
    const history = new FieldHistory().apply('a', { text: 'x', number: 1 });
    history.apply('a', { number: 1 }, { version: 'test/v2' });
    assert.deepEqual(history.spec, { number: 1 });
    assert.deepEqual(
      history.managedFields.map(({ apiVersion }) => apiVersion),
      ['test/v2'],
    );
  });

  test('keep what another manager applies under another name', () => {
    const history = new FieldHistory().apply('a', { text: 'x', number: 1 });
    history.apply('b', { nested: { a: 'x' } }, { version: 'test/v2' }).apply('a', { number: 1 });
    assert.deepEqual(history.spec, { text: 'x', number: 1 });
  });

  test('that are gone take their managers with them', () => {
    const gone = {
      manager: 'old',
      operation: 'Update',
      apiVersion: 'test/v0',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:flag': {} } },
    };
    const history = new FieldHistory().update('u', { number: 1 });
    history.updateObject('u', { metadata: { managedFields: [gone] }, spec: { number: 2 } });
    assert.deepEqual(Object.keys(history.owners), ['u Update']);
  });

  test('whose lists and maps merged before, and are atomic by now, have them owned whole', () => {
    const old = {
      manager: 'old',
      operation: 'Apply',
      apiVersion: 'test/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:whole': { 'f:a': {} }, 'f:point': { '.': {}, 'f:x': {} } } },
    };
    const history = new FieldHistory().update('u', { number: 1 });
    history.updateObject('u', {
      metadata: { managedFields: [old] },
      spec: { number: 1, whole: { a: '1' }, point: { x: 1 } },
    });
    assert.deepEqual(history.owners['u Update'], { 'f:point': {}, 'f:whole': {} });
    history.updateObject('u', {
      metadata: { managedFields: [old] },
      spec: { number: 1, whole: { a: '1' }, point: { x: 1 } },
    });
    assert.throws(() => history.apply('a', { whole: { b: '1' } }), /conflict with "old": \.spec\.whole$/);
  });
});

describe('client-side apply', () => {
  const lastApplied = (spec: object, apiVersion = 'test/v1') =>
    JSON.stringify({ apiVersion, kind: 'Widget', metadata: { name: 'w', annotations: {} }, spec });
  const clientSide = (spec: object, annotation = lastApplied(spec)) =>
    new FieldHistory().updateObject('kubectl-client-side-apply', {
      metadata: { name: 'w', annotations: { [LAST_APPLIED]: annotation } },
      spec,
    });
  const annotation = ({ object }: FieldHistory) =>
    (object['metadata'] as { annotations?: Record<string, string> }).annotations?.[LAST_APPLIED];

  test('gives way to server-side apply by kubectl, in what it has applied', () => {
    const history = clientSide({ text: 'x', number: 1 });
    history.applyObject('kubectl', { metadata: { name: 'w' }, spec: { text: 'y' } });
    assert.deepEqual(history.spec, { text: 'y', number: 1 });
    assert.equal(
      annotation(history),
      '{"apiVersion":"test/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"text":"y"}}\n',
    );
  });

  test('does not give way to other managers', () => {
    const history = clientSide({ text: 'x' });
    assert.throws(
      () => history.apply('other', { text: 'y' }),
      /conflict with "kubectl-client-side-apply" using test\/v1: \.spec\.text$/,
    );
  });

  test('does not give way in what has been changed since', () => {
    const history = clientSide({ text: 'x', number: 1 });
    const { metadata } = history.object as { metadata: object };
    history.updateObject('u', { metadata, spec: { text: 'x', number: 2 } });
    assert.throws(() => history.apply('kubectl', { text: 'y', number: 3 }), {
      message: 'Apply failed with 1 conflict: conflict with "u" using test/v1: .spec.number',
    });
  });

  for (const [title, text] of [
    ['of another version', lastApplied({ text: 'x' }, 'test/v2')],
    ['that is not JSON', '{'],
    ['that is not of the type', lastApplied({ text: 'x', nonsense: 1 })],
  ] as const) {
    test(`is not known by an annotation ${title}`, () => {
      assert.throws(() => clientSide({ text: 'x' }, text).apply('kubectl', { text: 'y' }), { code: 409 });
    });
  }

  test('keeps no annotation that would be too long', () => {
    const history = clientSide({ text: 'x' });
    history.applyObject('kubectl', { metadata: { name: 'w' }, spec: { text: 'y'.repeat(257 * 1024) } });
    assert.equal(annotation(history), undefined);
  });
});
