import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wantedDiscovery } from './wanted-discovery.ts';

const as = (version: string, type = 'application/json') =>
  `${type};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

describe('wantedDiscovery', () => {
  const cases: readonly [accept: string | undefined, expected: string][] = [
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/yaml', 'yaml'],
    [as('v2'), 'json v2'],
    [as('v2beta1'), 'json v2beta1'],
    [as('v2', PROTOBUF), 'protobuf v2'],
    [`${as('v2')},${as('v2beta1')},application/json`, 'json v2'],
    [`application/json,${as('v2')}`, 'json'],
    [`application/json;q=0.5,${as('v2')};q=0.9`, 'json v2'],
    [`${as('v3')},${PROTOBUF}`, 'protobuf'],
    ['application/json;as=Table;g=meta.k8s.io;v=v1,application/json', 'json'],
  ];
  for (const [accept, expected] of cases) {
    test(`takes ${accept} for ${expected}`, () => {
      const { format, aggregated } = wantedDiscovery(accept, { aggregated: true });
      assert.equal([format, aggregated].join(' ').trim(), expected);
    });
  }

  test('aggregates only what can be, and has no other forms', () => {
    assert.equal(wantedDiscovery(`${as('v2')},application/json`, { aggregated: false }).aggregated, undefined);
    for (const [accept, aggregated] of [
      [as('v2'), false],
      [as('v1'), true],
      ['text/html', true],
    ] as const) {
      assert.throws(() => wantedDiscovery(accept, { aggregated }), { reason: 'NotAcceptable' });
    }
  });
});
