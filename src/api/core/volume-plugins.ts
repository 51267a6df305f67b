// Volume plugins.

import { bool, int32, list, map, message, type Read, string, struct } from '../schema.ts';
import { LocalObjectReference } from './references.ts';

export const HostPathType = [
  '',
  'DirectoryOrCreate',
  'Directory',
  'FileOrCreate',
  'File',
  'Socket',
  'CharDevice',
  'BlockDevice',
] as const;
export type HostPathType = (typeof HostPathType)[number];

export const HostPathVolumeSource = struct('core/v1.HostPathVolumeSource', {
  path: string(1, { required: true }),
  type: string(2, { optional: true, defaultsTo: '', enum: HostPathType }),
});
export type HostPathVolumeSource = Read<typeof HostPathVolumeSource>;

export const GlusterfsVolumeSource = struct('core/v1.GlusterfsVolumeSource', {
  endpoints: string(1, { required: true }),
  path: string(2, { required: true }),
  readOnly: bool(3),
});
export type GlusterfsVolumeSource = Read<typeof GlusterfsVolumeSource>;

export const RBDVolumeSource = struct('core/v1.RBDVolumeSource', {
  monitors: list(1, 'string', { required: true, list: 'atomic' }),
  image: string(2, { required: true }),
  fsType: string(3),
  pool: string(4, { default: 'rbd' }),
  user: string(5, { default: 'admin' }),
  keyring: string(6, { default: '/etc/ceph/keyring' }),
  secretRef: message(7, LocalObjectReference, { optional: true }),
  readOnly: bool(8),
});
export type RBDVolumeSource = Read<typeof RBDVolumeSource>;

export const CinderVolumeSource = struct('core/v1.CinderVolumeSource', {
  volumeID: string(1, { required: true }),
  fsType: string(2),
  readOnly: bool(3),
  secretRef: message(4, LocalObjectReference, { optional: true }),
});
export type CinderVolumeSource = Read<typeof CinderVolumeSource>;

export const CephFSVolumeSource = struct('core/v1.CephFSVolumeSource', {
  monitors: list(1, 'string', { required: true, list: 'atomic' }),
  path: string(2),
  user: string(3),
  secretFile: string(4),
  secretRef: message(5, LocalObjectReference, { optional: true }),
  readOnly: bool(6),
});
export type CephFSVolumeSource = Read<typeof CephFSVolumeSource>;

export const FlockerVolumeSource = struct('core/v1.FlockerVolumeSource', {
  datasetName: string(1),
  datasetUUID: string(2),
});
export type FlockerVolumeSource = Read<typeof FlockerVolumeSource>;

export const GCEPersistentDiskVolumeSource = struct('core/v1.GCEPersistentDiskVolumeSource', {
  pdName: string(1, { required: true }),
  fsType: string(2),
  partition: int32(3),
  readOnly: bool(4),
});
export type GCEPersistentDiskVolumeSource = Read<typeof GCEPersistentDiskVolumeSource>;

export const QuobyteVolumeSource = struct('core/v1.QuobyteVolumeSource', {
  registry: string(1, { required: true }),
  volume: string(2, { required: true }),
  readOnly: bool(3),
  user: string(4),
  group: string(5),
  tenant: string(6),
});
export type QuobyteVolumeSource = Read<typeof QuobyteVolumeSource>;

export const FlexVolumeSource = struct('core/v1.FlexVolumeSource', {
  driver: string(1, { required: true }),
  fsType: string(2),
  secretRef: message(3, LocalObjectReference, { optional: true }),
  readOnly: bool(4),
  options: map(5, 'string'),
});
export type FlexVolumeSource = Read<typeof FlexVolumeSource>;

export const AWSElasticBlockStoreVolumeSource = struct('core/v1.AWSElasticBlockStoreVolumeSource', {
  volumeID: string(1, { required: true }),
  fsType: string(2),
  partition: int32(3),
  readOnly: bool(4),
});
export type AWSElasticBlockStoreVolumeSource = Read<typeof AWSElasticBlockStoreVolumeSource>;

export const GitRepoVolumeSource = struct('core/v1.GitRepoVolumeSource', {
  repository: string(1, { required: true }),
  revision: string(2),
  directory: string(3),
});
export type GitRepoVolumeSource = Read<typeof GitRepoVolumeSource>;

export const NFSVolumeSource = struct('core/v1.NFSVolumeSource', {
  server: string(1, { required: true }),
  path: string(2, { required: true }),
  readOnly: bool(3),
});
export type NFSVolumeSource = Read<typeof NFSVolumeSource>;

export const ISCSIVolumeSource = struct('core/v1.ISCSIVolumeSource', {
  targetPortal: string(1, { required: true }),
  iqn: string(2, { required: true }),
  lun: int32(3, { required: true }),
  iscsiInterface: string(4, { default: 'default' }),
  fsType: string(5),
  readOnly: bool(6),
  portals: list(7, 'string', { list: 'atomic' }),
  chapAuthDiscovery: bool(8),
  chapAuthSession: bool(11),
  secretRef: message(10, LocalObjectReference, { optional: true }),
  initiatorName: string(12, { optional: true }),
});
export type ISCSIVolumeSource = Read<typeof ISCSIVolumeSource>;

export const FCVolumeSource = struct('core/v1.FCVolumeSource', {
  targetWWNs: list(1, 'string', { list: 'atomic' }),
  lun: int32(2, { optional: true }),
  fsType: string(3),
  readOnly: bool(4),
  wwids: list(5, 'string', { list: 'atomic' }),
});
export type FCVolumeSource = Read<typeof FCVolumeSource>;

export const AzureFileVolumeSource = struct('core/v1.AzureFileVolumeSource', {
  secretName: string(1, { required: true }),
  shareName: string(2, { required: true }),
  readOnly: bool(3),
});
export type AzureFileVolumeSource = Read<typeof AzureFileVolumeSource>;

export const VsphereVirtualDiskVolumeSource = struct('core/v1.VsphereVirtualDiskVolumeSource', {
  volumePath: string(1, { required: true }),
  fsType: string(2),
  storagePolicyName: string(3),
  storagePolicyID: string(4),
});
export type VsphereVirtualDiskVolumeSource = Read<typeof VsphereVirtualDiskVolumeSource>;

export const PhotonPersistentDiskVolumeSource = struct('core/v1.PhotonPersistentDiskVolumeSource', {
  pdID: string(1, { required: true }),
  fsType: string(2),
});
export type PhotonPersistentDiskVolumeSource = Read<typeof PhotonPersistentDiskVolumeSource>;

export const AzureDataDiskCachingMode = ['None', 'ReadOnly', 'ReadWrite'] as const;
export type AzureDataDiskCachingMode = (typeof AzureDataDiskCachingMode)[number];

export const AzureDataDiskKind = ['Shared', 'Dedicated', 'Managed'] as const;
export type AzureDataDiskKind = (typeof AzureDataDiskKind)[number];

export const AzureDiskVolumeSource = struct('core/v1.AzureDiskVolumeSource', {
  diskName: string(1, { required: true }),
  diskURI: string(2, { required: true }),
  cachingMode: string(3, { optional: true, default: 'ReadWrite', enum: AzureDataDiskCachingMode }),
  fsType: string(4, { optional: true, default: 'ext4' }),
  readOnly: bool(5, { optional: true, default: false }),
  kind: string(6, { optional: true, default: 'Shared', enum: AzureDataDiskKind }),
});
export type AzureDiskVolumeSource = Read<typeof AzureDiskVolumeSource>;

export const PortworxVolumeSource = struct('core/v1.PortworxVolumeSource', {
  volumeID: string(1, { required: true }),
  fsType: string(2),
  readOnly: bool(3),
});
export type PortworxVolumeSource = Read<typeof PortworxVolumeSource>;

export const ScaleIOVolumeSource = struct('core/v1.ScaleIOVolumeSource', {
  gateway: string(1, { required: true }),
  system: string(2, { required: true }),
  secretRef: message(3, LocalObjectReference, { required: true, optional: true }),
  sslEnabled: bool(4),
  protectionDomain: string(5),
  storagePool: string(6),
  storageMode: string(7, { default: 'ThinProvisioned' }),
  volumeName: string(8),
  fsType: string(9, { default: 'xfs' }),
  readOnly: bool(10),
});
export type ScaleIOVolumeSource = Read<typeof ScaleIOVolumeSource>;

export const StorageOSVolumeSource = struct('core/v1.StorageOSVolumeSource', {
  volumeName: string(1),
  volumeNamespace: string(2),
  fsType: string(3),
  readOnly: bool(4),
  secretRef: message(5, LocalObjectReference, { optional: true }),
});
export type StorageOSVolumeSource = Read<typeof StorageOSVolumeSource>;
