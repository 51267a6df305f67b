// The rules of where the storage of a persistent volume comes from. Upstream: ValidatePersistentVolumeSpec in
// pkg/apis/core/validation; what is merely required stands in the declarations.

import {
  type AlternativeChecks,
  checkDriverName,
  checkLabel,
  checkNoBacksteps,
  checkRequired,
  checkSubdomain,
} from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { PersistentVolumeSpec } from './persistent-volume.ts';
import type { CSIPersistentVolumeSource, PersistentVolumeSource } from './persistent-volume-source.ts';
import {
  checkFlexOptions,
  checkIscsiTarget,
  checkMonitors,
  isPortalTooLong,
  PLUGIN_VOLUMES,
  PORTAL_TOO_LONG,
} from './volume-plugin-validation.ts';

interface SourceContext {
  readonly volumeName: string;
  readonly spec: PersistentVolumeSpec;
  readonly specAt: Path;
}

/** Exactly one source has to be set: the first one is checked, further ones are refused. */
export function checkVolumeSource(
  spec: PersistentVolumeSpec,
  volumeName: string,
  at: Path,
  errors: FieldError[],
): void {
  const context = { volumeName, spec, specAt: at };
  let count = 0;
  for (const name of SOURCE_NAMES) {
    const source = spec[name];
    if (source === undefined) continue;
    // Upstream forgets to refuse this one beside others.
    if (count > 0 && name !== 'flexVolume') {
      errors.push(fieldError.forbidden(at.child(REFUSED_AT[name] ?? name), 'may not specify more than 1 volume type'));
    } else SOURCES[name](source as never, at.child(CHECKED_AT[name] ?? name), errors, context);
    count += 1;
  }
  if (count === 0) errors.push(fieldError.required(at, 'must specify a volume type'));
}

/** Upstream writes these fields differently here. */
const CHECKED_AT: Partial<Record<keyof PersistentVolumeSource, string>> = { gcePersistentDisk: 'persistentDisk' };
const REFUSED_AT: Partial<Record<keyof PersistentVolumeSource, string>> = { cephfs: 'cephFS' };

const NO_CONTEXT = { volumeName: '', volumeAt: Path.of() };

/** Sources that are the same for pods. */
function asInPods<K extends keyof PersistentVolumeSource & keyof typeof PLUGIN_VOLUMES>(name: K) {
  return (source: NonNullable<PersistentVolumeSource[K]>, at: Path, errors: FieldError[]) =>
    PLUGIN_VOLUMES[name](source as never, at, errors, NO_CONTEXT);
}

/** In the order in which upstream looks for them. */
const SOURCES: AlternativeChecks<PersistentVolumeSource, SourceContext> = {
  hostPath: ({ path }, at, errors) => checkNoBacksteps(path, at.child('path'), errors),
  gcePersistentDisk: asInPods('gcePersistentDisk'),
  awsElasticBlockStore: asInPods('awsElasticBlockStore'),
  glusterfs: ({ endpointsNamespace }, at, errors) =>
    checkEndpointsNamespace(endpointsNamespace, at.child('endpointsNamespace'), errors),
  flocker: asInPods('flocker'),
  nfs: asInPods('nfs'),
  rbd: checkMonitors,
  quobyte: asInPods('quobyte'),
  cephfs: checkMonitors,
  iscsi(iscsi, at, errors, { volumeName }) {
    checkIscsiTarget(iscsi, at, errors);
    if (iscsi.secretRef) checkRequired(iscsi.secretRef.name, at.child('secretRef', 'name'), errors);
    if (!isPortalTooLong(volumeName, iscsi)) return;
    errors.push(fieldError.invalid(at.child('targetportal'), iscsi.targetPortal, PORTAL_TOO_LONG));
  },
  cinder: ({ secretRef }, at, errors) => checkFullSecretRef(secretRef, at.child('secretRef'), errors),
  fc: asInPods('fc'),
  flexVolume: checkFlexOptions,
  azureFile({ secretNamespace }, at, errors) {
    if (secretNamespace === '') errors.push(fieldError.required(at.child('secretNamespace')));
  },
  vsphereVolume: asInPods('vsphereVolume'),
  photonPersistentDisk: asInPods('photonPersistentDisk'),
  portworxVolume: asInPods('portworxVolume'),
  azureDisk: asInPods('azureDisk'),
  scaleIO: ({ volumeName }, at, errors) => checkRequired(volumeName, at.child('volumeName'), errors),
  local({ path }, at, errors, { spec, specAt }) {
    checkNoBacksteps(path, at.child('path'), errors);
    if (spec.nodeAffinity) return;
    errors.push(fieldError.required(specAt.child('nodeAffinity'), 'Local volume requires node affinity'));
  },
  storageos({ volumeName, volumeNamespace, secretRef }, at, errors) {
    if (volumeName) checkLabel(volumeName, at.child('volumeName'), errors);
    else errors.push(fieldError.required(at.child('volumeName')));
    if (volumeNamespace) checkLabel(volumeNamespace, at.child('volumeNamespace'), errors);
    checkFullSecretRef(secretRef, at.child('secretRef'), errors);
  },
  csi: checkCsi,
};

const SOURCE_NAMES = Object.keys(SOURCES) as (keyof PersistentVolumeSource)[];

function checkEndpointsNamespace(namespace: string | undefined, at: Path, errors: FieldError[]): void {
  if (namespace === undefined) return;
  const why = 'if the endpointnamespace is set, it must be a valid namespace name';
  if (namespace === '') errors.push(fieldError.invalid(at, namespace, why));
  else checkLabel(namespace, at, errors);
}

interface SecretRef {
  readonly name?: string;
  readonly namespace?: string;
}

/** A volume has no namespace to look for a secret in. */
function checkFullSecretRef(secretRef: SecretRef | undefined, at: Path, errors: FieldError[]): void {
  if (!secretRef) return;
  checkRequired(secretRef.name, at.child('name'), errors);
  checkRequired(secretRef.namespace, at.child('namespace'), errors);
}

/** Upstream leaves out `nodeStageSecretRef`. */
const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function checkCsi(csi: CSIPersistentVolumeSource, at: Path, errors: FieldError[]): void {
  checkDriverName(csi.driver, at.child('driver'), errors);
  for (const field of CSI_SECRETS) {
    const secretRef = csi[field];
    const path = at.child(field);
    checkFullSecretRef(secretRef, path, errors);
    if (secretRef?.name) checkSubdomain(secretRef.name, path.child('name'), errors);
    if (secretRef?.namespace) checkLabel(secretRef.namespace, path.child('namespace'), errors);
  }
}
