import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lease } from '../api/coordination/lease.ts';
import { alreadyExists, conflict, notFound, type StatusError } from '../api/status-error.ts';
import { FakeClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { createClient } from './create-client.ts';
import { type Lead, runWhileLeading } from './leader-election.ts';
import type { ApiResponse, Transport } from './transport.ts';

const RESOURCE = { group: 'coordination.k8s.io', resource: 'leases' };

/** One lease, written by compare-and-swap, behind as many lines as there are candidates. */
class LeaseServer {
  lease: Lease | undefined;
  #revision = 0;

  line(): Transport & { down: boolean } {
    const line = {
      down: false,
      send: async ({ method, body }: Parameters<Transport['send']>[0]): Promise<ApiResponse> => {
        await Promise.resolve();
        if (line.down) throw new Error('connection refused');
        const given = body?.type === 'object' ? (body.object as Lease) : undefined;
        const answer = this.#answer(method, given);
        return 'code' in answer
          ? { status: answer.code, headers: {}, body: { type: 'object', object: answer.toStatus() } }
          : { status: 200, headers: {}, body: { type: 'object', object: answer } };
      },
      async [Symbol.asyncDispose]() {},
    };
    return line;
  }

  #answer(method: string, given: Lease | undefined): Lease | StatusError {
    const current = this.lease;
    if (method === 'GET') return current ?? notFound(RESOURCE, 'l');
    if (method === 'POST' && current) return alreadyExists(RESOURCE, 'l');
    const isStale = given?.metadata.resourceVersion !== current?.metadata.resourceVersion;
    if (method === 'PUT' && isStale) return conflict(RESOURCE, 'l', 'modified');
    const resourceVersion = String(++this.#revision);
    this.lease = { ...(given as Lease), metadata: { ...(given as Lease).metadata, resourceVersion } };
    return this.lease;
  }
}

function open() {
  const clock = new FakeClock();
  const server = new LeaseServer();
  const leaders = new Set<string>();
  const history: string[] = [];
  const candidate = (identity: string, seed: number, lead?: Lead) => {
    const line = server.line();
    const stop = new AbortController();
    const client = createClient(line, { userAgent: identity });
    const deps = { client, clock, random: seededRandom(seed), log: silentLogger };
    const options = { lease: { namespace: 'kube-system', name: 'l' }, identity, signal: stop.signal };
    const running = runWhileLeading(deps, options, async (signal) => {
      assert.equal(leaders.size, 0, 'two lead at once');
      leaders.add(identity);
      history.push(identity);
      try {
        if (lead) await lead(signal);
        else await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      } finally {
        leaders.delete(identity);
      }
    });
    return { line, stop, running };
  };
  return { clock, server, leaders, history, candidate };
}

test('runWhileLeading lets one lead and hands over at once when it stops', async () => {
  const { clock, server, leaders, candidate } = open();
  const a = candidate('a', 1);
  await clock.advance(1000);
  const b = candidate('b', 2);
  await clock.advance(60_000);
  assert.deepEqual([...leaders], ['a']);
  a.stop.abort();
  await clock.advance(0);
  await a.running;
  assert.equal(server.lease?.spec.holderIdentity, '');
  await clock.advance(5000);
  assert.deepEqual([...leaders], ['b']);
  assert.equal(server.lease?.spec.leaseTransitions, 1);
  b.stop.abort();
  await clock.advance(0);
  await b.running;
});

test('runWhileLeading stops leading before another begins when it cannot renew', async () => {
  const { clock, leaders, history, candidate } = open();
  const a = candidate('a', 1);
  await clock.advance(5000);
  const b = candidate('b', 2);
  await clock.advance(5000);
  a.line.down = true;
  await clock.advance(11_000);
  assert.equal(leaders.size, 0);
  await clock.advance(15_000);
  assert.deepEqual([...leaders], ['b']);
  a.line.down = false;
  await clock.advance(60_000);
  assert.deepEqual(history, ['a', 'b']);
  for (const { stop } of [a, b]) stop.abort();
  await clock.advance(0);
  await Promise.all([a.running, b.running]);
});

test('runWhileLeading ends with what its work threw, the lease given back', async () => {
  const { clock, server, candidate } = open();
  const a = candidate('a', 1, async () => {
    throw new Error('cannot lead');
  });
  const ended = assert.rejects(a.running, /cannot lead/);
  await clock.advance(5000);
  await ended;
  assert.equal(server.lease?.spec.holderIdentity, '');
});
