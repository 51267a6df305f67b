import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Secret } from '../../api/core/secret.ts';
import { credentialsFor as lookUp, secretCredentials } from './pull-credentials.ts';

const base64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const config = (auths: object) =>
  ({ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64({ auths }) } }) as unknown as Secret;
const login = (username: string) => ({ auth: base64(`${username}:pass:word`) });
const METADATA = { uid: 'uid', namespace: 'default', name: 'login' };
const credentialsFor = (image: string, secrets: readonly Secret[]) =>
  lookUp(
    image,
    secrets.flatMap((secret) => secretCredentials({ ...secret, metadata: METADATA as Secret['metadata'] })),
  );
const usersFor = (image: string, ...secrets: Secret[]) =>
  credentialsFor(image, secrets).map(({ auth }) => auth.username);

describe('credentialsFor', () => {
  const cases: readonly (readonly [string, string, object, readonly string[]])[] = [
    ['a registry', 'registry.example.com/app', { 'registry.example.com': login('a') }, ['a']],
    [
      'a registry with its port',
      'registry.example.com:5000/app',
      { 'registry.example.com:5000': login('a'), 'registry.example.com': login('b') },
      ['a'],
    ],
    ['the hub, by any of its names', 'busybox', { 'https://index.docker.io/v1/': login('a') }, ['a']],
    ['the hub, named in the image', 'docker.io/library/busybox', { 'https://index.docker.io/v1/': login('a') }, ['a']],
    ['the hub, as images name it', 'busybox:1', { 'docker.io': login('a'), 'index.docker.io': login('b') }, ['a']],
    ['a repository of the hub', 'team/app', { 'docker.io/team': login('a'), 'docker.io/library': login('b') }, ['a']],
    ['a scheme before it', 'registry.example.com/app', { 'https://registry.example.com/v2/': login('a') }, ['a']],
    [
      'the longest path first',
      'r.example.com/team/app',
      {
        'r.example.com': login('all'),
        'r.example.com/team': login('team'),
        'r.example.com/te': login('as text'),
        'r.example.com/other': login('not'),
      },
      ['team', 'as text', 'all'],
    ],
    [
      'a glob of one label',
      'eu.r.example.com/app',
      { '*.r.example.com': login('a'), '*.example.com': login('b') },
      ['a'],
    ],
    ['nobody else', 'elsewhere.example.com/app', { 'registry.example.com': login('a') }, []],
    ['nobody for what is no image', 'No Image', { 'registry.example.com': login('a') }, []],
  ];
  for (const [name, image, auths, expected] of cases) {
    test(name, () => assert.deepEqual(usersFor(image, config(auths)), expected));
  }

  test('reads user and password however they are written', () => {
    const [first] = credentialsFor('r.example.com/a', [config({ 'r.example.com': login('me') })]);
    assert.deepEqual([first?.auth.username, first?.auth.password], ['me', 'pass:word']);
    const [second] = credentialsFor('r.example.com/a', [
      config({ 'r.example.com': { username: 'me', password: 'secret', identitytoken: 'id' } }),
    ]);
    assert.deepEqual(
      [second?.auth.username, second?.auth.password, second?.auth.identityToken],
      ['me', 'secret', 'id'],
    );
    const old = {
      type: 'kubernetes.io/dockercfg',
      data: { '.dockercfg': base64({ 'r.example.com': login('old') }) },
    } as unknown as Secret;
    assert.deepEqual(usersFor('r.example.com/a', old), ['old']);
  });

  test('passes over what it cannot read', () => {
    const broken = [
      { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{') } },
      { type: 'kubernetes.io/dockerconfigjson', data: {} },
      { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64(null) } },
      { type: 'Opaque', data: { '.dockerconfigjson': base64({ auths: { 'r.example.com': login('a') } }) } },
      config({ 'r.example.com': null, 'x.example.com': {} }),
    ] as unknown as Secret[];
    assert.deepEqual(usersFor('r.example.com/a', ...broken), []);
  });
});
