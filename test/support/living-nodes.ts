// Nodes of a controlled cluster that live as long as the test says: they renew their leases while time passes.

import { Lease } from '../../src/api/coordination/lease.ts';
import { formatMicroTime } from '../../src/api/time.ts';
import type { ControlledCluster } from './controlled-cluster.ts';

const RENEWAL_MS = 5_000;

/** Lets time pass while these nodes live, and others do not. */
export async function live(
  { admin, clock, pass }: Pick<ControlledCluster, 'admin' | 'clock' | 'pass'>,
  names: readonly string[],
  ms: number,
): Promise<void> {
  for (let passed = 0; passed < ms; passed += RENEWAL_MS) {
    for (const name of names) {
      const ref = { namespace: 'kube-node-lease', name };
      const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(clock.now()) };
      const body = { spec };
      await admin.patch(Lease, ref, { type: 'merge', body }).catch(() => admin.create(Lease, { metadata: ref, spec }));
    }
    await pass(RENEWAL_MS);
  }
}
