// The fields of leases that go with CoordinatedLeaderElection, which is off by default in v1.36 (KEP 4355): they are
// dropped where they were not there before. Upstream: pkg/registry/coordination/lease/strategy.go.

import type { Draft } from '../schema.ts';
import type { Lease } from './lease.ts';

export function prepareLeaseForCreate({ spec }: Draft<Lease>): void {
  delete spec.strategy;
  delete spec.preferredHolder;
}

export function prepareLeaseForUpdate({ spec }: Draft<Lease>, previous: Lease): void {
  if (previous.spec.strategy === undefined) delete spec.strategy;
  if (previous.spec.preferredHolder === undefined) delete spec.preferredHolder;
}
