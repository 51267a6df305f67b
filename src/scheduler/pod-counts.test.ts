import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodInfo } from './pod-info.ts';
import { PodCounts, type SpreadConstraint } from './spread-constraint.ts';

const podInfo = (namespace: string, app: string, deletionTimestamp?: string) =>
  ({ pod: { metadata: { namespace, labels: { app }, deletionTimestamp } } }) as unknown as PodInfo;

test('PodCounts counts once for each list of pods and selection, and never for another list', () => {
  let asked = 0;
  const constraint = (app: string): SpreadConstraint => ({
    maxSkew: 1,
    topologyKey: 'zone',
    minDomains: 1,
    selection: `app=${app}`,
    isEverything: false,
    admits: () => true,
    matches(labels) {
      asked++;
      return labels?.['app'] === app;
    },
  });
  const counts = new PodCounts();
  const pods = [
    podInfo('a', 'web'),
    podInfo('a', 'web'),
    podInfo('b', 'web'),
    podInfo('a', 'db'),
    podInfo('a', 'web', 'now'),
  ];
  assert.equal(counts.count(pods, constraint('web'), 'a'), 2);
  const before = asked;
  assert.equal(counts.count(pods, constraint('web'), 'a'), 2);
  assert.equal(asked, before);
  assert.equal(counts.count(pods, constraint('web'), 'b'), 1);
  assert.equal(counts.count(pods, constraint('db'), 'a'), 1);
  assert.equal(counts.count([...pods, podInfo('a', 'web')], constraint('web'), 'a'), 3);
  assert.equal(counts.count(pods, { ...constraint('web'), isEverything: true }, 'a'), 0);
});
