// Persistent volume source.

import { bool, int32, list, map, message, type Read, string, struct } from '../schema.ts';
import { ObjectReference, SecretReference } from './references.ts';
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume-plugins.ts';

export const GlusterfsPersistentVolumeSource = struct('core/v1.GlusterfsPersistentVolumeSource', {
  endpoints: string(1, { required: true }),
  path: string(2, { required: true }),
  readOnly: bool(3),
  endpointsNamespace: string(4, { optional: true }),
});
export type GlusterfsPersistentVolumeSource = Read<typeof GlusterfsPersistentVolumeSource>;

export const RBDPersistentVolumeSource = struct('core/v1.RBDPersistentVolumeSource', {
  monitors: list(1, 'string', { required: true, list: 'atomic' }),
  image: string(2, { required: true }),
  fsType: string(3),
  pool: string(4, { default: 'rbd' }),
  user: string(5, { default: 'admin' }),
  keyring: string(6, { default: '/etc/ceph/keyring' }),
  secretRef: message(7, SecretReference, { optional: true }),
  readOnly: bool(8),
});
export type RBDPersistentVolumeSource = Read<typeof RBDPersistentVolumeSource>;

export const ISCSIPersistentVolumeSource = struct('core/v1.ISCSIPersistentVolumeSource', {
  targetPortal: string(1, { required: true }),
  iqn: string(2, { required: true }),
  lun: int32(3, { required: true }),
  iscsiInterface: string(4, { default: 'default' }),
  fsType: string(5),
  readOnly: bool(6),
  portals: list(7, 'string', { list: 'atomic' }),
  chapAuthDiscovery: bool(8),
  chapAuthSession: bool(11),
  secretRef: message(10, SecretReference, { optional: true }),
  initiatorName: string(12, { optional: true }),
});
export type ISCSIPersistentVolumeSource = Read<typeof ISCSIPersistentVolumeSource>;

export const CinderPersistentVolumeSource = struct('core/v1.CinderPersistentVolumeSource', {
  volumeID: string(1, { required: true }),
  fsType: string(2),
  readOnly: bool(3),
  secretRef: message(4, SecretReference, { optional: true }),
});
export type CinderPersistentVolumeSource = Read<typeof CinderPersistentVolumeSource>;

export const CephFSPersistentVolumeSource = struct('core/v1.CephFSPersistentVolumeSource', {
  monitors: list(1, 'string', { required: true, list: 'atomic' }),
  path: string(2),
  user: string(3),
  secretFile: string(4),
  secretRef: message(5, SecretReference, { optional: true }),
  readOnly: bool(6),
});
export type CephFSPersistentVolumeSource = Read<typeof CephFSPersistentVolumeSource>;

export const FlexPersistentVolumeSource = struct('core/v1.FlexPersistentVolumeSource', {
  driver: string(1, { required: true }),
  fsType: string(2),
  secretRef: message(3, SecretReference, { optional: true }),
  readOnly: bool(4),
  options: map(5, 'string'),
});
export type FlexPersistentVolumeSource = Read<typeof FlexPersistentVolumeSource>;

export const AzureFilePersistentVolumeSource = struct('core/v1.AzureFilePersistentVolumeSource', {
  secretName: string(1, { required: true }),
  shareName: string(2, { required: true }),
  readOnly: bool(3),
  secretNamespace: string(4, { optional: true, omit: 'never' }),
});
export type AzureFilePersistentVolumeSource = Read<typeof AzureFilePersistentVolumeSource>;

export const ScaleIOPersistentVolumeSource = struct('core/v1.ScaleIOPersistentVolumeSource', {
  gateway: string(1, { required: true }),
  system: string(2, { required: true }),
  secretRef: message(3, SecretReference, { required: true, optional: true }),
  sslEnabled: bool(4),
  protectionDomain: string(5),
  storagePool: string(6),
  storageMode: string(7, { default: 'ThinProvisioned' }),
  volumeName: string(8),
  fsType: string(9, { default: 'xfs' }),
  readOnly: bool(10),
});
export type ScaleIOPersistentVolumeSource = Read<typeof ScaleIOPersistentVolumeSource>;

export const LocalVolumeSource = struct('core/v1.LocalVolumeSource', {
  path: string(1, { required: true }),
  fsType: string(2, { optional: true }),
});
export type LocalVolumeSource = Read<typeof LocalVolumeSource>;

export const StorageOSPersistentVolumeSource = struct('core/v1.StorageOSPersistentVolumeSource', {
  volumeName: string(1),
  volumeNamespace: string(2),
  fsType: string(3),
  readOnly: bool(4),
  secretRef: message(5, ObjectReference, { optional: true }),
});
export type StorageOSPersistentVolumeSource = Read<typeof StorageOSPersistentVolumeSource>;

export const CSIPersistentVolumeSource = struct('core/v1.CSIPersistentVolumeSource', {
  driver: string(1, { required: true }),
  volumeHandle: string(2, { required: true }),
  readOnly: bool(3),
  fsType: string(4),
  volumeAttributes: map(5, 'string'),
  controllerPublishSecretRef: message(6, SecretReference, { optional: true }),
  nodeStageSecretRef: message(7, SecretReference, { optional: true }),
  nodePublishSecretRef: message(8, SecretReference, { optional: true }),
  controllerExpandSecretRef: message(9, SecretReference, { optional: true }),
  nodeExpandSecretRef: message(10, SecretReference, { optional: true }),
});
export type CSIPersistentVolumeSource = Read<typeof CSIPersistentVolumeSource>;

export const PersistentVolumeSource = struct('core/v1.PersistentVolumeSource', {
  gcePersistentDisk: message(1, GCEPersistentDiskVolumeSource, { optional: true, deprecated: true }),
  awsElasticBlockStore: message(2, AWSElasticBlockStoreVolumeSource, { optional: true, deprecated: true }),
  hostPath: message(3, HostPathVolumeSource, { optional: true }),
  glusterfs: message(4, GlusterfsPersistentVolumeSource, { optional: true, deprecated: true }),
  nfs: message(5, NFSVolumeSource, { optional: true }),
  rbd: message(6, RBDPersistentVolumeSource, { optional: true, deprecated: true }),
  iscsi: message(7, ISCSIPersistentVolumeSource, { optional: true }),
  cinder: message(8, CinderPersistentVolumeSource, { optional: true, deprecated: true }),
  cephfs: message(9, CephFSPersistentVolumeSource, { optional: true, deprecated: true }),
  fc: message(10, FCVolumeSource, { optional: true }),
  flocker: message(11, FlockerVolumeSource, { optional: true, deprecated: true }),
  flexVolume: message(12, FlexPersistentVolumeSource, { optional: true, deprecated: true }),
  azureFile: message(13, AzureFilePersistentVolumeSource, { optional: true, deprecated: true }),
  vsphereVolume: message(14, VsphereVirtualDiskVolumeSource, { optional: true, deprecated: true }),
  quobyte: message(15, QuobyteVolumeSource, { optional: true, deprecated: true }),
  azureDisk: message(16, AzureDiskVolumeSource, { optional: true, deprecated: true }),
  photonPersistentDisk: message(17, PhotonPersistentDiskVolumeSource, { optional: true, deprecated: true }),
  portworxVolume: message(18, PortworxVolumeSource, { optional: true, deprecated: true }),
  scaleIO: message(19, ScaleIOPersistentVolumeSource, { optional: true, deprecated: true }),
  local: message(20, LocalVolumeSource, { optional: true }),
  storageos: message(21, StorageOSPersistentVolumeSource, { optional: true, deprecated: true }),
  csi: message(22, CSIPersistentVolumeSource, { optional: true }),
});
export type PersistentVolumeSource = Read<typeof PersistentVolumeSource>;
