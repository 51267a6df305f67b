import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControllerRevision } from '../../api/apps/controller-revision.ts';
import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import { formatTime } from '../../api/time.ts';
import { planHistory, revisionName, surplusRevisions, templateOf, templatePatch } from './plan-history.ts';

const template = (image: string) =>
  ({ metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image }] } }) as unknown as PodTemplateSpec;

/** Revision number 3 of image v1 made at second 10: `3 v1 10`; it is named after all of it. */
function revision(text: string): ControllerRevision {
  const [number, image = '', second = 0] = text.split(' ');
  const metadata = { name: text, creationTimestamp: formatTime(Date.UTC(2026, 0, 1) + Number(second) * 1000) };
  return { metadata, revision: Number(number), data: templatePatch(template(image)) } as unknown as ControllerRevision;
}

const names = (revisions: readonly (ControllerRevision | undefined)[]) => revisions.map((one) => one?.metadata.name);

test('planHistory finds the current revision and its number', () => {
  type Expected = readonly [current: string | undefined, number: number, duplicates: string[], old: string[]];
  const cases: readonly (readonly [what: string, revisions: string[], image: string, expected: Expected])[] = [
    ['the first', [], 'v1', [undefined, 1, [], []]],
    ['settled', ['1 v1', '2 v2'], 'v2', ['2 v2', 2, [], ['1 v1']]],
    ['a new template', ['2 v2', '1 v1'], 'v3', [undefined, 3, [], ['1 v1', '2 v2']]],
    ['a rollback', ['1 v1', '2 v2', '3 v3'], 'v1', ['1 v1', 4, [], ['2 v2', '3 v3']]],
    ['the only one keeps its number', ['7 v1'], 'v1', ['7 v1', 7, [], []]],
    ['somebody made another of the same', ['1 v1', '2 v1', '1 v2'], 'v1', ['2 v1', 2, ['1 v1'], ['1 v2']]],
    ['a number that two have', ['2 v1 9', '2 v2 1'], 'v1', ['2 v1 9', 3, [], ['2 v2 1']]],
    ['of one number the younger', ['2 v1 9', '2 v1 1'], 'v1', ['2 v1 9', 2, ['2 v1 1'], []]],
  ];
  for (const [what, revisions, image, [current, number, duplicates, old]] of cases) {
    const plan = planHistory(revisions.map(revision), templatePatch(template(image)));
    assert.deepEqual(
      [plan.current?.metadata.name, plan.number, names(plan.duplicates), names(plan.old)],
      [current, number, duplicates, old],
      what,
    );
  }
});

test('a revision puts its template back, and says so as a patch', () => {
  const patch = templatePatch(template('v1'));
  assert.equal(
    JSON.stringify(patch),
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","image":"v1"}]}}}}',
  );
  assert.deepEqual(templateOf(revision('1 v1')), template('v1'));
  const foreign = { metadata: { name: 'x' }, revision: 1, data: { spec: {} } } as unknown as ControllerRevision;
  assert.throws(() => templateOf(foreign), { reason: 'Invalid' });
});

test('revisionName leaves room for the hash', () => {
  assert.equal(revisionName('db', 'abc'), 'db-abc');
  assert.equal(revisionName('x'.repeat(250), 'abc'), `${'x'.repeat(223)}-abc`);
});

test('surplusRevisions are the oldest that nothing is made of', () => {
  const revisions = ['3 c', '1 a', '2 b', '4 d'].map(revision);
  const cases: readonly (readonly [limit: number, live: string[], surplus: string[]])[] = [
    [4, [], []],
    [2, [], ['1 a', '2 b']],
    [2, ['1 a'], ['2 b', '3 c']],
    [0, ['1 a', '2 b', '3 c'], ['4 d']],
    [-1, [], []],
  ];
  for (const [limit, live, surplus] of cases) {
    const isLive = ({ metadata }: ControllerRevision) => live.includes(metadata.name);
    assert.deepEqual(names(surplusRevisions(revisions, limit, isLive)), surplus, `${limit}`);
  }
});
