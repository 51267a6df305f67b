import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Kind } from '../../api/kind.ts';
import { FakeClock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import { DelegatedAccess, nodeAttributes } from './delegated-access.ts';
import { RequestError } from './request-error.ts';

describe('nodeAttributes', () => {
  const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['GET', '/metrics/cadvisor', 'get', ['metrics']],
    ['GET', '/stats/summary', 'get', ['stats']],
    ['GET', '/logs/syslog', 'get', ['log']],
    ['POST', '/checkpoint/a/b/c', 'create', ['checkpoint']],
    ['GET', '/pods', 'get', ['pods', 'proxy']],
    ['HEAD', '/healthz', 'get', ['healthz', 'proxy']],
    ['GET', '/configz', 'get', ['configz', 'proxy']],
    ['GET', '/containerLogs/a/b/c', 'get', ['proxy']],
    ['POST', '/exec/a/b/c', 'create', ['proxy']],
    ['GET', '/', 'get', ['proxy']],
  ];
  for (const [method, path, verb, subresources] of cases) {
    test(`${method} ${path}: ${verb} nodes/${subresources}`, () => {
      assert.deepEqual(nodeAttributes({ method, segments: path.split('/').slice(1) }), { verb, subresources });
    });
  }
});

describe('DelegatedAccess', () => {
  /** An API server that knows one token, and whose holder, like everybody of `monitors`, may read metrics. */
  function open() {
    const asked: string[] = [];
    const client = {
      async create({ kind }: Kind, { spec }: { spec: Record<string, unknown> }) {
        if (kind === 'TokenReview') {
          asked.push(`who is ${spec['token']}`);
          const authenticated = spec['token'] === 'good';
          return {
            status: {
              authenticated,
              ...(authenticated ? { user: { username: 'prometheus', groups: ['monitors'] } } : {}),
            },
          };
        }
        const { verb, subresource, name } = spec['resourceAttributes'] as Record<string, string>;
        asked.push(`may ${spec['user']} ${verb} ${subresource} of ${name}`);
        return { status: { allowed: (spec['groups'] as string[]).includes('monitors') && subresource === 'metrics' } };
      },
    } as unknown as Client;
    const clock = new FakeClock();
    const access = new DelegatedAccess({ client, clock }, { nodeName: 'node-1' });
    const get = (path: string, requester: { token?: string; groups?: readonly string[] }) =>
      access.check(
        {
          token: requester.token,
          certificate: requester.groups ? { commonName: 'jane', organizations: requester.groups } : undefined,
        },
        { method: 'GET', segments: path.split('/').slice(1) },
      );
    return { asked, clock, get };
  }
  const refused = (status: number, message: string) => (error: unknown) =>
    error instanceof RequestError && error.status === status && error.message === message;

  test('lets those in whom the API server knows and allows, and asks again only after a while', async () => {
    const { asked, clock, get } = open();
    await get('/metrics', { token: 'good' });
    await get('/metrics/resource', { token: 'good' });
    assert.deepEqual(asked.splice(0), ['who is good', 'may prometheus get metrics of node-1']);
    await clock.advance(120_000);
    await get('/metrics', { token: 'good' });
    assert.deepEqual(asked.splice(0), ['who is good']);
    await get('/metrics', { groups: ['monitors'] });
    assert.deepEqual(asked, ['may jane get metrics of node-1']);
  });

  test('keeps others out', async () => {
    const { asked, clock, get } = open();
    await assert.rejects(get('/metrics', {}), refused(401, 'Unauthorized'));
    await assert.rejects(get('/metrics', { token: 'bad' }), refused(401, 'Unauthorized'));
    const why = 'Forbidden (user=prometheus, verb=get, resource=nodes, subresource(s)=[pods proxy])';
    await assert.rejects(get('/pods', { token: 'good' }), refused(403, why));
    asked.length = 0;
    await assert.rejects(get('/pods', { token: 'good' }), refused(403, why));
    assert.deepEqual(asked, []);
    await clock.advance(30_000);
    await assert.rejects(get('/pods', { token: 'good' }), refused(403, why));
    assert.equal(asked.length, 2);
  });
});
