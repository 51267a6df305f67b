import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allFaultsOf,
  nextFaultsOf,
  statusFaultsOf,
  statusWarningsOf,
  warningsOf,
} from '../../../test/support/faults.ts';
import { dns1123Label, dns1123Subdomain, portName, wildcardSubdomain } from '../names.ts';
import { Ingress } from './ingress.ts';

type Input = Parameters<typeof allFaultsOf<typeof Ingress>>[1];
type Spec = NonNullable<Input['spec']>;
type Backend = NonNullable<Spec['defaultBackend']>;
type Rule = NonNullable<Spec['rules']>[number];
type HttpPath = NonNullable<Rule['http']>['paths'][number];

const backend: Backend = { service: { name: 'web', port: { number: 80 } } };
const resource = { apiGroup: 'example.com', kind: 'Bucket', name: 'a' };
const behind = (defaultBackend: Backend): Spec => ({ defaultBackend });
const ruled = (...rules: Rule[]): Spec => ({ rules });
const at = (path: Omit<HttpPath, 'backend'>): Spec => ruled({ http: { paths: [{ backend, ...path }] } });
const ported = (port: NonNullable<NonNullable<Backend['service']>['port']>): Spec =>
  behind({ service: { name: 'web', port } });
const PATH = 'spec.rules[0].http.paths[0].path: Invalid value:';

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['one for all', behind(backend), []],
  ['one for all of a kind of its own', behind({ resource }), []],
  ['a port by its name', ported({ name: 'http' }), []],
  ['a service whose name begins with a digit', behind({ service: { name: '1web', port: { number: 80 } } }), []],
  ['hosts', ruled({ host: 'example.com' }, { host: '*.example.com' }), []],
  ['an exact path', at({ path: '/a', pathType: 'Exact' }), []],
  ['a path of its own kind', at({ path: '/a//b', pathType: 'ImplementationSpecific' }), []],
  ['any path', at({ pathType: 'ImplementationSpecific' }), []],
  ['a class', { ...behind(backend), ingressClassName: 'nginx' }, []],
  ['secrets', { ...behind(backend), tls: [{ hosts: ['a.b', '*.a.b'], secretName: 'c' }, {}] }, []],
  ['nothing', {}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
  ['no backend', behind({}), ['spec.defaultBackend: Invalid value: "": resource or service backend is required']],
  [
    'two backends',
    behind({ ...backend, resource }),
    ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
  ],
  [
    'a backend that cannot be',
    behind({ resource: { apiGroup: 'A', kind: 'a/b', name: '..' } }),
    [
      `spec.defaultBackend.resource.apiGroup: Invalid value: "A": ${dns1123Subdomain('A')}`,
      'spec.defaultBackend.resource.kind: Invalid value: "a/b": may not contain \'/\'',
      'spec.defaultBackend.resource.name: Invalid value: "..": may not be \'..\'',
    ],
  ],
  [
    'a backend without kind and name',
    behind({ resource: { apiGroup: 'a', kind: '', name: '' } }),
    ['spec.defaultBackend.resource.kind: Required value', 'spec.defaultBackend.resource.name: Required value'],
  ],
  [
    'a service without a name',
    behind({ service: { name: '', port: { number: 80 } } }),
    ['spec.defaultBackend.service.name: Required value'],
  ],
  [
    'a service that cannot be',
    behind({ service: { name: 'a.b', port: { number: 80 } } }),
    [`spec.defaultBackend.service.name: Invalid value: "a.b": ${dns1123Label('a.b')}`],
  ],
  ['no port', ported({}), ['spec.defaultBackend: Required value: port name or number is required']],
  [
    'a port in two ways',
    ported({ name: 'http', number: 80 }),
    ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
  ],
  [
    'a port that is none',
    ported({ number: 65536 }),
    ['spec.defaultBackend.service.port.number: Invalid value: 65536: must be between 1 and 65535, inclusive'],
  ],
  [
    'a port of no name',
    ported({ name: '-a' }),
    [`spec.defaultBackend.service.port.name: Invalid value: "-a": ${portName('-a')}`],
  ],
  [
    'hosts that are none',
    ruled({ host: 'A' }, { host: '*a' }, { host: '10.0.0.1' }),
    [
      `spec.rules[0].host: Invalid value: "A": ${dns1123Subdomain('A')}`,
      `spec.rules[1].host: Invalid value: "*a": ${wildcardSubdomain('*a')}`,
      'spec.rules[2].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ],
  ],
  ['no paths', ruled({ http: { paths: [] } }), ['spec.rules[0].http.paths: Required value']],
  [
    'a path of no type',
    ruled({ http: { paths: [{ path: 'a', backend: {} } as HttpPath] } }),
    ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
  ],
  [
    'a path of an unknown type',
    at({ pathType: 'Regexp' as 'Exact' }),
    [
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regexp": supported values: "Exact", "ImplementationSpecific", "Prefix"',
    ],
  ],
  ['a path from nowhere', at({ path: 'a', pathType: 'Prefix' }), [`${PATH} "a": must be an absolute path`]],
  ['no path', at({ pathType: 'Exact' }), [`${PATH} "": must be an absolute path`]],
  [
    'a path of its own kind from nowhere',
    at({ path: 'a', pathType: 'ImplementationSpecific' }),
    [`${PATH} "a": must be an absolute path`],
  ],
  ...['//', '/./', '/../', '%2f', '%2F'].map((part): [string, Spec, string[]] => [
    `a path with ${part}`,
    at({ path: `/a${part}b`, pathType: 'Prefix' }),
    [`${PATH} "/a${part}b": must not contain '${part}'`],
  ]),
  ...['/..', '/.'].map((end): [string, Spec, string[]] => [
    `a path that ends in ${end}`,
    at({ path: `/a${end}`, pathType: 'Exact' }),
    [`${PATH} "/a${end}": cannot end with '${end}'`],
  ]),
  [
    'a path to nowhere',
    ruled({ http: { paths: [{ path: '/', pathType: 'Exact', backend: {} }] } }),
    ['spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required'],
  ],
  [
    'secrets and hosts of no name',
    { ...behind(backend), tls: [{ hosts: ['A', '*'], secretName: 'B' }] },
    [
      `spec.tls[0].hosts[0]: Invalid value: "A": ${dns1123Subdomain('A')}`,
      `spec.tls[0].hosts[1]: Invalid value: "*": ${wildcardSubdomain('*')}`,
      `spec.tls[0].secretName: Invalid value: "B": ${dns1123Subdomain('B')}`,
    ],
  ],
  [
    'a class of no name',
    { ...behind(backend), ingressClassName: 'A' },
    [`spec.ingressClassName: Invalid value: "A": ${dns1123Subdomain('A')}`],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Ingress.validate of ${title}`, () => assert.deepEqual(allFaultsOf(Ingress, { spec }), expected));
}

const annotated = (value: string, spec: Spec = {}): Input => ({
  metadata: { annotations: { 'kubernetes.io/ingress.class': value } },
  spec: { ...behind(backend), ...spec },
});

test('Ingress.validateCreate: both ways to name the class name the same one', () => {
  assert.deepEqual(allFaultsOf(Ingress, annotated('a', { ingressClassName: 'a' })), []);
  assert.deepEqual(allFaultsOf(Ingress, annotated('a', { ingressClassName: 'b' })), [
    'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
  ]);
});

test('Ingress.validate: names of secrets may stay wrong, as long as one is', () => {
  const secret = (secretName: string): Input => ({ spec: { ...behind(backend), tls: [{ secretName }] } });
  assert.deepEqual(nextFaultsOf(Ingress, secret('B'), secret('A')), []);
  assert.equal(nextFaultsOf(Ingress, secret('B'), secret('a')).length, 1);
});

test('Ingress.validate: rules behind a wildcard may stay wrong, as long as one is', () => {
  const rule = (host: string, paths: HttpPath[]): Input => ({ spec: ruled({ host, http: { paths } }) });
  assert.deepEqual(nextFaultsOf(Ingress, rule('*.a', []), rule('*.b', [])), []);
  assert.equal(nextFaultsOf(Ingress, rule('a.a', []), rule('*.b', [])).length, 1);
  const fine = rule('*.b', [{ path: '/', pathType: 'Exact', backend }]);
  assert.equal(nextFaultsOf(Ingress, rule('*.a', []), fine).length, 1);
});

const status = (...ingress: { ip?: string; hostname?: string }[]): Input => ({
  spec: behind(backend),
  status: { loadBalancer: { ingress } },
});
const STATUS = 'status.loadBalancer.ingress[0]';

const statuses: readonly [title: string, input: Input, previous: Input, expected: readonly string[]][] = [
  ['an address and a name', status({ ip: '10.0.0.1' }, { hostname: 'a.b' }), status(), []],
  ['an address that was there before', status({ ip: '010.0.0.1' }), status({ ip: '010.0.0.1' }), []],
  [
    'an address that is none',
    status({ ip: '010.0.0.1' }),
    status(),
    [`${STATUS}.ip: Invalid value: "010.0.0.1": must not have leading 0s`],
  ],
  [
    'a name that is none',
    status({ hostname: 'A' }),
    status(),
    [`${STATUS}.hostname: Invalid value: "A": ${dns1123Subdomain('A')}`],
  ],
  [
    'a name that is an address',
    status({ hostname: '10.0.0.1' }),
    status(),
    [`${STATUS}.hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address`],
  ],
];

for (const [title, input, previous, expected] of statuses) {
  test(`Ingress.validateStatusUpdate of ${title}`, () =>
    assert.deepEqual(statusFaultsOf(Ingress, input, previous), expected));
}

test('Ingress.warnings are of the annotation that named the class, once', () => {
  const warning = `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`;
  assert.deepEqual(warningsOf(Ingress, annotated('a')), [warning]);
  assert.deepEqual(warningsOf(Ingress, annotated('a', { ingressClassName: 'a' })), []);
  assert.deepEqual(warningsOf(Ingress, annotated('a'), annotated('a')), []);
  assert.deepEqual(warningsOf(Ingress, { spec: behind(backend) }), []);
});

test('Ingress.statusWarnings are of addresses in a form of their own', () => {
  assert.deepEqual(statusWarningsOf(Ingress, status({ ip: 'FD00::1' }, { hostname: 'a' }, { ip: '10.0.0.1' })), [
    `${STATUS}.ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")`,
  ]);
});
