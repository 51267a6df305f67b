import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { MANDATORY_PRIORITY_LEVELS } from './mandatory-objects.ts';
import { PriorityLevelConfiguration } from './priority-level-configuration.ts';

type Input = Parameters<typeof allFaultsOf<typeof PriorityLevelConfiguration>>[1];
type Spec = NonNullable<Input['spec']>;
type Limited = NonNullable<Spec['limited']>;
type Queuing = NonNullable<NonNullable<Limited['limitResponse']>['queuing']>;

const faults = (spec: Spec, name = 'test') => allFaultsOf(PriorityLevelConfiguration, { metadata: { name }, spec });
const limited = (more: Limited): Spec => ({ type: 'Limited', limited: { limitResponse: { type: 'Reject' }, ...more } });
const queued = (queuing: Queuing) => limited({ limitResponse: { type: 'Queue', queuing } });
const RESPONSE = 'spec.limited.limitResponse';
const QUEUING = `${RESPONSE}.queuing`;

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['little', limited({}), []],
  ['all there is', limited({ nominalConcurrencyShares: 0, lendablePercent: 100, borrowingLimitPercent: 0 }), []],
  ['queues', queued({}), []],
  ['many queues', queued({ queues: 10_000_000, handSize: 2, queueLengthLimit: 1 }), []],
  [
    'an unknown type',
    { type: 'Free' },
    ['spec.type: Unsupported value: "Free": supported values: "Exempt", "Limited"'],
  ],
  [
    'another exempt level',
    { type: 'Exempt' },
    ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
  ],
  ['no limits', { type: 'Limited' }, ['spec.limited: Required value: must not be empty when type is Limited']],
  [
    'a limited level that is exempt',
    { ...limited({}), exempt: {} },
    ['spec.exempt: Forbidden: must be nil if the type is Limited'],
  ],
  [
    'shares below none',
    limited({ nominalConcurrencyShares: -1 }),
    ['spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer'],
  ],
  ...[-1, 101].map((lendablePercent): [string, Spec, string[]] => [
    `${lendablePercent} percent to lend`,
    limited({ lendablePercent }),
    [`spec.limited.lendablePercent: Invalid value: ${lendablePercent}: must be between 0 and 100, inclusive`],
  ]),
  [
    'less than nothing to borrow',
    limited({ borrowingLimitPercent: -1 }),
    ['spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer'],
  ],
  [
    'an unknown response',
    limited({ limitResponse: { type: 'Wait' } }),
    [`${RESPONSE}.type: Unsupported value: "Wait": supported values: "Queue", "Reject"`],
  ],
  [
    'queues for nobody',
    limited({ limitResponse: { type: 'Reject', queuing: {} } }),
    [`${QUEUING}: Forbidden: must be nil if limited.limitResponse.type is not Limited`],
  ],
  [
    'no queues',
    limited({ limitResponse: { type: 'Queue' } }),
    [`${QUEUING}: Required value: must not be empty if limited.limitResponse.type is Limited`],
  ],
  [
    'queues below none',
    queued({ queues: -1, handSize: -1, queueLengthLimit: -1 }),
    [
      `${QUEUING}.queueLengthLimit: Invalid value: -1: must be positive`,
      `${QUEUING}.queues: Invalid value: -1: must be positive`,
      `${QUEUING}.handSize: Invalid value: -1: must be positive`,
    ],
  ],
  [
    'too many queues',
    queued({ queues: 10_000_001, handSize: 1 }),
    [`${QUEUING}.queues: Invalid value: 10000001: must not be greater than 10000000`],
  ],
  [
    'a hand of more than there are',
    queued({ queues: 2, handSize: 3 }),
    [`${QUEUING}.handSize: Invalid value: 3: should not be greater than queues (2)`],
  ],
  [
    'a hand that takes too much to deal',
    queued({ queues: 64, handSize: 11 }),
    [
      `${QUEUING}.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60`,
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`PriorityLevelConfiguration.validate of ${title}`, () => assert.deepEqual(faults(spec), expected));
}

const exempt: readonly [title: string, spec: Spec, expected: readonly RegExp[]][] = [
  ['nothing', { type: 'Exempt' }, []],
  ['shares of its own', { type: 'Exempt', exempt: { nominalConcurrencyShares: 7, lendablePercent: 100 } }, []],
  [
    'shares below none',
    { type: 'Exempt', exempt: { nominalConcurrencyShares: -1, lendablePercent: 101 } },
    [
      /^spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer$/,
      /^spec.exempt.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive$/,
    ],
  ],
  [
    'limits',
    { ...limited({}), type: 'Exempt' },
    [
      /^spec.limited: Forbidden: must be nil if the type is not Limited$/,
      /^spec: Invalid value: \{.*\}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value$/,
    ],
  ],
  [
    'limits alone',
    limited({}),
    [
      /^spec.type: Invalid value: "Limited": type must be 'Exempt' if and only if name is 'exempt'$/,
      /^spec: Invalid value: \{.*\}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value$/,
    ],
  ],
];

for (const [title, spec, expected] of exempt) {
  test(`PriorityLevelConfiguration.validate of the exempt level with ${title}`, () => {
    const found = faults(spec, 'exempt');
    assert.equal(found.length, expected.length, found.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
  });
}

test('PriorityLevelConfiguration.validate: catch-all stays as it is', () => {
  assert.deepEqual(faults(MANDATORY_PRIORITY_LEVELS.get('catch-all')!, 'catch-all'), []);
  const [fault] = faults(limited({ nominalConcurrencyShares: 6 }), 'catch-all');
  assert.match(fault ?? '', /^spec: Invalid value: \{.*\}: spec of 'catch-all' must equal the fixed value$/);
});

test('PriorityLevelConfiguration.validateStatusUpdate: one condition of each type', () => {
  const status = (...types: string[]): Input => ({
    spec: limited({}),
    status: { conditions: types.map((type) => ({ type })) },
  });
  assert.deepEqual(statusFaultsOf(PriorityLevelConfiguration, status('A', 'B'), status()), []);
  assert.deepEqual(statusFaultsOf(PriorityLevelConfiguration, status('A', '', 'A'), status()), [
    'status.conditions[1].type: Required value: must not be empty',
    'status.conditions[2].type: Duplicate value: "A"',
  ]);
});
