// Leases, as objects. Upstream: test/e2e/common/node/lease.go.

import assert from 'node:assert/strict';
import { Lease } from '../../../src/api/coordination/lease.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import type { Conformance } from './conformance-suite.ts';

export function leaseTests(conformance: Conformance): void {
  conformance('[sig-node] Lease lease API should be available', async ({ client, namespace }) => {
    const metadata = { name: 'lease', namespace };
    const assertRead = async (expected: object) => assert.deepEqual((await client.get(Lease, metadata)).spec, expected);
    const first = spec('holder', 30, 2, 5, 0);
    const created = await client.create(Lease, { metadata, spec: first });
    await assertRead(first);
    const second = spec('holder2', 30, 20, 50, 1);
    await client.update(Lease, { metadata: created.metadata, spec: second });
    await assertRead(second);
    const third = spec('holder3', 60, 50, 70, 2);
    await client.patch(Lease, metadata, { type: 'strategic', body: { spec: third } });
    await assertRead(third);

    const labels = { deletecollection: 'true' };
    await client.create(Lease, { metadata: { name: 'lease2', namespace, labels }, spec: first });
    const names = async () => (await client.list(Lease, { namespace })).items.map((item) => item.metadata.name);
    assert.deepEqual(await names(), ['lease', 'lease2']);
    await client.deleteCollection(Lease, { namespace, labelSelector: 'deletecollection=true' });
    assert.deepEqual(await names(), ['lease']);
    await client.delete(Lease, metadata);
    await assert.rejects(client.get(Lease, metadata), (error) => isStatusError(error, 'NotFound'));
    const everywhere = (await client.list(Lease)).items.map((item) => item.metadata.namespace);
    assert.ok(everywhere.includes('kube-node-lease') && !everywhere.includes(namespace));
  });
}

/** The times in seconds of the year 1, with which upstream shows that they are kept to the microsecond. */
function spec(holder: string, durationSeconds: number, acquired: number, renewed: number, transitions: number) {
  const at = (seconds: number) =>
    `0001-01-01T00:${`0${Math.floor(seconds / 60)}`.slice(-2)}:${`0${seconds % 60}`.slice(-2)}.000000Z`;
  return {
    holderIdentity: holder,
    leaseDurationSeconds: durationSeconds,
    acquireTime: at(acquired),
    renewTime: at(renewed),
    leaseTransitions: transitions,
  };
}
