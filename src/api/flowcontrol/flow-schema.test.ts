import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { FlowSchema } from './flow-schema.ts';
import { PriorityLevelConfiguration } from './priority-level-configuration.ts';

const priorityLevelConfiguration = { name: 'workload' };

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'FlowSchema',
    rowOf(FlowSchema, {
      spec: { priorityLevelConfiguration, distinguisherMethod: { type: 'ByUser' } },
      status: { conditions: [{ type: 'Dangling', status: 'False' }] },
    }),
    'x | workload | 1000 | ByUser | 60m | False',
  ],
  [
    'a FlowSchema of one flow',
    rowOf(FlowSchema, { spec: { priorityLevelConfiguration, matchingPrecedence: 5 } }),
    'x | workload | 5 | <none> | 60m | ?',
  ],
  [
    'a limited level',
    rowOf(PriorityLevelConfiguration, {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
    }),
    'x | Limited | 30 | 64 | 8 | 50 | 60m',
  ],
  [
    'a limited level without queues',
    rowOf(PriorityLevelConfiguration, { spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } }),
    'x | Limited | 30 | <none> | <none> | <none> | 60m',
  ],
  [
    'an exempt level',
    rowOf(PriorityLevelConfiguration, { spec: { type: 'Exempt' } }),
    'x | Exempt | <none> | <none> | <none> | <none> | 60m',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('priority levels get what minimal ones leave open', () => {
  const { spec } = readInput(PriorityLevelConfiguration, {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 2 } } } },
  });
  assert.deepEqual(spec.limited, {
    nominalConcurrencyShares: 30,
    lendablePercent: 0,
    limitResponse: { type: 'Queue', queuing: { queues: 2, handSize: 8, queueLengthLimit: 50 } },
  });
  const exempt = readInput(PriorityLevelConfiguration, { spec: { type: 'Exempt' } });
  assert.deepEqual(exempt.spec.exempt, { nominalConcurrencyShares: 0, lendablePercent: 0 });
});
