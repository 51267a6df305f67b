// What becomes of the data sources of a claim, and what claims are warned of. Upstream:
// pkg/registry/core/persistentvolumeclaim and pkg/api/persistentvolumeclaim; for data sources KEP-1495.

import { Path } from '../field-error.ts';
import type { Draft } from '../schema.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './persistent-volume-claim.ts';
import type { TypedLocalObjectReference } from './references.ts';
import { fractionWarnings } from './resource-warnings.ts';
import { storageClassAnnotationWarnings } from './storage-class-annotation.ts';

export function prepareClaimForCreate(claim: Draft<PersistentVolumeClaim>): void {
  claim.status = { phase: 'Pending' };
  settleDataSources(claim.spec, undefined);
}

export function prepareClaimForUpdate({ spec }: Draft<PersistentVolumeClaim>, previous: PersistentVolumeClaim): void {
  settleDataSources(spec, previous.spec);
}

/** What a claim is filled with stands in two fields: clients write one of them, and find it in both. */
function settleDataSources(
  spec: Draft<PersistentVolumeClaimSpec>,
  previous: PersistentVolumeClaimSpec | undefined,
): void {
  // Sources in other namespaces are behind a feature gate that is off: CrossNamespaceVolumeDataSource.
  if (spec.dataSourceRef?.namespace && !previous?.dataSourceRef) delete spec.dataSourceRef;
  const hadSource = previous?.dataSource !== undefined || previous?.dataSourceRef !== undefined;
  if (!hadSource && !spec.dataSourceRef && spec.dataSource && !isKnownSource(spec.dataSource)) delete spec.dataSource;

  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  if (!dataSource && dataSourceRef && !dataSourceRef.namespace) {
    const { namespace: _, ...source } = dataSourceRef;
    spec.dataSource = source;
  }
}

/** The older field has always ignored everything else. */
function isKnownSource({ apiGroup, kind }: TypedLocalObjectReference): boolean {
  return kind === 'PersistentVolumeClaim'
    ? !apiGroup
    : kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
}

export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): readonly string[] {
  return [...storageClassAnnotationWarnings(metadata), ...claimSpecWarnings(spec, Path.of('spec'))];
}

export function claimSpecWarnings({ resources }: PersistentVolumeClaimSpec, at: Path): readonly string[] {
  return (['requests', 'limits'] as const).flatMap((field) =>
    fractionWarnings(resources[field], ['storage'], at.child('resources', field)),
  );
}
