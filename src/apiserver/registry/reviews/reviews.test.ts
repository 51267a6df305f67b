import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '../../../api/kind.ts';
import type { User } from '../../../client/user.ts';
import type { TokenAuthenticator } from '../../authentication/bearer-token.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { RequestInfo } from '../../request-info.ts';
import type { Review } from '../handlers.ts';
import { selfSubjectAccessReview, subjectAccessReview } from './access-reviews.ts';
import { selfSubjectReview, tokenReview } from './identity-reviews.ts';
import { selfSubjectRulesReview } from './self-subject-rules-review.ts';

const jane: User = { name: 'jane', uid: 'uid-1', groups: ['dev'], extra: { scopes: ['view'] } };
const ask = async (review: Review, body: object, { user = jane, namespace = '' } = {}) => {
  const object = { apiVersion: 'x/v1', kind: 'X', metadata: {}, ...body } as unknown as AnyObject;
  const answer = await review(object, { user, namespace, signal: new AbortController().signal });
  return (answer as { status: Record<string, unknown> }).status;
};

const pods = { verb: 'list', resource: 'pods', namespace: 'a' };

describe('access reviews', () => {
  const asked: { user: User; request: RequestInfo }[] = [];
  const authorizer: Authorizer = {
    authorize(user, request) {
      asked.push({ user, request });
      if (request.verb === 'list') return { verdict: 'allow', reason: 'RBAC: allowed' };
      return { verdict: request.verb === 'never' ? 'deny' : 'noOpinion', reason: '' };
    },
  };

  test('answer for the subject that is asked about', async () => {
    const status = await ask(subjectAccessReview({ authorizer }), {
      spec: {
        user: 'joe',
        uid: '7',
        groups: ['ops'],
        extra: { k: ['v'] },
        resourceAttributes: { ...pods, group: 'apps' },
      },
    });
    assert.deepEqual(status, { allowed: true, reason: 'RBAC: allowed' });
    const { user, request } = asked.at(-1)!;
    assert.deepEqual(user, { name: 'joe', uid: '7', groups: ['ops'], extra: { k: ['v'] } });
    assert.deepEqual([request.isResource, request.group, request.namespace], [true, 'apps', 'a']);
  });

  test('answer for oneself', async () => {
    const review = selfSubjectAccessReview({ authorizer });
    const url = { spec: { nonResourceAttributes: { verb: 'get', path: '/metrics' } } };
    assert.deepEqual(await ask(review, url), { allowed: false });
    assert.equal(asked.at(-1)?.user, jane);
    assert.deepEqual(await ask(review, { spec: { resourceAttributes: { verb: 'never' } } }), {
      allowed: false,
      denied: true,
    });
  });

  test('pass selectors on, as text', async () => {
    const requirement = (key: string, ...values: string[]) => ({ key, operator: 'In', values });
    await ask(selfSubjectAccessReview({ authorizer }), {
      spec: {
        resourceAttributes: {
          ...pods,
          fieldSelector: { requirements: [requirement('spec.nodeName', 'node1')] },
          labelSelector: { requirements: [requirement('app', 'web')] },
        },
      },
    });
    const { request } = asked.at(-1)!;
    assert.deepEqual([request.fieldSelector, request.labelSelector], ['spec.nodeName=node1', 'app in (web)']);
  });

  test('pass nothing on of what is not understood', async () => {
    const requirements = [{ key: 'app', operator: 'Like', values: ['w*'] }];
    await ask(selfSubjectAccessReview({ authorizer }), {
      spec: { resourceAttributes: { ...pods, fieldSelector: { requirements }, labelSelector: { requirements } } },
    });
    const { request } = asked.at(-1)!;
    assert.deepEqual([request.fieldSelector, request.labelSelector], [undefined, undefined]);
  });
});

describe('selfSubjectRulesReview', () => {
  const rules = [
    { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['x'] },
    { verbs: ['get'], nonResourceURLs: ['/healthz'] },
  ];
  const rbac = { rulesFor: () => ({ rules, errors: [] as string[] }) };

  test('lists rules for resources and for paths', async () => {
    assert.deepEqual(await ask(selfSubjectRulesReview({ rbac }), { spec: { namespace: 'a' } }), {
      resourceRules: [rules[0]],
      nonResourceRules: [rules[1]],
      incomplete: false,
    });
  });

  test('says that there is more to nodes than their rules', async () => {
    const user = { ...jane, name: 'system:node:x', groups: ['system:nodes'] };
    const status = await ask(selfSubjectRulesReview({ rbac }), { spec: { namespace: 'a' } }, { user });
    assert.equal(status['incomplete'], true);
    assert.equal(status['evaluationError'], 'node authorizer does not support user rule resolution');
  });

  test('asks for a namespace', async () => {
    await assert.rejects(ask(selfSubjectRulesReview({ rbac }), { spec: {} }), { message: 'no namespace on request' });
  });
});

describe('identity reviews', () => {
  const tokens: TokenAuthenticator = {
    async authenticateToken(token, audiences) {
      if (token === 'old') throw new Error('service account token has expired');
      return token === 'good' ? { user: jane, audiences } : undefined;
    },
  };
  const review = tokenReview({ tokens }, { audiences: ['api'] });
  const user = { username: 'jane', uid: 'uid-1', groups: ['dev'], extra: { scopes: ['view'] } };

  const cases: [string, object, object][] = [
    ['a good token', { token: 'good' }, { authenticated: true, user, audiences: ['api'] }],
    [
      'a good token for an audience',
      { token: 'good', audiences: ['vault'] },
      { authenticated: true, user, audiences: ['vault'] },
    ],
    ['an unknown token', { token: 'x' }, { user: {}, error: 'invalid bearer token' }],
    ['an expired token', { token: 'old' }, { user: {}, error: 'service account token has expired' }],
  ];
  for (const [name, spec, status] of cases) {
    test(`tokenReview answers ${name}`, async () => assert.deepEqual(await ask(review, { spec }), status));
  }

  test('tokenReview asks for a token', async () => {
    await assert.rejects(ask(review, { spec: {} }), { message: 'token is required for TokenReview in authentication' });
  });

  test('selfSubjectReview tells who one is', async () => {
    assert.deepEqual(await ask(selfSubjectReview(), {}), { userInfo: user });
  });
});
