// What is said of stateful sets that are taken as they are. Upstream: WarningsOnCreate and WarningsOnUpdate in
// pkg/registry/apps/statefulset.

import { claimSpecWarnings } from '../core/persistent-volume-claim-strategy.ts';
import { workloadWarnings } from '../core/pod-warnings.ts';
import { Path } from '../field-error.ts';
import type { StatefulSet } from './stateful-set.ts';

const CLAIMS = Path.of('spec', 'volumeClaimTemplates');

export function statefulSetWarnings(set: StatefulSet, previous: StatefulSet | undefined): readonly string[] {
  const { revisionHistoryLimit = 0, volumeClaimTemplates = [] } = set.spec;
  // The capital is upstream's.
  const ofClaims = volumeClaimTemplates.flatMap(({ spec }, i) =>
    claimSpecWarnings(spec, CLAIMS.index(i).child('Spec')),
  );
  const ofHistory =
    revisionHistoryLimit < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : [];
  return [...workloadWarnings(set, previous), ...ofClaims, ...ofHistory];
}
