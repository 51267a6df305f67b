import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { dns1123Label, dns1123Subdomain, httpPath } from '../names.ts';
import { readInput } from '../read-input.ts';
import { IngressClass } from './ingress-class.ts';

type Spec = NonNullable<Parameters<typeof allFaultsOf<typeof IngressClass>>[1]['spec']>;
const controller = 'example.com/ingress';
const parameters = { apiGroup: 'example.com', kind: 'Settings', name: 'a' };
const given = (more: Partial<NonNullable<Spec['parameters']>>): Spec => ({
  controller,
  parameters: { ...parameters, ...more },
});
const DOMAIN_PATH = 'must be a domain-prefixed path (such as "acme.io/foo")';
const longest = `example.com/${'a'.repeat(238)}`;

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['a controller', { controller }, []],
  ['a controller of a long name', { controller: longest }, []],
  ['parameters', given({}), []],
  ['parameters of the core group', given({ apiGroup: undefined as never }), []],
  ['parameters in a namespace', given({ scope: 'Namespace', namespace: 'b' }), []],
  ['no controller', {}, ['spec.controller: Required value']],
  [
    'a controller of too long a name',
    { controller: `${longest}a` },
    ['spec.controller: Too long: may not be more than 250 bytes'],
  ],
  ['a controller without a path', { controller: 'a' }, [`spec.controller: Invalid value: "a": ${DOMAIN_PATH}`]],
  ['a controller without a domain', { controller: '/a' }, [`spec.controller: Invalid value: "/a": ${DOMAIN_PATH}`]],
  [
    'a controller of no name',
    { controller: 'A/?' },
    [
      `spec.controller: Invalid value: "A": ${dns1123Subdomain('A')}`,
      `spec.controller: Invalid value: "?": ${httpPath('?')}`,
    ],
  ],
  [
    'parameters without kind and name',
    given({ kind: '', name: '' }),
    ['spec.parameters.kind: Required value', 'spec.parameters.name: Required value'],
  ],
  [
    'parameters that cannot be',
    given({ apiGroup: 'A', kind: 'a/b', name: '.' }),
    [
      `spec.parameters.apiGroup: Invalid value: "A": ${dns1123Subdomain('A')}`,
      'spec.parameters.kind: Invalid value: "a/b": may not contain \'/\'',
      'spec.parameters.name: Invalid value: ".": may not be \'.\'',
    ],
  ],
  [
    'an unknown scope',
    given({ scope: 'Node' }),
    ['spec.parameters.scope: Unsupported value: "Node": supported values: "Cluster", "Namespace"'],
  ],
  [
    'a namespace that is not named',
    given({ scope: 'Namespace' }),
    ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ],
  [
    'a namespace that cannot be',
    given({ scope: 'Namespace', namespace: 'A' }),
    [`spec.parameters.namespace: Invalid value: "A": ${dns1123Label('A')}`],
  ],
  [
    'a namespace of no use',
    given({ scope: 'Cluster', namespace: 'a' }),
    ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`IngressClass.validate of ${title}`, () => assert.deepEqual(allFaultsOf(IngressClass, { spec }), expected));
}

test('IngressClass.validateUpdate keeps the controller', () => {
  assert.deepEqual(updateFaultsOf(IngressClass, { spec: given({}) }, { spec: { controller } }), []);
  assert.deepEqual(updateFaultsOf(IngressClass, { spec: { controller: 'a.b/c' } }, { spec: { controller } }), [
    'spec.controller: Invalid value: "a.b/c": field is immutable',
  ]);
});

test('IngressClass: parameters are those of the cluster', () => {
  assert.equal(readInput(IngressClass, { spec: given({}) }).spec.parameters?.scope, 'Cluster');
});
