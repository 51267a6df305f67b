import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Cycle } from '../../test/support/scheduling-cycle.ts';
import { DEFAULT_PLUGINS, pluginsAt, type SchedulerProfile } from './configuration.ts';
import type { Plugin } from './framework.ts';

const scorers = ['TaintToleration', 'NodeAffinity', 'NodeResourcesFit'];
const plugins = new Map<string, Plugin>(
  [...DEFAULT_PLUGINS.map(({ name }) => name), 'Mine', 'Other'].map((name) => [
    name,
    { name, ...(scorers.includes(name) || name === 'Mine' || name === 'Other' ? { score: () => 0 } : {}) },
  ]),
);

const cases: readonly [string, SchedulerProfile, readonly string[]][] = [
  ['the defaults that have the point', {}, ['TaintToleration:3', 'NodeAffinity:2', 'NodeResourcesFit:1']],
  [
    'one less',
    { plugins: { score: { disabled: [{ name: 'NodeAffinity' }] } } },
    ['TaintToleration:3', 'NodeResourcesFit:1'],
  ],
  [
    'nothing but',
    { plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'Mine', weight: 7 }] } } },
    ['Mine:7'],
  ],
  [
    're-weighed ones come first, others of this point last',
    { plugins: { score: { enabled: [{ name: 'Mine' }, { name: 'NodeResourcesFit', weight: 9 }] } } },
    ['NodeResourcesFit:9', 'TaintToleration:3', 'NodeAffinity:2', 'Mine:'],
  ],
  [
    'for all points at once',
    {
      plugins: {
        multiPoint: {
          disabled: [{ name: 'TaintToleration' }],
          enabled: [
            { name: 'NodeAffinity', weight: 5 },
            { name: 'Mine', weight: 4 },
          ],
        },
      },
    },
    ['NodeAffinity:5', 'NodeResourcesFit:1', 'Mine:4'],
  ],
];

describe('pluginsAt', () => {
  for (const [name, profile, expected] of cases) {
    test(name, () => {
      const found = pluginsAt('score', profile, plugins).map((plugin) => `${plugin.name}:${plugin.weight ?? ''}`);
      assert.deepEqual(found, expected);
    });
  }
});

describe('Profile', () => {
  const wrong: readonly [string, SchedulerProfile, RegExp][] = [
    ['an unknown plugin', { plugins: { filter: { enabled: [{ name: 'Nobody' }] } } }, /no scheduler plugin "Nobody"/],
    [
      'a point that the plugin lacks',
      { plugins: { filter: { enabled: [{ name: 'ImageLocality' }] } } },
      /no extension point filter/,
    ],
    ['no order of the queue', { plugins: { queueSort: { disabled: [{ name: '*' }] } } }, /exactly one queueSort/],
    ['nobody to bind', { plugins: { bind: { disabled: [{ name: '*' }] } } }, /at least one bind/],
  ];
  for (const [name, profile, message] of wrong) {
    test(`refuses ${name}`, () => assert.throws(() => new Cycle({ profile }), message));
  }
});
