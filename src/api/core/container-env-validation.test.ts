import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Container = NonNullable<NonNullable<NonNullable<Input['spec']>['containers']>[number]>;
type Env = NonNullable<NonNullable<Container['env']>[number]>;
type EnvFrom = NonNullable<NonNullable<Container['envFrom']>[number]>;

const withContainer = (container: Partial<Container>) =>
  faultsOf(Pod, { spec: { volumes, containers: [{ name: 'main', image: 'nginx', ...container }] } }).map((fault) =>
    fault.replace('spec.containers[0].', ''),
  );
const volumes = [
  { name: 'v', emptyDir: {} },
  { name: 'settings', configMap: { name: 'settings' } },
];
const faults = (env: Env) => withContainer({ env: [env] });

const cases: readonly [title: string, env: Env, expected: readonly string[]][] = [
  ['a value', { name: 'KEY', value: 'value' }, []],
  ['an empty value', { name: 'KEY' }, []],
  ['a key of a ConfigMap', { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a.b' } } }, []],
  ['a key of a Secret', { name: 'KEY', valueFrom: { secretKeyRef: { name: 'settings', key: 'a.b' } } }, []],
  ['a key of a file', { name: 'KEY', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'a/b', key: 'KEY' } } }, []],
  ['a field', { name: 'KEY', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, []],
  ['a label', { name: 'KEY', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }, []],
  [
    'an annotation in upper case',
    { name: 'KEY', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['example.com/A']" } } },
    [],
  ],
  ['a resource', { name: 'KEY', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } }, []],
  ['no name', { name: '' }, ['env[0].name: Required value']],
  [
    'a name that is none',
    { name: '1=2' },
    [
      'env[0].name: Invalid value: "1=2": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
  ],
  [
    'no source',
    { name: 'KEY', valueFrom: {} },
    [
      'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
  ],
  [
    'a value and a source',
    { name: 'KEY', value: 'v', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ['env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
  ],
  [
    'two sources',
    { name: 'KEY', valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 'a', key: 'b' } } },
    ['env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
  ],
  [
    'a key without an object',
    { name: 'KEY', valueFrom: { configMapKeyRef: { name: '', key: '' } } },
    [
      "env[0].valueFrom.configMapKeyRef.name: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'env[0].valueFrom.configMapKeyRef.key: Required value',
    ],
  ],
  [
    'a key that is none',
    { name: 'KEY', valueFrom: { secretKeyRef: { name: 'a', key: 'a/b' } } },
    [
      "env[0].valueFrom.secretKeyRef.key: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
  [
    'a file without a name',
    { name: 'KEY', valueFrom: { fileKeyRef: { volumeName: '', path: '', key: '' } } },
    [
      'env[0].valueFrom.fileKeyRef.volumeName: Required value',
      'env[0].valueFrom.fileKeyRef.path: Required value',
      'env[0].valueFrom.fileKeyRef.key: Required value',
      'env[0].valueFrom.fileKeyRef.volumeName: Not found: ""',
    ],
  ],
  [
    'a file of a volume that there is not',
    { name: 'KEY', valueFrom: { fileKeyRef: { volumeName: 'a.b', path: '/a/..b', key: 'KEY' } } },
    [
      'env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "a.b": must not contain dots',
      'env[0].valueFrom.fileKeyRef.volumeName: Not found: "a.b"',
    ],
  ],
  [
    'a file that the pod has not written',
    { name: 'KEY', valueFrom: { fileKeyRef: { volumeName: 'settings', path: 'a', key: 'KEY' } } },
    ['env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "settings": referenced volume must be of type emptyDir'],
  ],
  [
    'a file outside of its volume',
    { name: 'KEY', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../a', key: '=' } } },
    [
      'env[0].valueFrom.fileKeyRef.path: Invalid value: "../a": must not contain \'..\'',
      'env[0].valueFrom.fileKeyRef.key: Invalid value: "=": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
  ],
  [
    'no field',
    { name: 'KEY', valueFrom: { fieldRef: { fieldPath: '' } } },
    ['env[0].valueFrom.fieldRef.fieldPath: Required value'],
  ],
  [
    'a field of another version',
    { name: 'KEY', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } },
    [
      'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
    ],
  ],
  [
    'a field that is unknown',
    { name: 'KEY', valueFrom: { fieldRef: { fieldPath: 'metadata.other' } } },
    [
      'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.other": error converting fieldPath: field label not supported: metadata.other',
    ],
  ],
  [
    'a field that is not for variables',
    { name: 'KEY', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
    [
      'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
    ],
  ],
  [
    'a subscript of what has none',
    { name: 'KEY', valueFrom: { fieldRef: { fieldPath: "metadata.name['a']" } } },
    [
      "env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.name['a']\": error converting fieldPath: field label does not support subscript: metadata.name['a']",
    ],
  ],
  [
    'a label that is none',
    { name: 'KEY', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } },
    [
      "env[0].valueFrom.fieldRef: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'no resource',
    { name: 'KEY', valueFrom: { resourceFieldRef: { resource: '' } } },
    ['env[0].valueFrom.resourceFieldRef.resource: Required value'],
  ],
  [
    'an unknown resource',
    { name: 'KEY', valueFrom: { resourceFieldRef: { resource: 'limits.pids' } } },
    [
      'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.pids": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
    ],
  ],
  [
    'a divisor that is not for processor time',
    { name: 'KEY', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
    [
      'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
    ],
  ],
  [
    'a divisor that is not for memory',
    { name: 'KEY', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1m' } } },
    [
      'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "requests.memory": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource',
    ],
  ],
  [
    'a divisor that is not for storage',
    { name: 'KEY', valueFrom: { resourceFieldRef: { resource: 'requests.ephemeral-storage', divisor: '1m' } } },
    [
      'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "requests.ephemeral-storage": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the local ephemeral storage resource',
    ],
  ],
  [
    'a divisor that is not for huge pages',
    { name: 'KEY', valueFrom: { resourceFieldRef: { resource: 'requests.hugepages-2Mi', divisor: '1m' } } },
    [
      'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "requests.hugepages-2Mi": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the hugepages resource',
    ],
  ],
];

for (const [title, env, expected] of cases) {
  test(`Pod.validate of a variable with ${title}`, () => {
    assert.deepEqual(faults(env), expected);
  });
}

const fromFaults = (source: EnvFrom) => withContainer({ envFrom: [source] });

const fromCases: readonly [title: string, source: EnvFrom, expected: readonly string[]][] = [
  ['a ConfigMap', { prefix: 'A_', configMapRef: { name: 'settings' } }, []],
  ['a Secret', { secretRef: { name: 'settings' } }, []],
  ['what could be the beginning of a name', { secretRef: { name: 'settings-' } }, []],
  ['nothing', {}, ['envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']],
  [
    'both',
    { configMapRef: { name: 'a' }, secretRef: { name: 'b' } },
    ['envFrom: Invalid value: "": may not have more than one field specified at a time'],
  ],
  ['an object without a name', { configMapRef: {} }, ['envFrom[0].configMapRef.name: Required value']],
  [
    'an object with a name that is none',
    { secretRef: { name: 'A' } },
    [
      "envFrom[0].secretRef.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a prefix that is none',
    { prefix: '=', secretRef: { name: 'a' } },
    [
      'envFrom[0].prefix: Invalid value: "=": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
  ],
];

for (const [title, source, expected] of fromCases) {
  test(`Pod.validate of variables from ${title}`, () => {
    assert.deepEqual(fromFaults(source), expected);
  });
}
