import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { Secret } from './secret.ts';

type Input = Parameters<typeof faultsOf<typeof Secret>>[1];
const faults = (secret: Input) => faultsOf(Secret, secret);
const text = (stringData: Readonly<Record<string, string>>, type: string): Input => ({ type, stringData });

const cases: readonly [title: string, secret: Input, expected: readonly string[]][] = [
  ['nothing', {}, []],
  ['a type of somebody', text({}, 'example.com/type'), []],
  ['a type that is a name of JavaScript', text({}, 'constructor'), []],
  [
    'a key that is none',
    text({ 'a/b': '' }, 'Opaque'),
    [
      "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
  [
    'more than a mebibyte',
    text({ a: 'a'.repeat(1048577) }, 'Opaque'),
    ['data: Too long: may not be more than 1048576 bytes'],
  ],
  [
    'a token of an account',
    {
      metadata: { annotations: { 'kubernetes.io/service-account.name': 'default' } },
      type: 'kubernetes.io/service-account-token',
    },
    [],
  ],
  [
    'a token of nobody',
    { type: 'kubernetes.io/service-account-token' },
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  ['a registry of old', text({ '.dockercfg': '{}' }, 'kubernetes.io/dockercfg'), []],
  ['a registry of old that is not there', text({}, 'kubernetes.io/dockercfg'), ['data[.dockercfg]: Required value']],
  [
    'a registry of old that is no JSON',
    text({ '.dockercfg': 'password' }, 'kubernetes.io/dockercfg'),
    [
      `data[.dockercfg]: Invalid value: "<secret contents redacted>": invalid character 'p' looking for beginning of value`,
    ],
  ],
  ['a registry', text({ '.dockerconfigjson': '{}' }, 'kubernetes.io/dockerconfigjson'), []],
  [
    'a registry that is not there',
    text({}, 'kubernetes.io/dockerconfigjson'),
    ['data[.dockerconfigjson]: Required value'],
  ],
  [
    'a registry that is no object',
    text({ '.dockerconfigjson': '[]' }, 'kubernetes.io/dockerconfigjson'),
    [
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
  ],
  ['a password', text({ password: '' }, 'kubernetes.io/basic-auth'), []],
  [
    'neither a user nor a password',
    text({}, 'kubernetes.io/basic-auth'),
    ['data[username]: Required value', 'data[password]: Required value'],
  ],
  ['a key of SSH', text({ 'ssh-privatekey': 'a' }, 'kubernetes.io/ssh-auth'), []],
  [
    'an empty key of SSH',
    text({ 'ssh-privatekey': '' }, 'kubernetes.io/ssh-auth'),
    ['data[ssh-privatekey]: Required value'],
  ],
  ['a certificate', text({ 'tls.crt': '', 'tls.key': '' }, 'kubernetes.io/tls'), []],
  ['no certificate', text({}, 'kubernetes.io/tls'), ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
];

for (const [title, secret, expected] of cases) {
  test(`Secret.validate of ${title}`, () => {
    assert.deepEqual(faults(secret), expected);
  });
}

const updateFaults = (secret: Input, previous: Input) => updateFaultsOf(Secret, secret, previous);

const updateCases: readonly [title: string, secret: Input, previous: Input, expected: readonly string[]][] = [
  ['its data', text({ a: 'b' }, 'Opaque'), text({}, 'Opaque'), []],
  ['its type', text({}, 'a'), text({}, 'Opaque'), ['type: Invalid value: "a": field is immutable']],
  [
    'what is immutable',
    text({ a: 'b' }, 'Opaque'),
    { ...text({ a: 'c' }, 'Opaque'), immutable: true },
    [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ],
  ],
];

for (const [title, secret, previous, expected] of updateCases) {
  test(`Secret.validateUpdate of ${title}`, () => {
    assert.deepEqual(updateFaults(secret, previous), expected);
  });
}
