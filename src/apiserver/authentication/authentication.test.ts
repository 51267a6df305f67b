import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StatusError } from '../../api/status-error.ts';
import type { User } from '../../client/user.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { ANONYMOUS_USER, authenticateRequest, mayBeAnonymous } from './anonymous.ts';
import type { Authenticator, Credentials } from './authenticator.ts';
import { authenticatorUnion } from './authenticator-union.ts';
import { bearerTokenAuthenticator, type TokenAuthenticator, tokenAuthenticatorUnion } from './bearer-token.ts';
import { impersonate } from './impersonation.ts';
import { parseTokenFile, staticTokenAuthenticator } from './static-tokens.ts';
import { reasonOf, unauthorized } from './unauthorized.ts';

const jane: User = { name: 'jane', uid: undefined, groups: ['system:authenticated'], extra: {} };
const none: Credentials = { authorization: undefined, certificate: undefined };
const bearer = (token: string): Credentials => ({ ...none, authorization: `Bearer ${token}` });
const says = (answer: User | undefined | string): Authenticator => ({
  async authenticate() {
    if (typeof answer === 'string') throw unauthorized(answer);
    return answer;
  },
});

describe('authenticatorUnion', () => {
  test('takes good credentials of one kind in spite of bad ones of another', async () => {
    assert.equal(await authenticatorUnion([says('bad'), says(jane)]).authenticate(none), jane);
  });

  test('is without a user when nobody knows the credentials', async () => {
    assert.equal(await authenticatorUnion([says(undefined), says(undefined)]).authenticate(none), undefined);
  });

  test('tells its caller Unauthorized and the log why', async () => {
    await assert.rejects(authenticatorUnion([says('one'), says('two')]).authenticate(none), (error: StatusError) => {
      assert.deepEqual([error.code, error.reason, error.message], [401, 'Unauthorized', 'Unauthorized']);
      assert.equal(reasonOf(error), '[one, two]');
      return true;
    });
  });

  test('does not hide that an authenticator broke down', async () => {
    const broken: Authenticator = { authenticate: () => Promise.reject(new RangeError('broken')) };
    await assert.rejects(authenticatorUnion([broken, says(jane)]).authenticate(none), RangeError);
  });
});

describe('bearerTokenAuthenticator', () => {
  const tokens = staticTokenAuthenticator(new Map([['secret', jane]]));
  const authenticator = bearerTokenAuthenticator({ tokens }, { audiences: ['api'] });
  const cases: [string | undefined, 'jane' | 'nobody' | 'rejected'][] = [
    ['Bearer secret', 'jane'],
    ['bearer secret', 'jane'],
    ['Bearer other', 'rejected'],
    ['Bearer', 'nobody'],
    ['Basic secret', 'nobody'],
    [undefined, 'nobody'],
  ];
  for (const [authorization, expected] of cases) {
    test(`finds ${expected} by ${authorization}`, async () => {
      const found = authenticator.authenticate({ ...none, authorization });
      if (expected === 'rejected') await assert.rejects(found, { reason: 'Unauthorized' });
      else assert.equal((await found)?.name ?? 'nobody', expected);
    });
  }

  test('says what was wrong with a token of a known kind', async () => {
    const expired: TokenAuthenticator = { authenticateToken: () => Promise.reject(new Error('it has expired')) };
    const union = tokenAuthenticatorUnion([tokens, expired]);
    const found = bearerTokenAuthenticator({ tokens: union }, { audiences: [] }).authenticate(bearer('x'));
    await assert.rejects(found, (error) => reasonOf(error) === 'it has expired');
  });
});

describe('parseTokenFile', () => {
  test('reads users with and without groups', () => {
    const tokens = parseTokenFile('t1,jane,1,"dev,ops"\nt2,joe,2\n\n');
    assert.deepEqual(tokens.get('t1'), {
      name: 'jane',
      uid: '1',
      groups: ['dev', 'ops', 'system:authenticated'],
      extra: {},
    });
    assert.deepEqual(tokens.get('t2')?.groups, ['system:authenticated']);
  });

  test('names the line that is wrong', () => {
    assert.throws(() => parseTokenFile('t1,jane,1\nt2,joe'), /line 2/);
  });
});

describe('authenticateRequest', () => {
  const cases: [string, boolean][] = [
    ['/healthz', true],
    ['/livez/etcd', true],
    ['/readyz', true],
    ['/version', true],
    ['/version/', true],
    ['/api', true],
    ['/api/v1', true],
    ['/apis/apps/v1', true],
    ['/openapi/v3/apis/apps/v1', true],
    ['/.well-known/openid-configuration', true],
    ['/openid/v1/jwks', true],
    ['/healthzz', false],
    ['/api/v1/pods', false],
    ['/apis/apps/v1/deployments', false],
    ['/metrics', false],
    ['/', false],
  ];
  for (const [path, expected] of cases) {
    test(`${expected ? 'lets' : 'does not let'} anybody come to ${path}`, async () => {
      assert.equal(mayBeAnonymous(path), expected);
      const user = authenticateRequest({ authenticator: says(undefined) }, none, path);
      if (expected) assert.equal(await user, ANONYMOUS_USER);
      else await assert.rejects(user, { code: 401, message: 'Unauthorized' });
    });
  }

  test('refuses bad credentials even where none are asked for', async () => {
    await assert.rejects(authenticateRequest({ authenticator: says('bad') }, none, '/healthz'), { code: 401 });
  });
});

describe('impersonate', () => {
  const asked: string[] = [];
  const allowing = (refused?: string): Authorizer => ({
    authorize(_user, { verb, group, resource, subresource, namespace, name }) {
      const what = `${verb} ${resource}.${group}/${subresource} ${namespace}/${name}`;
      asked.push(what);
      return { verdict: what === refused ? 'noOpinion' : 'allow', reason: '' };
    },
  });
  const act = (headers: Record<string, string>, refused?: string) => {
    asked.length = 0;
    return impersonate({ authorizer: allowing(refused) }, jane, headers);
  };

  const cases: [string, Record<string, string>, Partial<User> | undefined, string[]][] = [
    ['nobody without headers', { accept: 'text/plain' }, undefined, []],
    [
      'a user',
      { 'impersonate-user': 'joe' },
      { name: 'joe', groups: ['system:authenticated'] },
      ['impersonate users./ /joe'],
    ],
    [
      'a user with groups and a uid',
      { 'impersonate-user': 'joe', 'impersonate-group': 'dev, ops', 'impersonate-uid': '7' },
      { name: 'joe', uid: '7', groups: ['dev', 'ops', 'system:authenticated'] },
      [
        'impersonate users./ /joe',
        'impersonate groups./ /dev',
        'impersonate groups./ /ops',
        'impersonate uids.authentication.k8s.io/ /7',
      ],
    ],
    [
      'a service account with its groups',
      { 'impersonate-user': 'system:serviceaccount:a:robot' },
      { groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'] },
      ['impersonate serviceaccounts./ a/robot'],
    ],
    [
      'a service account with other groups',
      { 'impersonate-user': 'system:serviceaccount:a:robot', 'impersonate-group': 'dev' },
      { groups: ['dev', 'system:authenticated'] },
      ['impersonate serviceaccounts./ a/robot', 'impersonate groups./ /dev'],
    ],
    [
      'extras, with keys that were encoded',
      { 'impersonate-user': 'joe', 'impersonate-extra-example.com%2fscopes': 'view, edit' },
      { extra: { 'example.com/scopes': ['view', 'edit'] } },
      [
        'impersonate users./ /joe',
        'impersonate userextras.authentication.k8s.io/example.com/scopes /view',
        'impersonate userextras.authentication.k8s.io/example.com/scopes /edit',
      ],
    ],
    [
      'anonymous',
      { 'impersonate-user': 'system:anonymous' },
      { groups: ['system:unauthenticated'] },
      ['impersonate users./ /system:anonymous'],
    ],
    [
      'somebody unknown',
      { 'impersonate-user': 'joe', 'impersonate-group': 'system:unauthenticated' },
      { groups: ['system:unauthenticated'] },
      ['impersonate users./ /joe', 'impersonate groups./ /system:unauthenticated'],
    ],
  ];
  for (const [name, headers, expected, questions] of cases) {
    test(`makes the user ${name}`, () => {
      const user = act(headers);
      if (expected === undefined) assert.equal(user, undefined);
      else for (const [key, value] of Object.entries(expected)) assert.deepEqual(user?.[key as keyof User], value);
      assert.deepEqual(asked, questions);
    });
  }

  test('refuses what the sender may not impersonate', () => {
    const headers = { 'impersonate-user': 'joe', 'impersonate-group': 'system:masters' };
    assert.throws(() => act(headers, 'impersonate groups./ /system:masters'), {
      message:
        'groups "system:masters" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    });
  });

  test('asks for a user where there are groups', () => {
    assert.throws(
      () => act({ 'impersonate-group': 'dev' }),
      (error: StatusError) => {
        assert.equal(error.code, 400);
        return /without impersonating a user name$/.test(error.message);
      },
    );
  });
});
