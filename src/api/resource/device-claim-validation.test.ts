import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, nextFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { ResourceClaim } from './resource-claim.ts';
import { ResourceClaimTemplate } from './resource-claim-template.ts';

type Claim = NonNullable<Parameters<typeof faultsOf<typeof ResourceClaim>>[1]['spec']['devices']>;
type Exactly = NonNullable<NonNullable<NonNullable<Claim['requests']>[number]>['exactly']>;
type Alternative = NonNullable<NonNullable<NonNullable<Claim['requests']>[number]>['firstAvailable']>[number];

const NO_LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const NO_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NO_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const ONE_OF = 'exactly one of `exactly` or `firstAvailable` is required';

const exactly: Exactly = { deviceClassName: 'gpu' };
const requests = [
  { name: 'a', exactly },
  { name: 'b', firstAvailable: [{ name: 'large', deviceClassName: 'gpu' }] },
];
const opaque = { driver: 'Gpu.example.com', parameters: { a: 1 } };
const many = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));
const asked = (given: Partial<Exactly>): Claim => ({ requests: [{ name: 'a', exactly: { ...exactly, ...given } }] });
const alternatives = (...given: Partial<Alternative>[]): Claim => ({
  requests: [{ name: 'b', firstAvailable: given.map((one) => ({ name: 'x', deviceClassName: 'gpu', ...one })) }],
});
const constrained = (constraint: NonNullable<Claim['constraints']>[number]): Claim => ({
  requests,
  constraints: [constraint],
});
const tolerating = (toleration: NonNullable<Exactly['tolerations']>[number]) => asked({ tolerations: [toleration] });

const cases: readonly [title: string, claim: Claim, expected: readonly string[]][] = [
  ['nothing', {}, []],
  [
    'all there is',
    {
      requests: [
        {
          name: 'a',
          exactly: {
            ...exactly,
            selectors: [{ cel: { expression: 'true' } }],
            count: 2,
            adminAccess: true,
            tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }, { value: 'v' }],
            capacity: { requests: { memory: '1Gi' } },
          },
        },
        { name: 'b', firstAvailable: [{ name: 'large', deviceClassName: 'gpu', allocationMode: 'All' }] },
      ],
      constraints: [
        { requests: ['a', 'b/large'], matchAttribute: 'example.com/numa' },
        { distinctAttribute: 'example.com/numa' },
      ],
      config: [{ requests: ['b'], opaque }],
    },
    [],
  ],
  [
    'too many requests',
    { requests: many(33, (i) => ({ name: `a${i}`, exactly })) },
    ['requests: Too many: 33: must have at most 32 items'],
  ],
  [
    'a request twice',
    {
      requests: [
        { name: 'a', exactly },
        { name: 'a', exactly },
      ],
    },
    ['requests[1]: Duplicate value: "a"'],
  ],
  [
    'a request that is no label',
    { requests: [{ name: 'A', exactly }] },
    [`requests[0].name: Invalid value: "A": ${NO_LABEL}`],
  ],
  ['a request for nothing', { requests: [{ name: 'a' }] }, [`requests[0]: Required value: ${ONE_OF}`]],
  [
    'a request for both',
    { requests: [{ name: 'a', exactly, firstAvailable: [{ name: 'x', deviceClassName: 'gpu' }] }] },
    [`requests[0]: Invalid value: null: ${ONE_OF}, but multiple fields are set`],
  ],
  ['no class', asked({ deviceClassName: '' }), ['requests[0].exactly.deviceClassName: Required value']],
  [
    'a class that is none',
    asked({ deviceClassName: 'A' }),
    [`requests[0].exactly.deviceClassName: Invalid value: "A": ${NO_SUBDOMAIN}`],
  ],
  ['all devices', asked({ allocationMode: 'All' }), []],
  [
    'a number of all devices',
    asked({ allocationMode: 'All', count: 1 }),
    ["requests[0].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'"],
  ],
  [
    'less than one device',
    asked({ count: -1 }),
    ['requests[0].exactly.count: Invalid value: -1: must be greater than zero'],
  ],
  [
    'too many selectors',
    asked({ selectors: many(33, () => ({ cel: { expression: 'true' } })) }),
    ['requests[0].exactly.selectors: Too many: 33: must have at most 32 items'],
  ],
  ['no selector', asked({ selectors: [{}] }), ['requests[0].exactly.selectors[0].cel: Required value']],
  [
    'a long selector',
    asked({ selectors: [{ cel: { expression: 'a'.repeat(10241) } }] }),
    ['requests[0].exactly.selectors[0].cel.expression: Too long: may not be more than 10240 bytes'],
  ],
  [
    'a toleration of no key and no value',
    tolerating({ key: '!', value: '!' }),
    [
      `requests[0].exactly.tolerations[0].key: Invalid value: "!": ${NO_KEY}`,
      `requests[0].exactly.tolerations[0].value: Invalid value: "!": ${NO_VALUE}`,
    ],
  ],
  [
    'a toleration of any value with one',
    tolerating({ operator: 'Exists', value: 'a' }),
    ['requests[0].exactly.tolerations[0].value: Invalid value: "a": must be empty for operator `Exists`'],
  ],
  [
    'a toleration of an unknown sort',
    tolerating({ operator: 'In' as 'Equal', effect: 'Some' as 'None' }),
    [
      'requests[0].exactly.tolerations[0].operator: Unsupported value: "In": supported values: "Equal", "Exists"',
      'requests[0].exactly.tolerations[0].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"',
    ],
  ],
  [
    'too many alternatives',
    alternatives(...many(9, (i) => ({ name: `a${i}` }))),
    ['requests[0].firstAvailable: Too many: 9: must have at most 8 items'],
  ],
  ['an alternative twice', alternatives({}, {}), ['requests[0].firstAvailable[1]: Duplicate value: "x"']],
  [
    'an alternative that is none',
    alternatives({ name: 'A', deviceClassName: '', count: -1, selectors: [{}], tolerations: [{ key: '!' }] }),
    [
      `requests[0].firstAvailable[0].name: Invalid value: "A": ${NO_LABEL}`,
      'requests[0].firstAvailable[0].deviceClassName: Required value',
      'requests[0].firstAvailable[0].selectors[0].cel: Required value',
      'requests[0].firstAvailable[0].count: Invalid value: -1: must be greater than zero',
      `requests[0].firstAvailable[0].tolerations[0].key: Invalid value: "!": ${NO_KEY}`,
    ],
  ],
  [
    'too many constraints',
    { constraints: many(33, () => ({ matchAttribute: 'a/b' })) },
    ['constraints: Too many: 33: must have at most 32 items'],
  ],
  [
    'a constraint of nothing',
    constrained({}),
    [
      'constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
    ],
  ],
  [
    'a constraint of unknown requests',
    constrained({ requests: ['c', 'a/large', 'a/b/c', 'a', 'a'], matchAttribute: 'a/b' }),
    [
      `constraints[0].requests[0]: Invalid value: "c": ${NO_REQUEST}`,
      `constraints[0].requests[1]: Invalid value: "a/large": ${NO_REQUEST}`,
      `constraints[0].requests[2]: Invalid value: "a/b/c": ${NO_REQUEST}`,
      'constraints[0].requests[4]: Duplicate value: "a"',
    ],
  ],
  [
    'a constraint of no request',
    constrained({ requests: ['A'], matchAttribute: 'a/b' }),
    [
      `constraints[0].requests[0]: Invalid value: "A": ${NO_LABEL}`,
      `constraints[0].requests[0]: Invalid value: "A": ${NO_REQUEST}`,
    ],
  ],
  [
    'a constraint of an attribute without a domain',
    constrained({ matchAttribute: 'a' }),
    [
      'constraints[0].matchAttribute: Invalid value: "a": a fully qualified name must be a domain and a name separated by a slash',
    ],
  ],
  [
    'a constraint of an attribute of empty names',
    constrained({ distinctAttribute: '/' }),
    [
      'constraints[0].distinctAttribute: Invalid value: "": the domain must not be empty',
      'constraints[0].distinctAttribute: Invalid value: "": the name must not be empty',
    ],
  ],
  [
    'a constraint of an attribute that is none',
    constrained({ matchAttribute: `A_/${'a'.repeat(32)}-` }),
    [
      `constraints[0].matchAttribute: Invalid value: "A_": ${NO_SUBDOMAIN}`,
      'constraints[0].matchAttribute: Too long: may not be more than 32 bytes',
      `constraints[0].matchAttribute: Invalid value: "${'a'.repeat(32)}-": ${NO_IDENTIFIER}`,
    ],
  ],
  ['a constraint of an attribute with several slashes', constrained({ matchAttribute: 'a/b/c' }), []],
  [
    'too many configurations',
    { config: many(33, () => ({ opaque })) },
    ['config: Too many: 33: must have at most 32 items'],
  ],
  ['no configuration', { config: [{}] }, ['config[0].opaque: Required value']],
  [
    'a configuration of unknown requests, for no driver',
    { requests, config: [{ requests: ['c', 'c'], opaque: { driver: '', parameters: null as never } }] },
    [
      `config[0].requests[0]: Invalid value: "c": ${NO_REQUEST}`,
      `config[0].requests[1]: Invalid value: "c": ${NO_REQUEST}`,
      'config[0].requests[1]: Duplicate value: "c"',
      'config[0].opaque.driver: Required value',
      'config[0].opaque.parameters: Required value',
    ],
  ],
  [
    'a configuration of too much',
    { config: [{ opaque: { driver: 'a_b', parameters: { a: 'a'.repeat(10240) } } }] },
    [
      `config[0].opaque.driver: Invalid value: "a_b": ${NO_SUBDOMAIN}`,
      'config[0].opaque.parameters: Too long: may not be more than 10240 bytes',
    ],
  ],
  [
    'a configuration that is no object',
    { config: [{ opaque: { driver: 'a'.repeat(64), parameters: [1] as never } }] },
    [
      'config[0].opaque.driver: Too long: may not be more than 63 bytes',
      'config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    ],
  ],
];

for (const [title, devices, expected] of cases) {
  test(`ResourceClaim.validate of ${title}`, () => {
    const faults = faultsOf(ResourceClaim, { spec: { devices } });
    assert.deepEqual(
      faults.map((fault) => fault.replace(/^spec\.devices\./, '')),
      expected,
    );
  });
}

test('ResourceClaim.validateUpdate keeps the spec', () => {
  const spec = { devices: { requests } };
  assert.deepEqual(updateFaultsOf(ResourceClaim, { metadata: { labels: { a: 'b' } }, spec }, { spec }), []);
  assert.deepEqual(updateFaultsOf(ResourceClaim, { spec: { devices: {} } }, { spec }), [
    'spec: Invalid value: {"devices":{"requests":null}}: field is immutable',
  ]);
});

test('ResourceClaim says what is wrong with its spec when it is made, and not again', () => {
  const spec = { devices: { requests: [{ name: 'A' }] } };
  assert.equal(faultsOf(ResourceClaim, { spec }).length, 2);
  assert.deepEqual(nextFaultsOf(ResourceClaim, { spec }, { spec }), []);
});

test('ResourceClaimTemplate.validate looks into the claim and its metadata', () => {
  const metadata = { labels: { a: 'b' }, annotations: { c: 'd' } };
  assert.deepEqual(faultsOf(ResourceClaimTemplate, { spec: { metadata, spec: { devices: { requests } } } }), []);
  const wrong = { metadata: { name: 'a', labels: { a: '!' } }, spec: { devices: { requests: [{ name: 'a' }] } } };
  assert.deepEqual(faultsOf(ResourceClaimTemplate, { spec: wrong }), [
    `spec.metadata.labels: Invalid value: "!": ${NO_VALUE}`,
    'spec.metadata.name: Forbidden: cannot be set',
    `spec.spec.devices.requests[0]: Required value: ${ONE_OF}`,
  ]);
});

test('ResourceClaimTemplate.validateUpdate keeps the spec', () => {
  const spec = { spec: { devices: {} } };
  assert.deepEqual(updateFaultsOf(ResourceClaimTemplate, { metadata: { labels: { a: 'b' } }, spec }, { spec }), []);
  const other = { ...spec, metadata: { labels: { a: 'b' } } };
  assert.deepEqual(updateFaultsOf(ResourceClaimTemplate, { spec: other }, { spec }), [
    'spec: Invalid value: {"metadata":{"labels":{"a":"b"}},"spec":{"devices":{"requests":null}}}: field is immutable',
  ]);
});
