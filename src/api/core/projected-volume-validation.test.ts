import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Volume = NonNullable<NonNullable<Spec['volumes']>[number]>;
type Projection = NonNullable<NonNullable<NonNullable<Volume['projected']>['sources']>[number]>;

const faults = (sources: readonly Projection[], defaultMode?: number) =>
  faultsOf(Pod, {
    spec: {
      serviceAccountName: 'default',
      volumes: [{ name: 'all', projected: { sources, ...(defaultMode === undefined ? {} : { defaultMode }) } }],
      containers: [{ name: 'main', image: 'nginx' }],
    },
  }).map((fault) => fault.replace('spec.volumes[0].', ''));

const cases: readonly [title: string, sources: readonly Projection[], expected: readonly string[]][] = [
  [
    'one source of each sort',
    [
      { secret: { name: 's', items: [{ key: 'a', path: 'a' }] } },
      { configMap: { name: 'm', items: [{ key: 'b', path: 'b' }] } },
      { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      { serviceAccountToken: { path: 'token' } },
      { clusterTrustBundle: { name: 'example.com:a:b', path: 'c' } },
      { clusterTrustBundle: { signerName: 'example.com/a', labelSelector: {}, path: 'd' } },
    ],
    [],
  ],
  [
    'two sources in one',
    [{ secret: { name: 's' }, configMap: { name: 'm' } }],
    ['projected.sources[0]: Forbidden: may not specify more than 1 volume type per source'],
  ],
  [
    'objects without names',
    [{ secret: {} }, { configMap: { items: [{ key: '', path: '' }] } }],
    [
      'projected.sources[0].secret.name: Required value',
      'projected.sources[1].configMap.name: Required value',
      'projected.sources[1].configMap.items[0].key: Required value',
      'projected.sources[1].configMap.items[0].path: Required value',
    ],
  ],
  [
    'a file twice',
    [
      { secret: { name: 's', items: [{ key: 'a', path: 'a' }] } },
      { configMap: { name: 'm', items: [{ key: 'b', path: 'a' }] } },
    ],
    ['projected: Invalid value: "m": conflicting duplicate paths'],
  ],
  [
    'a token that is too short-lived',
    [{ serviceAccountToken: { path: 'token', expirationSeconds: 599 } }],
    [
      'projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ],
  ],
  [
    'a token that is too long-lived',
    [{ serviceAccountToken: { path: 'token', expirationSeconds: 2 ** 32 + 1 } }],
    [
      'projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
  ],
  ['a token without a path', [{ serviceAccountToken: { path: '' } }], ['projected.path: Required value']],
  [
    'a token outside',
    [{ serviceAccountToken: { path: '/token' } }],
    ['projected.path: Invalid value: "/token": must be a relative path'],
  ],
  [
    'a bundle of nobody',
    [{ clusterTrustBundle: { path: 'a' } }],
    ['projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified'],
  ],
  [
    'a bundle of a signer with a name',
    [{ clusterTrustBundle: { name: 'a', signerName: 'example.com/a', path: 'a' } }],
    [
      'projected.sources[0].clusterTrustBundle: Invalid value: {"name":"a","signerName":"example.com/a","path":"a"}: only one of name and signerName may be used',
    ],
  ],
  [
    'a bundle without a name',
    [{ clusterTrustBundle: { name: '', path: '' } }],
    [
      'projected.sources[0].clusterTrustBundle.name: Required value: must be a valid object name',
      "projected.sources[0].clusterTrustBundle.name: Invalid value: \"\": not a valid clustertrustbundlename: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'projected.sources[0].clusterTrustBundle.path: Required value',
    ],
  ],
  [
    'a bundle of a name that is none',
    [{ clusterTrustBundle: { name: 'a:b', path: '..a' } }],
    [
      'projected.sources[0].clusterTrustBundle.name: Invalid value: "a:b": not a valid clustertrustbundlename: ClusterTrustBundle without signer name must not have ":" in its name',
      'projected.sources[0].clusterTrustBundle.path: Invalid value: "..a": must not start with \'..\'',
    ],
  ],
  [
    'a bundle by name and by labels',
    [{ clusterTrustBundle: { name: 'a', labelSelector: {}, path: 'a' } }],
    [
      'projected.sources[0].clusterTrustBundle.labelSelector: Invalid value: {}: labelSelector must be unset if name is specified',
    ],
  ],
  [
    'a bundle of no signer',
    [{ clusterTrustBundle: { signerName: '', path: 'a' } }],
    [
      'projected.sources[0].clusterTrustBundle.signerName: Required value: must be a valid signer name',
      'projected.sources[0].clusterTrustBundle.signerName: Required value',
    ],
  ],
  [
    'a bundle of a signer that is none',
    [{ clusterTrustBundle: { signerName: 'a', path: 'a' } }],
    [
      'projected.sources[0].clusterTrustBundle.signerName: Invalid value: "a": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
    ],
  ],
];

for (const [title, sources, expected] of cases) {
  test(`Pod.validate of a projected volume with ${title}`, () => {
    assert.deepEqual(faults(sources), expected);
  });
}

test('Pod.validate refuses a mode of a projected volume that is none', () => {
  assert.deepEqual(faults([], 0o1000), [
    'projected.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
  ]);
});
