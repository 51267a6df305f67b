import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DefinitionInput, definition, version } from '../../../test/support/definition-objects.ts';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { CustomResourceDefinition } from './custom-resource-definition.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
type Spec = Readonly<Record<string, unknown>>;

const other = { ...version, name: 'v2', storage: false };

type Case = readonly [title: string, spec: Spec, expected: readonly string[]];

const cases: readonly Case[] = [
  ['a good definition', {}, []],
  [
    'a definition with all there is',
    {
      scope: 'Cluster',
      names: {
        plural: 'crontabs',
        singular: 'crontab',
        kind: 'CronTab',
        listKind: 'CronTabs',
        shortNames: ['ct'],
        categories: ['all'],
      },
      versions: [version, other],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] },
      },
    },
    [],
  ],
  [
    'no group',
    { group: '' },
    [
      'metadata.name: Invalid value: "crontabs.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Required value',
    ],
  ],
  [
    'a group of one part',
    { group: 'example' },
    [
      'metadata.name: Invalid value: "crontabs.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
    ],
  ],
  [
    'a group that is none',
    { group: 'A.b' },
    [
      'metadata.name: Invalid value: "crontabs.example.com": must be spec.names.plural+"."+spec.group',
      `spec.group: Invalid value: "A.b": ${SUBDOMAIN}`,
    ],
  ],
  ['no scope', { scope: '' }, ['spec.scope: Required value']],
  [
    'an unknown scope',
    { scope: 'World' },
    ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
  ],
  [
    'no names',
    { names: { plural: '', kind: '' } },
    [
      'metadata.name: Invalid value: "crontabs.example.com": must be spec.names.plural+"."+spec.group',
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
    ],
  ],
  [
    'names that are none',
    { names: { plural: 'A', singular: 'B', kind: '1', listKind: 'c_d', shortNames: ['E'], categories: ['F'] } },
    [
      'metadata.name: Invalid value: "crontabs.example.com": must be spec.names.plural+"."+spec.group',
      `spec.names.plural: Invalid value: "A": ${LABEL}`,
      `spec.names.singular: Invalid value: "B": ${LABEL}`,
      `spec.names.kind: Invalid value: "1": may have mixed case, but should otherwise match: ${LABEL}`,
      `spec.names.listKind: Invalid value: "c_d": may have mixed case, but should otherwise match: ${LABEL}`,
      `spec.names.shortNames[0]: Invalid value: "E": ${LABEL}`,
      `spec.names.categories[0]: Invalid value: "F": ${LABEL}`,
    ],
  ],
  [
    'a kind of lists',
    { names: { plural: 'crontabs', kind: 'A', listKind: 'A' } },
    ['spec.names.listKind: Invalid value: "A": kind and listKind may not be the same'],
  ],
  [
    'no versions',
    { versions: [] },
    [
      'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: null: must have at least one stored version',
    ],
  ],
  [
    'a version of a name that is none',
    { versions: [{ ...version, name: '1' }] },
    [`spec.versions[0].name: Invalid value: "1": ${LABEL}`, `spec.version: Invalid value: "1": ${LABEL}`],
  ],
  [
    'two versions of a name',
    { versions: [version, { ...version, storage: false }] },
    [
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null},{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must contain unique version names',
    ],
  ],
  [
    'two versions that store',
    { versions: [version, { ...other, storage: true }] },
    [
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null},{"Name":"v2","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
    ],
  ],
  [
    'a version that does not store',
    { versions: [{ ...version, storage: false }] },
    [
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: null: must have at least one stored version',
    ],
  ],
  [
    'a version without a schema',
    { versions: [{ name: 'v1', served: true, storage: true }] },
    ['spec.versions[0].schema.openAPIV3Schema: Required value'],
  ],
  [
    'a version of two without a schema',
    { versions: [version, { ...other, schema: {} }] },
    ['spec.versions[1].schema.openAPIV3Schema: Required value'],
  ],
  [
    'a warning of what is not deprecated',
    { versions: [{ ...version, deprecationWarning: 'a' }] },
    ['spec.versions[0].deprecationWarning: Invalid value: "a": can only be set for deprecated versions'],
  ],
  ['a warning', { versions: [{ ...version, deprecated: true, deprecationWarning: 'a' }] }, []],
  [
    'an empty warning',
    { versions: [{ ...version, deprecated: true, deprecationWarning: '' }] },
    ['spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string'],
  ],
  [
    'too long a warning',
    { versions: [{ ...version, deprecated: true, deprecationWarning: 'a'.repeat(257) }] },
    [
      'spec.versions[0].deprecationWarning: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be <= 256 characters long',
    ],
  ],
  [
    'a warning that cannot be printed',
    { versions: [{ ...version, deprecated: true, deprecationWarning: 'é\u0007' }] },
    [
      'spec.versions[0].deprecationWarning: Invalid value: "é\\u0007": must only contain printable UTF-8 characters; non-printable character found at index 2',
    ],
  ],
  [
    'unknown fields in all',
    {
      preserveUnknownFields: true,
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] },
      },
      versions: [
        {
          ...version,
          schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', default: 'b' } } } },
        },
      ],
    },
    [
      'spec.preserveUnknownFields: Invalid value: true: must be false in order to use defaults in the schema',
      'spec.conversion.strategy: Invalid value: "Webhook": must be None if spec.preserveUnknownFields is true',
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
  [
    'a group of Kubernetes',
    { group: 'a.k8s.io' },
    [
      'metadata.name: Invalid value: "crontabs.example.com": must be spec.names.plural+"."+spec.group',
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`CustomResourceDefinition.validateCreate of ${title}`, () => {
    const storage = (spec['versions'] as (typeof version)[] | undefined)?.find(({ storage }) => storage)?.name;
    const isEmpty = 'versions' in spec && storage === undefined;
    const status = { storedVersions: isEmpty ? null : [storage ?? 'v1'] } as DefinitionInput['status'] & object;
    assert.deepEqual(faultsOf(CustomResourceDefinition, definition(spec, { status })), expected);
  });
}

const approvals: readonly [title: string, annotation: string, expected: readonly string[]][] = [
  [
    'missing',
    '',
    [
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
  ['where it is', 'https://github.com/kubernetes/kubernetes/pull/1', []],
  ['not asked for', 'unapproved, a test', []],
  [
    'somewhere',
    'somewhere',
    [
      'metadata.annotations[api-approved.kubernetes.io]: Invalid value: "somewhere": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
  [
    'at a path',
    '/somewhere',
    [
      'metadata.annotations[api-approved.kubernetes.io]: Invalid value: "/somewhere": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
];

for (const [title, annotation, expected] of approvals) {
  test(`CustomResourceDefinition.validateCreate of a group of Kubernetes, approved ${title}`, () => {
    const metadata = { name: 'crontabs.a.k8s.io', annotations: { 'api-approved.kubernetes.io': annotation } };
    assert.deepEqual(faultsOf(CustomResourceDefinition, definition({ group: 'a.k8s.io' }, { metadata })), expected);
  });
}

test('CustomResourceDefinition.validateCreate asks for the name of its resource', () => {
  const faults = faultsOf(CustomResourceDefinition, definition({}, { metadata: { name: 'a' } }));
  assert.deepEqual(faults, ['metadata.name: Invalid value: "a": must be spec.names.plural+"."+spec.group']);
});

const established = { storedVersions: ['v1'], conditions: [{ type: 'Established', status: 'True' }] };
const fresh = { storedVersions: ['v1'], conditions: [] };
const updates: readonly [title: string, spec: Spec, status: typeof established, expected: readonly string[]][] = [
  ['nothing new', {}, established, []],
  ['another scope', { scope: 'Cluster' }, established, ['spec.scope: Invalid value: "Cluster": field is immutable']],
  ['another scope before it is established', { scope: 'Cluster' }, fresh, []],
  [
    'another kind',
    { names: { plural: 'crontabs', kind: 'Other' } },
    established,
    ['spec.names.kind: Invalid value: "Other": field is immutable'],
  ],
  ['another kind before it is established', { names: { plural: 'crontabs', kind: 'Other' } }, fresh, []],
  [
    'another group and plural',
    { group: 'other.com', names: { plural: 'others', kind: 'CronTab' } },
    fresh,
    [
      'spec.group: Invalid value: "other.com": field is immutable',
      'spec.names.plural: Invalid value: "others": field is immutable',
    ],
  ],
  [
    'another version to store',
    {
      versions: [
        { ...version, storage: false },
        { ...other, storage: true },
      ],
    },
    established,
    [],
  ],
  [
    'without the version that has stored',
    { versions: [{ ...other, storage: true }] },
    established,
    [
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ],
  ],
  [
    'unknown fields in all',
    { preserveUnknownFields: true },
    established,
    [
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
  [
    'a certificate that is none',
    {
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://a', caBundle: 'AAAA' }, conversionReviewVersions: ['v1'] },
      },
    },
    established,
    [
      'spec.conversion.webhookClientConfig.caBundle: Invalid value: "AAAA": unable to load root certificates: unable to parse bytes as PEM block',
    ],
  ],
  [
    'a certificate that is none, before it is established',
    {
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://a', caBundle: 'AAAA' }, conversionReviewVersions: ['v1'] },
      },
    },
    fresh,
    [],
  ],
];

for (const [title, spec, status, expected] of updates) {
  test(`CustomResourceDefinition.validateUpdate to ${title}`, () => {
    const storage = (spec['versions'] as (typeof version)[] | undefined)?.find(({ storage }) => storage)?.name ?? 'v1';
    const storedVersions = storage === 'v1' ? ['v1'] : ['v1', storage];
    const next = definition(spec, { status: { ...status, storedVersions } });
    assert.deepEqual(updateFaultsOf(CustomResourceDefinition, next, definition({}, { status })), expected);
  });
}

test('CustomResourceDefinition.validateUpdate leaves an approval as it was', () => {
  const group = 'a.k8s.io';
  const approved = (annotation: string) =>
    definition({ group }, { metadata: { name: 'a', annotations: { 'api-approved.kubernetes.io': annotation } } });
  const faults = (next: string, previous: string) =>
    updateFaultsOf(CustomResourceDefinition, approved(next), approved(previous)).map((fault) => fault.split(': ')[1]);
  assert.deepEqual(faults('somewhere', 'elsewhere'), []);
  assert.deepEqual(faults('https://a/b', 'https://c/d'), []);
  assert.deepEqual(faults('somewhere', 'https://c/d'), ['Invalid value']);
  assert.deepEqual(faults('', 'https://c/d'), ['Required value']);
});

test('CustomResourceDefinition.validateStatusUpdate checks the names that have been given', () => {
  const named = (plural: string, kind: string) => definition({}, { status: { acceptedNames: { plural, kind } } });
  assert.deepEqual(statusFaultsOf(CustomResourceDefinition, named('crontabs', 'CronTab'), named('', '')), []);
  assert.deepEqual(statusFaultsOf(CustomResourceDefinition, named('A', 'b'), named('', '')), [
    `status.acceptedNames.plural: Invalid value: "A": ${LABEL}`,
  ]);
});
