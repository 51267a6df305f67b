// What may change of a persistent volume that exists. Upstream: ValidatePersistentVolumeUpdate in
// pkg/apis/core/validation.

import { changedFields } from '../changed-fields.ts';
import { deepEqual } from '../deep-equal.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { NodeSelectorRequirement } from './affinity.ts';
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from './persistent-volume.ts';
import { PersistentVolumeSource } from './persistent-volume-source.ts';

const SPEC = Path.of('spec');
const MAX_CHANGES_SHOWN = 10;

/** Where volumes are is what pods have been placed by: what they are made of stays. */
export function validatePersistentVolumeUpdate(
  { spec }: PersistentVolume,
  { spec: previous }: PersistentVolume,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkSameSource(spec, previous, errors);
  errors.push(...immutable(Path.of('volumeMode'), spec.volumeMode, previous.volumeMode));
  if (previous.nodeAffinity && !isSameAffinity(spec.nodeAffinity, previous.nodeAffinity)) {
    const why = 'field is immutable, except for updating from beta label to GA';
    errors.push(fieldError.invalid(Path.of('nodeAffinity'), spec.nodeAffinity, why));
  }
  if (previous.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    const why = 'update from non-nil value to nil is forbidden';
    errors.push(fieldError.forbidden(SPEC.child('volumeAttributesClassName'), why));
  }
  return errors;
}

/** A secret that growing needs may still be named, once. */
function checkSameSource(spec: PersistentVolumeSpec, previous: PersistentVolumeSpec, errors: FieldError[]): void {
  let source = sourceOf(spec);
  if (source.csi && previous.csi && !previous.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...csi } = source.csi;
    source = { ...source, csi };
  }
  const changes = changedFields(source, sourceOf(previous), SPEC, MAX_CHANGES_SHOWN);
  if (changes.length === 0) return;
  const why = `spec.persistentvolumesource is immutable after creation\n${changes.join('\n')}`;
  errors.push(fieldError.forbidden(SPEC.child('persistentvolumesource'), why));
}

const SOURCE_FIELDS = [...PersistentVolumeSource.jsonFields.keys()] as (keyof PersistentVolumeSource)[];

function sourceOf(spec: PersistentVolumeSource): PersistentVolumeSource {
  return Object.fromEntries(SOURCE_FIELDS.filter((name) => spec[name]).map((name) => [name, spec[name]]));
}

const NEW_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** Labels of nodes may take the names that they have now, and nothing else may change. */
function isSameAffinity(affinity: VolumeNodeAffinity | undefined, previous: VolumeNodeAffinity): boolean {
  const terms = affinity?.required?.nodeSelectorTerms ?? [];
  const before = previous.required?.nodeSelectorTerms ?? [];
  if (terms.length !== before.length || !affinity?.required !== !previous.required) return false;
  const lists = ['matchExpressions', 'matchFields'] as const;
  return before.every((term, index) => lists.every((list) => isSameList(terms[index]?.[list], term[list])));
}

function isSameList(
  requirements: readonly NodeSelectorRequirement[] = [],
  previous: readonly NodeSelectorRequirement[] = [],
): boolean {
  const isSame = (before: NodeSelectorRequirement, now: NodeSelectorRequirement | undefined) =>
    deepEqual(now, now && NEW_LABELS[before.key] === now.key ? { ...before, key: now.key } : before);
  return requirements.length === previous.length && previous.every((before, i) => isSame(before, requirements[i]));
}
