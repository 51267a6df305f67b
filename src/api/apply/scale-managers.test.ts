import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ManagedFieldsEntry } from '../meta/object-meta.ts';
import type { JsonObject } from '../schema.ts';
import { managersAfterScale, scaleManagers } from './scale-managers.ts';

const PATHS = new Map([['apps/v1', ['spec', 'replicas']]]);
const REPLICAS = { 'f:spec': { 'f:replicas': {} } };
const SELECTOR = { 'f:spec': { 'f:selector': {} } };
const BOTH = { 'f:spec': { 'f:replicas': {}, 'f:selector': {} } };

/** `name Operation subresource`, with what it owns in which version. */
const entry = (who: string, fieldsV1: object, apiVersion = 'apps/v1', time?: string): ManagedFieldsEntry => {
  const [manager = '', operation = '', subresource] = who.split(' ');
  const named = { manager, operation, apiVersion, ...(time ? { time } : {}), fieldsType: 'FieldsV1' };
  return { ...named, fieldsV1: fieldsV1 as JsonObject, ...(subresource ? { subresource } : {}) };
};

test('scaleManagers are those of the replicas, in the version of scales', () => {
  const time = '2026-01-01T00:00:00Z';
  const managers = [
    entry('a Apply', SELECTOR),
    entry('b Apply', BOTH, 'apps/v1', time),
    entry('c Apply scale', REPLICAS),
    entry('old Update', REPLICAS, 'apps/v10'),
  ];
  assert.deepEqual(scaleManagers(managers, PATHS), [
    entry('c Apply scale', REPLICAS, 'autoscaling/v1'),
    entry('b Apply', REPLICAS, 'autoscaling/v1', time),
  ]);
  assert.equal(scaleManagers([entry('a Apply', SELECTOR)], PATHS), undefined);
});

describe('managersAfterScale', () => {
  const scaling = (who: string) => entry(who, REPLICAS, 'autoscaling/v1');
  const cases: readonly [
    title: string,
    before: ManagedFieldsEntry[],
    scale: ManagedFieldsEntry[],
    after: ManagedFieldsEntry[],
  ][] = [
    [
      'an update takes the replicas of an applier',
      [entry('a Apply', BOTH)],
      [scaling('s Update scale')],
      [entry('a Apply', SELECTOR), entry('s Update scale', REPLICAS)],
    ],
    [
      'an apply takes those of an updater',
      [entry('a Update', BOTH)],
      [scaling('s Apply scale')],
      [entry('s Apply scale', REPLICAS), entry('a Update', SELECTOR)],
    ],
    [
      'the same manager has two entries, one for each way',
      [entry('a Update', BOTH)],
      [scaling('a Update scale')],
      [entry('a Update', SELECTOR), entry('a Update scale', REPLICAS)],
    ],
    [
      'who has kept the replicas is left alone',
      [entry('a Update', BOTH)],
      [scaling('a Update')],
      [entry('a Update', BOTH)],
    ],
    [
      'several may share them',
      [entry('a Apply', BOTH)],
      [scaling('a Apply'), scaling('s Apply scale')],
      [entry('a Apply', BOTH), entry('s Apply scale', REPLICAS)],
    ],
    [
      'who had nothing else goes',
      [entry('a Update scale', REPLICAS)],
      [scaling('s Update scale')],
      [entry('s Update scale', REPLICAS)],
    ],
    [
      'who has nothing to do with replicas is left alone',
      [entry('a Apply', SELECTOR)],
      [scaling('s Update scale')],
      [entry('a Apply', SELECTOR), entry('s Update scale', REPLICAS)],
    ],
    ['versions that are gone are forgotten', [entry('a Apply', BOTH, 'apps/v10')], [], []],
  ];
  for (const [title, before, scale, after] of cases) {
    test(title, () => {
      const target = { apiVersion: 'apps/v1', paths: PATHS };
      assert.deepEqual(managersAfterScale(before, scale, target) ?? [], after);
    });
  }
});
