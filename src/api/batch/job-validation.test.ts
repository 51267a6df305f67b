import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { readInput } from '../read-input.ts';
import { Job } from './job.ts';
import { selectOwnPods } from './job-defaults.ts';

type Input = Parameters<typeof faultsOf<typeof Job>>[1];
type Spec = NonNullable<Input['spec']>;
type Template = NonNullable<Spec['template']>;
type PodSpec = NonNullable<Template['spec']>;

const MIN_0 = 'must be greater than or equal to 0';
const INDEXED = 'requires indexed completion mode';
const MISMATCH = '`selector` does not match template `labels`';
const NAME_FAULT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_FAULT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const PATH_FAULT = `Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`;

const metadata = { name: 'sum', uid: 'u1' };
const labels = {
  'batch.kubernetes.io/controller-uid': 'u1',
  'batch.kubernetes.io/job-name': 'sum',
  'controller-uid': 'u1',
  'job-name': 'sum',
};
const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } };
const containers = [{ name: 'main', image: 'nginx' }];
const podSpec = { containers, restartPolicy: 'Never' } as const;
const template = { metadata: { labels }, spec: podSpec };
const templateOf = (more: Partial<PodSpec>): Template => ({ ...template, spec: { ...podSpec, ...more } });
/** A job as it is once the server has given it a selector of its own. */
const jobOf = (spec: Partial<Spec>): Input => ({ metadata, spec: { selector, template, ...spec } });
const indexed = (spec: Partial<Spec>): Partial<Spec> => ({ completionMode: 'Indexed', completions: 5, ...spec });

const failing = (rule: object): Partial<Spec> => ({
  podFailurePolicy: { rules: [{ action: 'Ignore', ...rule }] } as never,
});
const codes = (values: readonly number[], more: object = {}) =>
  failing({ onExitCodes: { operator: 'In', values, ...more } });
const RULE = 'spec.podFailurePolicy.rules[0]';
const condition = { type: 'DisruptionTarget', status: 'True' };
const many = <T>(count: number, one: T) => Array.from({ length: count }, () => one);

const succeeding = (rule: object): Partial<Spec> => indexed({ successPolicy: { rules: [rule] } });
const SUCCESS = 'spec.successPolicy.rules[0]';

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['pods', {}, []],
  ['pods that are tried again where they are', { template: templateOf({ restartPolicy: 'OnFailure' }) }, []],
  [
    'no pods',
    { completions: 0, parallelism: 0, backoffLimit: 0, ttlSecondsAfterFinished: 0, activeDeadlineSeconds: 0 },
    [],
  ],
  [
    'negative counts',
    indexed({
      parallelism: -1,
      completions: -2,
      activeDeadlineSeconds: -3,
      backoffLimit: -4,
      ttlSecondsAfterFinished: -5,
      backoffLimitPerIndex: -6,
      maxFailedIndexes: -7,
    }),
    [
      `spec.parallelism: Invalid value: -1: ${MIN_0}`,
      `spec.completions: Invalid value: -2: ${MIN_0}`,
      `spec.activeDeadlineSeconds: Invalid value: -3: ${MIN_0}`,
      `spec.backoffLimit: Invalid value: -4: ${MIN_0}`,
      `spec.ttlSecondsAfterFinished: Invalid value: -5: ${MIN_0}`,
      `spec.backoffLimitPerIndex: Invalid value: -6: ${MIN_0}`,
      `spec.maxFailedIndexes: Invalid value: -7: ${MIN_0}`,
    ],
  ],
  ['another controller', { managedBy: 'example.com/queue' }, []],
  ['a controller of no name', { managedBy: '' }, ['spec.managedBy: Required value']],
  [
    'a controller of no domain',
    { managedBy: 'queue' },
    ['spec.managedBy: Invalid value: "queue": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'a controller of no good domain',
    { managedBy: 'Example/a b' },
    [`spec.managedBy: Invalid value: "Example": ${NAME_FAULT}`, `spec.managedBy: Invalid value: "a b": ${PATH_FAULT}`],
  ],
  [
    'a controller of a long name',
    { managedBy: `example.com/${'a'.repeat(52)}` },
    ['spec.managedBy: Too long: may not be more than 63 bytes'],
  ],
  ['indexes', indexed({ parallelism: 100_000, backoffLimitPerIndex: 1, maxFailedIndexes: 5 }), []],
  [
    'another mode',
    { completionMode: 'Random' as 'Indexed' },
    ['spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"'],
  ],
  [
    'indexes without an end',
    { completionMode: 'Indexed', parallelism: 2 },
    ['spec.completions: Required value: when completion mode is Indexed'],
  ],
  [
    'too many at a time',
    indexed({ parallelism: 100_001 }),
    ['spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed'],
  ],
  [
    'more failures than indexes',
    indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
    ['spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions'],
  ],
  [
    'failures without a limit for each',
    indexed({ maxFailedIndexes: 1 }),
    ['spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
  ],
  [
    'many indexes',
    indexed({ completions: 100_001, backoffLimitPerIndex: 1, maxFailedIndexes: 10_000, parallelism: 10_000 }),
    [],
  ],
  [
    'many indexes of which all may fail',
    indexed({ completions: 100_001, backoffLimitPerIndex: 1, parallelism: 10_001 }),
    [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'many indexes of which too many may fail',
    indexed({ completions: 200_000, backoffLimitPerIndex: 1, maxFailedIndexes: 100_001 }),
    [
      'spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 100000',
      'spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'failures of indexes that are not there',
    { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
    [`spec.backoffLimitPerIndex: Invalid value: 1: ${INDEXED}`, `spec.maxFailedIndexes: Invalid value: 1: ${INDEXED}`],
  ],
  ['failures that do not count', failing({ onPodConditions: [condition] }), []],
  ['failures by exit codes', codes([1, 2, 42], { containerName: 'main' }), []],
  ['failures by any code but zero', codes([0], { operator: 'NotIn' }), []],
  [
    'failures that fail an index',
    indexed({ backoffLimitPerIndex: 1, ...failing({ action: 'FailIndex', onPodConditions: [condition] }) }),
    [],
  ],
  [
    'failures that fail no index',
    failing({ action: 'FailIndex', onPodConditions: [condition] }),
    [`${RULE}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
  ],
  [
    'failures that do nothing',
    failing({ action: '', onPodConditions: [condition] }),
    [`${RULE}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`],
  ],
  [
    'failures that do something else',
    failing({ action: 'Cry', onPodConditions: [condition] }),
    [`${RULE}.action: Unsupported value: "Cry": supported values: "Count", "FailIndex", "FailJob", "Ignore"`],
  ],
  [
    'failures of no kind',
    failing({}),
    [`${RULE}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
  ],
  [
    'failures of two kinds',
    failing({ onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [condition] }),
    [`${RULE}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
  ],
  ['failures by no code', codes([]), [`${RULE}.onExitCodes.values: Invalid value: []: at least one value is required`]],
  [
    'failures by zero',
    codes([0, 1]),
    [`${RULE}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`],
  ],
  [
    'failures by codes in disorder',
    codes([2, 1]),
    [`${RULE}.onExitCodes.values: Invalid value: [2,1]: must be ordered`],
  ],
  ['failures by one code twice', codes([1, 1]), [`${RULE}.onExitCodes.values[1]: Duplicate value: 1`]],
  [
    'failures by 256 codes',
    codes(Array.from({ length: 256 }, (_, code) => code + 1)),
    [`${RULE}.onExitCodes.values: Too many: 256: must have at most 255 items`],
  ],
  [
    'failures by codes in no way',
    codes([1], { operator: '' }),
    [`${RULE}.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]`],
  ],
  [
    'failures by codes in another way',
    codes([1], { operator: 'Near' }),
    [`${RULE}.onExitCodes.operator: Unsupported value: "Near": supported values: "In", "NotIn"`],
  ],
  [
    'failures of a container that is not there',
    codes([1], { containerName: 'other' }),
    [
      `${RULE}.onExitCodes.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template`,
    ],
  ],
  [
    'failures of no good condition',
    failing({ onPodConditions: [{ type: 'a b', status: 'Maybe' }] }),
    [
      `${RULE}.onPodConditions[0].type: Invalid value: "a b": ${LABEL_FAULT}`,
      `${RULE}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
    ],
  ],
  [
    'failures of 21 conditions',
    failing({ onPodConditions: many(21, condition) }),
    [`${RULE}.onPodConditions: Too many: 21: must have at most 20 items`],
  ],
  [
    '21 rules of failure',
    { podFailurePolicy: { rules: many(21, { action: 'Ignore', onPodConditions: [condition] }) } as never },
    ['spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items'],
  ],
  [
    'failures of pods that are tried again where they are',
    { ...codes([1]), template: templateOf({ restartPolicy: 'OnFailure' }) },
    [
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ],
  ],
  [
    'failures that are replaced at once',
    { ...codes([1]), podReplacementPolicy: 'TerminatingOrFailed' },
    ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
  ],
  [
    'another time of replacement',
    { podReplacementPolicy: 'Never' as 'Failed' },
    ['spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"'],
  ],
  ['success of some', succeeding({ succeededIndexes: '0-2,4', succeededCount: 4 }), []],
  [
    'success of jobs without indexes',
    { successPolicy: { rules: [{ succeededCount: 1 }] } },
    [`spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: ${INDEXED}`],
  ],
  [
    'success by no rule',
    indexed({ successPolicy: { rules: [] } }),
    [
      'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
    ],
  ],
  [
    'success by 21 rules',
    indexed({ successPolicy: { rules: many(21, { succeededCount: 1 }) } }),
    ['spec.successPolicy.rules: Too many: 21: must have at most 20 items'],
  ],
  [
    'success of nothing',
    succeeding({}),
    [`${SUCCESS}: Required value: at least one of succeededCount or succeededIndexes must be specified`],
  ],
  [
    'success of more than there are',
    succeeding({ succeededCount: 6 }),
    [
      `${SUCCESS}.succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)`,
    ],
  ],
  [
    'success of more than are chosen',
    succeeding({ succeededIndexes: '0-1', succeededCount: 3 }),
    [
      `${SUCCESS}.succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)`,
    ],
  ],
  [
    'success of fewer than none',
    succeeding({ succeededCount: -1 }),
    [`${SUCCESS}.succeededCount: Invalid value: -1: ${MIN_0}`],
  ],
  [
    'success of indexes that are none',
    succeeding({ succeededIndexes: '1,x' }),
    [
      `${SUCCESS}.succeededIndexes: Invalid value: "1,x": error parsing succeededIndexes: cannot convert string to integer for index: "x"`,
    ],
  ],
  [
    'success of a long list',
    succeeding({ succeededIndexes: '0,'.repeat(32_769) }),
    [
      `${SUCCESS}.succeededIndexes: Too long: may not be more than 65536 bytes`,
      `${SUCCESS}.succeededIndexes: Invalid value: "${'0,'.repeat(32_769)}": error parsing succeededIndexes: non-increasing order, previous: 0, current: 0`,
    ],
  ],
  [
    'pods that do not end',
    { template: templateOf({ restartPolicy: 'Always' }) },
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'pods that end somehow',
    { template: templateOf({ restartPolicy: 'Sometimes' as 'Never' }) },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "OnFailure", "Never"',
    ],
  ],
  ['pods of nothing', { template: templateOf({ containers: [] }) }, ['spec.template.spec.containers: Required value']],
  [
    'pods of its own choice',
    {
      manualSelector: true,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: podSpec },
    },
    [],
  ],
  [
    'no choice of pods',
    { manualSelector: true, selector: undefined as never },
    [
      'spec.selector: Required value',
      `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: ${MISMATCH}`,
    ],
  ],
  [
    'other pods than it makes',
    { manualSelector: true, selector: { matchLabels: { a: 'b' } } },
    [`spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: ${MISMATCH}`],
  ],
  [
    'pods of another job',
    {
      template: {
        ...template,
        metadata: { labels: { ...labels, 'controller-uid': 'u2', 'batch.kubernetes.io/job-name': 'other' } },
      },
    },
    [
      `spec.template.metadata.labels[controller-uid]: Invalid value: ${JSON.stringify({ ...labels, 'controller-uid': 'u2', 'batch.kubernetes.io/job-name': 'other' })}: must be 'u1'`,
      `spec.template.metadata.labels[batch.kubernetes.io/job-name]: Invalid value: ${JSON.stringify({ ...labels, 'controller-uid': 'u2', 'batch.kubernetes.io/job-name': 'other' })}: must be 'sum'`,
    ],
  ],
  [
    'a selector of pods by more than the server sets',
    {
      selector: { matchLabels: { ...selector.matchLabels, a: 'b' } },
      template: { ...template, metadata: { labels: { ...labels, a: 'b' } } },
    },
    [
      'spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":"u1"}}: `selector` not auto-generated',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Job.validate of ${title}`, () => assert.deepEqual(faultsOf(Job, jobOf(spec)), expected));
}

test('Job.validate of a name that leaves no room for indexes', () => {
  const manual = { manualSelector: true, selector: { matchLabels: labels }, template };
  const named = (length: number): Input => ({
    metadata: { ...metadata, name: 'a'.repeat(length) },
    spec: { ...manual, ...indexed({ completions: 100 }) },
  });
  assert.deepEqual(faultsOf(Job, named(60)), []);
  const name = 'a'.repeat(61);
  assert.deepEqual(faultsOf(Job, named(61)), [
    `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-99`,
  ]);
});

const IMMUTABLE = 'field is immutable';
const suspended = { suspend: true };
const otherPlace: Template = {
  metadata: { labels: { ...labels, a: 'b' }, annotations: { c: 'd' } },
  spec: {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '2' } } }],
    nodeSelector: { zone: 'a' },
    tolerations: [{ key: 'k', operator: 'Exists' }],
    schedulingGates: [{ name: 'example.com/gate' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }],
        },
      },
    },
  },
};
const podAffinity = {
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } },
    ],
  },
};
/** The whole template stands in the message, which is left out here. */
const TEMPLATE = `spec.template: ${IMMUTABLE}`;
const withoutTemplate = (fault: string) => fault.replace(/^spec\.template: Invalid value: \{.*\}: /, 'spec.template: ');

const steps: readonly [title: string, next: Input, previous: Input, expected: readonly string[]][] = [
  ['nothing', jobOf({}), jobOf({}), []],
  [
    'how it goes on',
    jobOf({
      completions: 1,
      parallelism: 3,
      suspend: true,
      backoffLimit: 1,
      activeDeadlineSeconds: 9,
      ttlSecondsAfterFinished: 1,
      podReplacementPolicy: 'Failed',
    }),
    jobOf({ completions: 1 }),
    [],
  ],
  [
    'how many pods end',
    jobOf({ completions: 2 }),
    jobOf({ completions: 1 }),
    [`spec.completions: Invalid value: 2: ${IMMUTABLE}`],
  ],
  [
    'how long and wide indexes are',
    jobOf(indexed({ completions: 3, parallelism: 3 })),
    jobOf(indexed({ completions: 5, parallelism: 5 })),
    [],
  ],
  [
    'how long indexes are',
    jobOf(indexed({ completions: 3, parallelism: 5 })),
    jobOf(indexed({ completions: 5, parallelism: 5 })),
    ['spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism'],
  ],
  [
    'the selector',
    jobOf({ selector: { matchLabels: { 'job-name': 'sum' } } }),
    jobOf({}),
    [`spec.selector: Invalid value: {"matchLabels":{"job-name":"sum"}}: ${IMMUTABLE}`],
  ],
  [
    'the mode',
    jobOf(indexed({})),
    jobOf({ completions: 5 }),
    [`spec.completionMode: Invalid value: "Indexed": ${IMMUTABLE}`],
  ],
  [
    'what fails it',
    jobOf({ ...codes([1]), podReplacementPolicy: 'Failed' }),
    jobOf({}),
    [
      `spec.podFailurePolicy: Invalid value: {"rules":[{"action":"Ignore","onExitCodes":{"operator":"In","values":[1]}}]}: ${IMMUTABLE}`,
    ],
  ],
  [
    'how often an index fails',
    jobOf(indexed({ backoffLimitPerIndex: 2 })),
    jobOf(indexed({ backoffLimitPerIndex: 1 })),
    [`spec.backoffLimitPerIndex: Invalid value: 2: ${IMMUTABLE}`],
  ],
  [
    'its controller',
    jobOf({ managedBy: 'example.com/queue' }),
    jobOf({}),
    [`spec.managedBy: Invalid value: "example.com/queue": ${IMMUTABLE}`],
  ],
  [
    'what makes it succeed',
    jobOf(succeeding({ succeededCount: 1 })),
    jobOf(indexed({})),
    [`spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: ${IMMUTABLE}`],
  ],
  ['the template', jobOf({ template: templateOf({ hostNetwork: true }) }), jobOf({}), [TEMPLATE]],
  ['where its pods run', jobOf({ template: otherPlace }), jobOf({}), [TEMPLATE]],
  ['where the pods of a suspended job run', jobOf({ ...suspended, template: otherPlace }), jobOf(suspended), []],
  ['where they run, and back', jobOf(suspended), jobOf({ ...suspended, template: otherPlace }), []],
  ['where they run, with the start', jobOf({ template: otherPlace }), jobOf(suspended), []],
  [
    'which pods those of a suspended job are near to',
    jobOf({ ...suspended, template: templateOf({ affinity: podAffinity }) }),
    jobOf(suspended),
    [TEMPLATE],
  ],
  [
    'which pods those of a suspended job were near to',
    jobOf(suspended),
    jobOf({ ...suspended, template: templateOf({ affinity: podAffinity }) }),
    [TEMPLATE],
  ],
  [
    'what the pods of a suspended job run',
    jobOf({ ...suspended, template: templateOf({ containers: [{ name: 'main', image: 'other' }] }) }),
    jobOf(suspended),
    [TEMPLATE],
  ],
  [
    'where the pods of a job run that was stopped',
    jobOf({ ...suspended, template: otherPlace }),
    {
      ...jobOf(suspended),
      status: { startTime: '2026-01-01T00:00:00Z', conditions: [{ type: 'Suspended', status: 'True' }] },
    },
    [],
  ],
  [
    'where the pods of a job run that is being stopped',
    jobOf({ ...suspended, template: otherPlace }),
    { ...jobOf(suspended), status: { startTime: '2026-01-01T00:00:00Z' } },
    [TEMPLATE],
  ],
  [
    'where pods run that are there yet',
    jobOf({ ...suspended, template: otherPlace }),
    { ...jobOf(suspended), status: { active: 1 } },
    [TEMPLATE],
  ],
];

for (const [title, next, previous, expected] of steps) {
  test(`Job.validateUpdate of ${title}`, () =>
    assert.deepEqual(updateFaultsOf(Job, next, previous).map(withoutTemplate), expected));
}

test('Job without a name is left to the rules of all kinds', () => {
  const nameless = { metadata: { uid: 'u1' }, spec: { template: { spec: podSpec } } };
  const job = readInput(Job, nameless);
  selectOwnPods(job);
  assert.equal(job.spec.template.metadata.labels?.['job-name'], '');
});

test('Job.validateUpdate asks jobs of old for the labels of old', () => {
  const old = { 'controller-uid': 'u1', 'job-name': 'sum' };
  const of = (given: Record<string, string>) =>
    jobOf({
      selector: { matchLabels: { 'controller-uid': 'u1' } },
      template: { ...template, metadata: { labels: given } },
    });
  assert.deepEqual(updateFaultsOf(Job, of(old), of(old)), []);
  const without = { 'controller-uid': 'u1' };
  assert.deepEqual(updateFaultsOf(Job, of(without), of(without)), [
    "spec.template.metadata.labels[job-name]: Required value: must be 'sum'",
  ]);
});

test('Job warns of names for pods that are none for hosts, and of more indexes than can be tracked', () => {
  const dotted: Input = { ...jobOf({}), metadata: { ...metadata, name: 'a.b' } };
  assert.deepEqual(warningsOf(Job, jobOf({})), []);
  assert.deepEqual(warningsOf(Job, dotted), [
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
  ]);
  assert.deepEqual(warningsOf(Job, dotted, dotted), []);
  const big = (generation: number): Input => ({
    ...jobOf(indexed({ completions: 100_001, parallelism: 10_001 })),
    metadata: { ...metadata, generation },
  });
  const warning =
    'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  assert.deepEqual(warningsOf(Job, big(1)), [warning]);
  assert.deepEqual(warningsOf(Job, big(2), big(1)), [warning]);
  assert.deepEqual(warningsOf(Job, big(1), big(1)), []);
});
