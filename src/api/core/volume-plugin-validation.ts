// The rules of volumes that come from storage outside of the cluster. Upstream: validate*VolumeSource in
// pkg/apis/core/validation; what is merely required stands in the declarations.

import { type AlternativeChecks, checkLabel, checkLocalPath, checkRange, checkRequired } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import type { VolumeSource } from './volume.ts';

export interface PluginContext {
  readonly volumeName: string;
  /** Where the volume stands. */
  readonly volumeAt: Path;
}

type Plugin =
  | 'gitRepo'
  | 'gcePersistentDisk'
  | 'awsElasticBlockStore'
  | 'nfs'
  | 'iscsi'
  | 'glusterfs'
  | 'flocker'
  | 'rbd'
  | 'cinder'
  | 'cephfs'
  | 'quobyte'
  | 'fc'
  | 'flexVolume'
  | 'azureFile'
  | 'vsphereVolume'
  | 'photonPersistentDisk'
  | 'portworxVolume'
  | 'azureDisk'
  | 'storageos'
  | 'scaleIO';

const REQUIRED_ALONE = () => {};

export const PLUGIN_VOLUMES: AlternativeChecks<Pick<VolumeSource, Plugin>, PluginContext> = {
  gitRepo: ({ directory = '' }, at, errors) => checkLocalPath(directory, at.child('directory'), errors),
  gcePersistentDisk: ({ partition = 0 }, at, errors) => checkPartition(partition, at, errors),
  awsElasticBlockStore: ({ partition = 0 }, at, errors) => checkPartition(partition, at, errors),
  nfs({ path }, at, errors) {
    checkRequired(path, at.child('path'), errors);
    if (!path.startsWith('/')) errors.push(fieldError.invalid(at.child('path'), path, 'must be an absolute path'));
  },
  iscsi: checkIscsi,
  glusterfs: REQUIRED_ALONE,
  flocker: checkFlocker,
  rbd: checkMonitors,
  cinder: ({ secretRef }, at, errors) => checkSecretRef(secretRef, at, errors),
  cephfs: checkMonitors,
  quobyte: checkQuobyte,
  fc: checkFibreChannel,
  flexVolume: checkFlexOptions,
  azureFile: REQUIRED_ALONE,
  vsphereVolume: REQUIRED_ALONE,
  photonPersistentDisk: REQUIRED_ALONE,
  portworxVolume: REQUIRED_ALONE,
  azureDisk({ kind, diskURI }, at, errors) {
    const isManaged = kind === 'Managed';
    if (kind === undefined || diskURI.startsWith(isManaged ? '/subscriptions/' : 'https://')) return;
    errors.push(fieldError.notSupported(at.child('diskURI'), diskURI, [isManaged ? MANAGED_DISK : BLOB_DISK]));
  },
  storageos({ volumeName, volumeNamespace, secretRef }, at, errors) {
    if (volumeName) checkLabel(volumeName, at.child('volumeName'), errors);
    else errors.push(fieldError.required(at.child('volumeName')));
    if (volumeNamespace) checkLabel(volumeNamespace, at.child('volumeNamespace'), errors);
    checkSecretRef(secretRef, at, errors);
  },
  scaleIO: ({ volumeName }, at, errors) => checkRequired(volumeName, at.child('volumeName'), errors),
};

const MANAGED_DISK =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}' as const;
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd' as const;

function checkPartition(partition: number, at: Path, errors: FieldError[]): void {
  if (partition < 0 || partition > 255) {
    errors.push(fieldError.invalid(at.child('partition'), partition, 'must be between 1 and 255, inclusive'));
  }
}

function checkSecretRef(secretRef: { readonly name?: string } | undefined, at: Path, errors: FieldError[]): void {
  if (secretRef) checkRequired(secretRef.name, at.child('secretRef', 'name'), errors);
}

export function checkMonitors(
  { monitors }: { readonly monitors: readonly string[] | null },
  at: Path,
  errors: FieldError[],
): void {
  if (!monitors?.length) errors.push(fieldError.required(at.child('monitors')));
}

export function checkFlexOptions(
  { options }: { readonly options?: Readonly<Record<string, string>> },
  at: Path,
  errors: FieldError[],
): void {
  for (const key of Object.keys(options ?? {})) {
    if (!/(?:^|\.)(?:kubernetes|k8s)\.io(?:\/|$)/i.test(key)) continue;
    const why = 'kubernetes.io and k8s.io namespaces are reserved';
    errors.push(fieldError.invalid(at.child('options').key(key), key, why));
  }
}

const INITIATOR_FORMS: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

function checkIscsi(
  iscsi: NonNullable<VolumeSource['iscsi']>,
  at: Path,
  errors: FieldError[],
  { volumeName, volumeAt }: PluginContext,
): void {
  checkIscsiTarget(iscsi, at, errors);
  if (!isPortalTooLong(volumeName, iscsi)) return;
  errors.push(fieldError.invalid(volumeAt.child('name'), volumeName, PORTAL_TOO_LONG));
}

/** What volumes of pods and of the cluster have in common of it. */
type Iscsi = Omit<NonNullable<VolumeSource['iscsi']>, 'secretRef'> & { readonly secretRef?: object };

export function checkIscsiTarget(iscsi: Iscsi, at: Path, errors: FieldError[]): void {
  const { iqn, lun, initiatorName } = iscsi;
  if (iqn !== '') checkInitiator(iqn, at.child('iqn'), errors);
  checkRange(lun, 0, 255, at.child('lun'), errors);
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) {
    errors.push(fieldError.required(at.child('secretRef')));
  }
  if (initiatorName !== undefined) checkInitiator(initiatorName, at.child('initiatorname'), errors);
}

export const PORTAL_TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

/** An interface is made of both names for an initiator of one's own. */
export function isPortalTooLong(volumeName: string, { initiatorName, targetPortal }: Iscsi): boolean {
  return initiatorName !== undefined && `${volumeName}:${targetPortal}`.length > 64;
}

function checkInitiator(name: string, at: Path, errors: FieldError[]): void {
  const form = INITIATOR_FORMS[name.slice(0, 3)];
  if (!form) errors.push(fieldError.invalid(at, name, 'must be valid format starting with iqn, eui, or naa'));
  else if (!form.test(name)) errors.push(fieldError.invalid(at, name, 'must be valid format'));
}

function checkFlocker(
  { datasetName, datasetUUID }: NonNullable<VolumeSource['flocker']>,
  at: Path,
  errors: FieldError[],
) {
  if (!datasetName && !datasetUUID) {
    errors.push(fieldError.required(at, 'one of datasetName and datasetUUID is required'));
  }
  if (datasetName && datasetUUID) {
    const why = 'datasetName and datasetUUID can not be specified simultaneously';
    errors.push(fieldError.invalid(at, 'resource', why));
  }
  if (datasetName?.includes('/')) {
    errors.push(fieldError.invalid(at.child('datasetName'), datasetName, "must not contain '/'"));
  }
}

function checkQuobyte({ registry, tenant }: NonNullable<VolumeSource['quobyte']>, at: Path, errors: FieldError[]) {
  const form = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') errors.push(fieldError.required(at.child('registry'), form));
  else if ((tenant ?? '').length > 64) {
    const why = 'must be a UUID and may not exceed a length of 64 characters';
    errors.push(fieldError.required(at.child('tenant'), why));
  } else if (registry.split(',').some((pair) => !/^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair))) {
    errors.push(fieldError.invalid(at.child('registry'), registry, form));
  }
}

function checkFibreChannel(
  { targetWWNs = [], wwids = [], lun }: NonNullable<VolumeSource['fc']>,
  at: Path,
  errors: FieldError[],
): void {
  const path = at.child('targetWWNs');
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(fieldError.required(path, 'must specify either targetWWNs or wwids, but not both'));
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    errors.push(fieldError.invalid(path, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  }
  if (targetWWNs.length === 0) return;
  if (lun !== undefined) checkRange(lun, 0, 255, at.child('lun'), errors);
  else errors.push(fieldError.required(at.child('lun'), 'lun is required if targetWWNs is specified'));
}
