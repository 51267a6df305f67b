import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { dns1035Label, dns1123Subdomain } from '../names.ts';
import { readInput } from '../read-input.ts';
import { APIService } from './api-service.ts';

type Input = Parameters<typeof allFaultsOf<typeof APIService>>[1];
type Spec = NonNullable<Input['spec']>;

const local = { group: 'example.com', version: 'v1', groupPriorityMinimum: 20000, versionPriority: 1000 };
const remote = { ...local, service: { namespace: 'a', name: 'b' } };
const named = (spec: Partial<Spec>, metadata: Input['metadata'] = { name: 'v1.example.com' }): Input => ({
  metadata,
  spec: { ...local, ...spec },
});
const BY_NAME = 'must be `spec.version+"."+spec.group`: "v1.example.com"';

const cases: readonly [title: string, input: Input, expected: readonly string[]][] = [
  ['a version that is served here', named({}), []],
  ['the core group', named({ group: '' }, { name: 'v1.' }), []],
  ['a version that is served elsewhere', named({ ...remote, caBundle: 'AAAA' }), []],
  ['a version that is served by anybody', named({ ...remote, insecureSkipTLSVerify: true }), []],
  [
    'another name',
    named({}, { name: 'v2.example.com' }),
    [`metadata.name: Invalid value: "v2.example.com": ${BY_NAME}`],
  ],
  ['no name at all', named({}, { name: 'a/b' }), ['metadata.name: Invalid value: "a/b": may not contain \'/\'']],
  [
    'a name to be generated',
    named({}, { name: 'v1.example.com', generateName: 'v1.' }),
    [`metadata.generateName: Invalid value: "v1.": ${BY_NAME}`],
  ],
  [
    'a later version of the core group',
    named({ group: '', version: 'v2' }, { name: 'v2.' }),
    ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
  ],
  [
    'a group and a version that are none',
    named({ group: 'A', version: '1' }, { name: '1.A' }),
    [
      `spec.group: Invalid value: "A": ${dns1123Subdomain('A')}`,
      `spec.version: Invalid value: "1": ${dns1035Label('1')}`,
    ],
  ],
  [
    'priorities below the least',
    named({ groupPriorityMinimum: 0, versionPriority: 0 }),
    [
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
    ],
  ],
  [
    'priorities above the greatest',
    named({ groupPriorityMinimum: 20001, versionPriority: 1001 }),
    [
      'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
  ],
  [
    'a way to trust what is served here',
    named({ caBundle: 'AAAAAA==', insecureSkipTLSVerify: true }),
    [
      'spec.caBundle: Invalid value: "4 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
  [
    'a service that is not named',
    named({ service: {} }),
    ['spec.service.namespace: Required value', 'spec.service.name: Required value'],
  ],
  [
    'a port that is none',
    named({ service: { ...remote.service, port: 65536 } }),
    ['spec.service.port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive'],
  ],
  [
    'trust in a bundle and in anybody',
    named({ ...remote, caBundle: 'AAAA', insecureSkipTLSVerify: true }),
    ['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present'],
  ],
];

for (const [title, input, expected] of cases) {
  test(`APIService.validate of ${title}`, () => assert.deepEqual(allFaultsOf(APIService, input), expected));
}

test('APIService.validateStatusUpdate: conditions are true, false or unknown', () => {
  const status = (...words: string[]) => ({
    ...named({}),
    status: { conditions: words.map((status) => ({ type: 'A', status })) },
  });
  assert.deepEqual(statusFaultsOf(APIService, status('True', 'False', 'Unknown'), named({})), []);
  assert.deepEqual(statusFaultsOf(APIService, status('true'), named({})), [
    'status.conditions[0].status: Unsupported value: "true": supported values: "True", "False", "Unknown"',
  ]);
});

test('APIService: what is served here is available from the start', () => {
  const now = '2026-01-01T00:00:00Z';
  const stamped = (input: Input, previous?: Input) => {
    const service = readInput(APIService, input);
    APIService.stamp?.(service, previous && (readInput(APIService, previous) as APIService), { user: {}, now });
    return service.status.conditions;
  };
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: now,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  assert.deepEqual(stamped(named({})), [condition]);
  assert.equal(stamped(named(remote)), undefined);
  assert.equal(stamped(named({}), named({})), undefined);
});

test('APIService: who writes the status leaves the rest of the metadata alone', () => {
  const next = readInput(
    APIService,
    named({}, { name: 'v1.example.com', labels: { a: 'c' }, annotations: { b: 'c' } }),
  );
  const previous = readInput(
    APIService,
    named({}, { name: 'v1.example.com', labels: { a: 'b' }, finalizers: ['a.b/c'] }),
  );
  APIService.prepareForStatusUpdate?.(next, previous as APIService);
  assert.deepEqual(next.metadata, { name: 'v1.example.com', labels: { a: 'b' }, finalizers: ['a.b/c'] });
});
