import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregatedRules } from './aggregated-rules.ts';
import type { ClusterRole } from './cluster-role.ts';

const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const role = (name: string, labels: Record<string, string>, ...resources: readonly string[]) =>
  ({ metadata: { name, labels }, rules: resources.map(rule) }) as unknown as ClusterRole;
const aggregate = (...labels: readonly Record<string, string>[]) =>
  ({
    ...role('all', { to: 'a' }, 'its-own'),
    aggregationRule: { clusterRoleSelectors: labels.map((matchLabels) => ({ matchLabels })) },
  }) as unknown as ClusterRole;

const ROLES = [
  role('z', { to: 'a' }, 'pods', 'secrets'),
  role('b', { to: 'a' }, 'secrets', 'nodes'),
  role('a', { to: 'b' }, 'events'),
  role('c', {}, 'leases'),
];
const cases: readonly (readonly [string, ClusterRole, readonly string[]])[] = [
  ['by the names of roles, each rule once', aggregate({ to: 'a' }), ['secrets', 'nodes', 'pods']],
  ['selector by selector', aggregate({ to: 'a' }, { to: 'b' }), ['secrets', 'nodes', 'pods', 'events']],
  ['the other way round', aggregate({ to: 'b' }, { to: 'a' }), ['events', 'secrets', 'nodes', 'pods']],
  ['nothing matches', aggregate({ to: 'c' }), []],
];
for (const [what, one, wanted] of cases) {
  test(`aggregatedRules: ${what}`, () => assert.deepEqual(aggregatedRules(one, [one, ...ROLES]), wanted.map(rule)));
}
