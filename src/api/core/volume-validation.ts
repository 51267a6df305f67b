// The rules of a pod's volumes. Upstream: ValidateVolumes in pkg/apis/core/validation.

import {
  type AlternativeChecks,
  checkAlternatives,
  checkDriverName,
  checkFaults,
  checkLabel,
  checkNoBacksteps,
  checkRequired,
  checkSubdomain,
} from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { dns1123Subdomain } from '../names.ts';
import { validateTemplateMetadata } from '../object-validation.ts';
import { quantitySign } from '../quantity.ts';
import { checkClaimSpec } from './persistent-volume-claim-validation.ts';
import { checkProjectedVolume } from './projected-volume-validation.ts';
import type { Volume, VolumeSource } from './volume.ts';
import { checkDownwardFile, checkItems, checkMode } from './volume-file-validation.ts';
import { PLUGIN_VOLUMES } from './volume-plugin-validation.ts';

export interface VolumeContext {
  readonly volumeName: string;
  readonly volumeAt: Path;
  /** The name of the pod, where the volume is a pod's own and not a template's. */
  readonly podName: string | undefined;
}

/** Gives back the volumes that are well formed, by name: only these can be mounted. */
export function checkVolumes(
  volumes: readonly Volume[],
  podName: string | undefined,
  at: Path,
  errors: FieldError[],
): ReadonlyMap<string, VolumeSource> {
  const valid = new Map<string, VolumeSource>();
  const ownClaims = new Set(
    volumes.flatMap(({ name, ephemeral }) => (podName && ephemeral ? `${podName}-${name}` : [])),
  );
  for (const [index, volume] of volumes.entries()) {
    const path = at.index(index);
    const before = errors.length;
    const { name, ...source } = volume;
    const context = { volumeName: name, volumeAt: path, podName };
    checkAlternatives(source, SOURCES, path, errors, context, {
      none: 'must specify a volume type',
      several: 'may not specify more than 1 volume type',
    });
    if (name === '') errors.push(fieldError.required(path.child('name')));
    else checkLabel(name, path.child('name'), errors);
    if (valid.has(name)) errors.push(fieldError.duplicate(path.child('name'), name));
    if (errors.length === before) valid.set(name, source);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && ownClaims.has(claim)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(fieldError.invalid(path.child('persistentVolumeClaim', 'claimName'), claim, why));
    }
  }
  return valid;
}

const SOURCES: AlternativeChecks<VolumeSource, VolumeContext> = {
  emptyDir({ sizeLimit }, at, errors) {
    if (sizeLimit === undefined || quantitySign(sizeLimit) >= 0) return;
    errors.push(fieldError.forbidden(at.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity'));
  },
  hostPath: ({ path }, at, errors) => checkNoBacksteps(path, at.child('path'), errors),
  secret({ secretName, defaultMode, items }, at, errors) {
    checkRequired(secretName, at.child('secretName'), errors);
    checkMode(defaultMode, at.child('defaultMode'), errors);
    checkItems(items, at.child('items'), errors);
  },
  configMap({ name, defaultMode, items }, at, errors) {
    checkRequired(name, at.child('name'), errors);
    checkMode(defaultMode, at.child('defaultMode'), errors);
    checkItems(items, at.child('items'), errors);
  },
  // The claim's name is required by its declaration.
  persistentVolumeClaim: () => {},
  downwardAPI({ defaultMode, items }, at, errors) {
    checkMode(defaultMode, at.child('defaultMode'), errors);
    for (const file of items ?? []) checkDownwardFile(file, at, errors);
  },
  ...PLUGIN_VOLUMES,
  projected: checkProjectedVolume,
  csi({ driver, nodePublishSecretRef }, at, errors) {
    checkDriverName(driver, at.child('driver'), errors);
    if (!nodePublishSecretRef) return;
    if (nodePublishSecretRef.name) checkSubdomain(nodePublishSecretRef.name, at.child('name'), errors);
    else errors.push(fieldError.required(at.child('nodePublishSecretRef', 'name')));
  },
  ephemeral: checkEphemeral,
  image({ reference }, at, errors, { podName }) {
    if (podName !== undefined) checkRequired(reference, at.child('reference'), errors);
  },
};

function checkEphemeral(
  { volumeClaimTemplate: template }: NonNullable<VolumeSource['ephemeral']>,
  at: Path,
  errors: FieldError[],
  { volumeName, volumeAt, podName }: VolumeContext,
): void {
  const path = at.child('volumeClaimTemplate');
  if (!template) errors.push(fieldError.required(path));
  else {
    errors.push(...validateTemplateMetadata(template.metadata, path.child('metadata')));
    checkClaimSpec(template.spec, path.child('spec'), errors);
  }
  if (!podName || !volumeName) return;
  const claim = `${podName}-${volumeName}`;
  const faults = dns1123Subdomain(claim).map((fault) => `PVC name ${JSON.stringify(claim)}: ${fault}`);
  checkFaults(faults, volumeName, volumeAt.child('name'), errors);
}
