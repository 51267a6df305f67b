import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decideBatch, eventsOf, resultOf, type Standing, type Write } from './batch.ts';

const VALUE = Uint8Array.of(1);

describe('decideBatch', () => {
  const cases: readonly {
    name: string;
    writes: readonly Write[];
    revisions: readonly (number | undefined)[];
    missing: string[];
  }[] = [
    {
      name: 'takes revisions in order and skips none for what is refused',
      writes: [put('/new', 0), put('/other', 9), put('/there', 5), remove('/other', 0), put('/last', 0)],
      revisions: [11, undefined, 12, undefined, 13],
      missing: [],
    },
    {
      name: 'decides each write against the ones before it',
      writes: [put('/a', 0), put('/a', 0), put('/a', 11), remove('/a', 12), remove('/a', 12), put('/a', 0)],
      revisions: [11, undefined, 12, 13, undefined, 14],
      missing: [],
    },
    {
      name: 'wants a value that is not in memory once, for a write as for a refusal',
      writes: [put('/filed', 1), put('/filed', 3), remove('/filed', 11), put('/there', 1)],
      revisions: [undefined, 11, 12, undefined],
      missing: ['/filed'],
    },
  ];
  for (const { name, writes, revisions, missing } of cases) {
    test(name, () => {
      const batch = decideBatch(writes, 10, standing);
      assert.deepEqual(
        batch.decisions.map(({ revision }) => revision),
        revisions,
      );
      assert.deepEqual(
        batch.missing.map(({ key }) => key),
        missing,
      );
    });
  }

  test('its events and results say what was there before, across the batch', () => {
    const { decisions, missing } = decideBatch(
      [put('/filed', 3), put('/filed', 3), remove('/filed', 11)],
      10,
      standing,
    );
    const filed = { key: '/filed', revision: 3, value: VALUE };
    missing[0]!.item = filed;
    const first = { key: '/filed', revision: 11, value: VALUE };
    assert.deepEqual(eventsOf(decisions), [
      { type: 'put', item: first, previous: filed },
      { type: 'delete', key: '/filed', revision: 12, previous: first },
    ]);
    assert.deepEqual(decisions.map(resultOf), [
      { ok: true, revision: 11 },
      { ok: false, current: first },
      { ok: true, revision: 12 },
    ]);
  });
});

/** `/there` with its value in memory, `/filed` without. */
function standing(key: string): Standing | undefined {
  if (key === '/there') return { key, revision: 5, created: 5, item: { key, revision: 5, value: VALUE } };
  if (key === '/filed') return { key, revision: 3, created: 2, item: undefined };
  return undefined;
}

function put(key: string, expected: number): Write {
  return { key, value: VALUE, expected };
}

function remove(key: string, expected: number): Write {
  return { key, value: undefined, expected };
}
