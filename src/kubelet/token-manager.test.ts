import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod } from '../../test/support/kubelet-objects.ts';
import { FakeClock } from '../base/clock.ts';
import type { Client } from '../client/client.ts';
import { TokenManager } from './token-manager.ts';

const HOUR = 3_600_000;

/** An API server that issues tokens for as long as they are asked for, if it answers. */
function managerWith() {
  const clock = new FakeClock();
  const requests: {
    readonly ref: unknown;
    readonly spec: { audiences: string[]; expirationSeconds: number; boundObjectRef: unknown };
  }[] = [];
  const server = { answers: true };
  const client = {
    act: async (
      _kind: unknown,
      ref: unknown,
      _subresource: string,
      body: { spec: (typeof requests)[number]['spec'] },
    ) => {
      if (!server.answers) throw new Error('no answer');
      requests.push({ ref, spec: body.spec });
      const expirationTimestamp = new Date(clock.now() + body.spec.expirationSeconds * 1000).toISOString();
      return { status: { token: `token-${requests.length}`, expirationTimestamp } };
    },
  } as unknown as Client;
  const tokens = new TokenManager({ client, clock, random: { next: () => 0, uuid: () => '' } });
  return { tokens, clock, requests, server };
}

describe('TokenManager', () => {
  const pod = kubeletPod({ spec: { serviceAccountName: 'builder' } });

  test('asks for a token that is bound to the pod, once', async () => {
    const { tokens, requests } = managerWith();
    assert.equal(await tokens.token(pod, 'vault', 3600), 'token-1');
    assert.equal(await tokens.token(pod, 'vault', 3600), 'token-1');
    assert.deepEqual(requests, [
      {
        ref: { namespace: 'default', name: 'builder' },
        spec: {
          audiences: ['vault'],
          expirationSeconds: 3600,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'pod', uid: 'uid-pod' },
        },
      },
    ]);
    assert.equal(await tokens.token(pod, '', 3600), 'token-2');
    assert.deepEqual(requests[1]?.spec.audiences, []);
  });

  test('renews it at four fifths of its life, and after a day at the latest', async () => {
    const { tokens, clock } = managerWith();
    await tokens.token(pod, 'a', 3600);
    assert.equal(tokens.renewalOf('uid-pod'), clock.now() + HOUR * 0.8);
    await clock.advance(HOUR * 0.8 - 1);
    assert.equal(await tokens.token(pod, 'a', 3600), 'token-1');
    await clock.advance(1);
    assert.equal(await tokens.token(pod, 'a', 3600), 'token-2');
    const other = kubeletPod({ name: 'other' });
    await tokens.token(other, 'a', 7 * 86_400);
    assert.equal(tokens.renewalOf('uid-other'), clock.now() + 24 * HOUR);
  });

  test('uses a token that cannot be renewed to its end', async () => {
    const { tokens, clock, server } = managerWith();
    await tokens.token(pod, 'a', 3600);
    server.answers = false;
    await clock.advance(HOUR - 1);
    assert.equal(await tokens.token(pod, 'a', 3600), 'token-1');
    await clock.advance(1);
    await assert.rejects(tokens.token(pod, 'a', 3600), /no answer/);
  });

  test('forgets what a pod had', async () => {
    const { tokens } = managerWith();
    await tokens.token(pod, 'a', 3600);
    tokens.forget('uid-pod');
    assert.equal(tokens.renewalOf('uid-pod'), undefined);
    assert.equal(await tokens.token(pod, 'a', 3600), 'token-2');
  });
});
