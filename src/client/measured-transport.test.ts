import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../base/clock.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import { clientMetrics, measuredTransport } from './measured-transport.ts';
import type { ApiRequest, Transport } from './transport.ts';

test('measuredTransport counts answers, and requests without one', async () => {
  const clock = new FakeClock();
  const registry = new MetricsRegistry();
  const transport: Transport = {
    async send({ path }) {
      await clock.advance(30);
      if (path === '/broken') throw new Error('the connection broke');
      return { status: 404, headers: {}, body: { type: 'none' } };
    },
    async [Symbol.asyncDispose]() {},
  };
  const measured = measuredTransport(transport, { metrics: clientMetrics(registry, { host: 'h:1' }), clock });
  const request = (path: string) => ({ method: 'GET', path }) as ApiRequest;
  assert.equal((await measured.send(request('/'))).status, 404);
  await assert.rejects(measured.send(request('/broken')), { message: 'the connection broke' });
  const lines = registry.text().split('\n');
  assert.deepEqual(
    lines.filter((line) => /^rest_client_\w+_(total|sum)\{/.test(line)),
    [
      'rest_client_requests_total{code="404",method="GET",host="h:1"} 1',
      'rest_client_requests_total{code="<error>",method="GET",host="h:1"} 1',
      'rest_client_request_duration_seconds_sum{verb="GET",host="h:1"} 0.06',
    ],
  );
});
