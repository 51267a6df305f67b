import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Affinity = NonNullable<Spec['affinity']>;
type Requirement = {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  values?: string[];
};

const withSpec = (spec: Partial<Spec>) =>
  faultsOf(Pod, { spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec } });
const shorten = (fault: string) =>
  fault
    .replace('spec.affinity.', '')
    .replace('requiredDuringSchedulingIgnoredDuringExecution', 'required')
    .replace('preferredDuringSchedulingIgnoredDuringExecution', 'preferred');
const faults = (affinity: Affinity) => withSpec({ affinity }).map(shorten);

const required = (...matchExpressions: Requirement[]): Affinity => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
});
const fields = (...matchFields: Requirement[]): Affinity => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } },
});
type Term = NonNullable<
  NonNullable<NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>[number]
>;
const near = (term: Partial<Term>): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', ...term }] },
});

const cases: readonly [title: string, affinity: Affinity, expected: readonly string[]][] = [
  [
    'nodes of each sort',
    required(
      { key: 'a', operator: 'In', values: ['b'] },
      { key: 'a', operator: 'Exists' },
      { key: 'a', operator: 'Gt', values: ['1'] },
    ),
    [],
  ],
  ['a node by name', fields({ key: 'metadata.name', operator: 'In', values: ['node'] }), []],
  [
    'pods of each sort',
    {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: 'zone',
            labelSelector: {},
            namespaces: ['default'],
            matchLabelKeys: ['a'],
            mismatchLabelKeys: ['b'],
          },
        ],
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { topologyKey: 'zone' } }],
      },
    },
    [],
  ],
  [
    'no term',
    { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    ['nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term'],
  ],
  [
    'no values',
    required({ key: 'a', operator: 'In' }),
    [
      "nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  ],
  [
    'values of a label that only has to be there',
    required({ key: 'a', operator: 'DoesNotExist', values: ['b'] }),
    [
      "nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ],
  ],
  [
    'two values to compare with',
    required({ key: 'a', operator: 'Lt', values: ['1', '2'] }),
    [
      "nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'",
    ],
  ],
  [
    'an unknown operator',
    required({ key: 'a', operator: 'Is' as 'In' }),
    [
      'nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    ],
  ],
  [
    'a key that is none',
    required({ key: '!', operator: 'Exists' }),
    [
      "nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a value that is none',
    required({ key: 'a', operator: 'In', values: ['!'] }),
    [
      "nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [
    'a field with an operator for labels',
    fields({ key: 'metadata.name', operator: 'Exists' }),
    [
      'nodeAffinity.required.nodeSelectorTerms[0].matchFields[0].operator: Invalid value: "Exists": not a valid selector operator',
    ],
  ],
  [
    'a field with two values',
    fields({ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }),
    [
      "nodeAffinity.required.nodeSelectorTerms[0].matchFields[0].values: Required value: must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
    ],
  ],
  [
    'another field',
    fields({ key: 'metadata.uid', operator: 'In', values: ['a'] }),
    [
      'nodeAffinity.required.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key',
    ],
  ],
  [
    'a name that is none',
    fields({ key: 'metadata.name', operator: 'In', values: ['A'] }),
    [
      "nodeAffinity.required.nodeSelectorTerms[0].matchFields[0].values[0]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a preference of no weight',
    {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['!'] }] } },
        ],
      },
    },
    ['nodeAffinity.preferred[0].weight: Invalid value: 0: must be in the range 1-100'],
  ],
  [
    'a preference of too much weight',
    {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: { topologyKey: 'zone' } }],
      },
    },
    ['podAntiAffinity.preferred[0].weight: Invalid value: 101: must be in the range 1-100'],
  ],
  [
    'pods of no namespace',
    near({ namespaces: ['A'] }),
    [
      "podAffinity.required[0].namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'pods of no topology',
    near({ topologyKey: '' }),
    [
      'podAffinity.required[0].topologyKey: Required value: can not be empty',
      'podAffinity.required[0].topologyKey: Invalid value: "": name part must be non-empty',
      "podAffinity.required[0].topologyKey: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'keys of labels without a selector',
    near({ matchLabelKeys: ['a'], mismatchLabelKeys: ['b'] }),
    [
      'podAffinity.required[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
      'podAffinity.required[0].mismatchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
  ],
  [
    'keys of labels that are none',
    near({ labelSelector: {}, matchLabelKeys: ['!'] }),
    [
      "podAffinity.required[0].matchLabelKeys[0]: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a key to match and not to match',
    near({ labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['a'] }),
    [
      'podAffinity.required[0].matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys',
    ],
  ],
  [
    'a key to match that is selected',
    near({
      labelSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
      matchLabelKeys: ['a'],
    }),
    ['podAffinity.required[0][0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector'],
  ],
];

for (const [title, affinity, expected] of cases) {
  test(`Pod.validate of an affinity to ${title}`, () => {
    assert.deepEqual(faults(affinity), expected);
  });
}

type Constraint = NonNullable<NonNullable<Spec['topologySpreadConstraints']>[number]>;
const constraint: Constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const spreadFaults = (constraints: readonly Constraint[]) =>
  withSpec({ topologySpreadConstraints: constraints }).map((fault) =>
    fault.replace('spec.topologySpreadConstraints', ''),
  );

const spreadCases: readonly [title: string, constraints: readonly Constraint[], expected: readonly string[]][] = [
  [
    'constraints',
    [
      { ...constraint, minDomains: 2, labelSelector: {}, matchLabelKeys: ['a'] },
      { ...constraint, whenUnsatisfiable: 'ScheduleAnyway' },
    ],
    [],
  ],
  ['no skew', [{ ...constraint, maxSkew: 0 }], ['[0].maxSkew: Invalid value: 0: must be greater than zero']],
  ['no topology', [{ ...constraint, topologyKey: '' }], ['[0].topologyKey: Required value: can not be empty']],
  [
    'a topology twice',
    [constraint, constraint],
    ['[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'],
  ],
  ['no domains', [{ ...constraint, minDomains: 0 }], ['[0].minDomains: Invalid value: 0: must be greater than zero']],
  [
    'domains that are only wished for',
    [{ ...constraint, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 1 }],
    [
      '[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
    ],
  ],
  [
    'keys of labels without a selector',
    [{ ...constraint, matchLabelKeys: ['a'] }],
    ['[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set'],
  ],
  [
    'a key to match that is selected',
    [
      {
        ...constraint,
        labelSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
        matchLabelKeys: ['a'],
      },
    ],
    ['[0][0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector'],
  ],
  [
    'nodes that are counted in a way that there is not',
    [{ ...constraint, nodeAffinityPolicy: '' as 'Honor', nodeTaintsPolicy: 'Count' as 'Honor' }],
    [
      '[0].nodeAffinityPolicy: Unsupported value: "": supported values: "Honor", "Ignore"',
      '[0].nodeTaintsPolicy: Unsupported value: "Count": supported values: "Honor", "Ignore"',
    ],
  ],
];

for (const [title, constraints, expected] of spreadCases) {
  test(`Pod.validate of spreading with ${title}`, () => {
    assert.deepEqual(spreadFaults(constraints), expected);
  });
}

type Toleration = NonNullable<NonNullable<Spec['tolerations']>[number]>;
const tolerationFaults = (toleration: Toleration) =>
  withSpec({ tolerations: [toleration] }).map((fault) => fault.replace('spec.tolerations[0].', ''));

const tolerationCases: readonly [title: string, toleration: Toleration, expected: readonly string[]][] = [
  ['everything', { operator: 'Exists' }, []],
  ['a value', { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 10 }, []],
  [
    'nothing',
    {},
    [
      'operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    'a key that is none',
    { key: '!', operator: 'Exists' },
    [
      "key: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a value that is none',
    { key: 'a', value: '!' },
    [
      "operator: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [
    'a value of a key that only has to be there',
    { key: 'a', operator: 'Exists', value: 'b' },
    ['operator: Invalid value: "b": value must be empty when `operator` is \'Exists\''],
  ],
  [
    'a comparison',
    { key: 'a', operator: 'Gt', value: '1' },
    ['operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'],
  ],
  [
    'a relation that there is not',
    { key: 'a', operator: 'In' as 'Equal' },
    ['operator: Unsupported value: "In": supported values: "Equal", "Exists"'],
  ],
  [
    'an effect that there is not',
    { key: 'a', effect: 'NoPods' as 'NoExecute' },
    ['effect: Unsupported value: "NoPods": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
  ],
  [
    'an effect that does not end',
    { key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 },
    ['effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
  ],
];

for (const [title, toleration, expected] of tolerationCases) {
  test(`Pod.validate of a toleration of ${title}`, () => {
    assert.deepEqual(tolerationFaults(toleration), expected);
  });
}
