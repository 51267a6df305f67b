// Volume.

import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, inline, int32, int64, list, map, message, quantity, type Read, string, struct } from '../schema.ts';
import { PullPolicy } from './container.ts';
import { ObjectFieldSelector, ResourceFieldSelector } from './container-env.ts';
import { PersistentVolumeClaimSpec } from './persistent-volume-claim.ts';
import { LocalObjectReference } from './references.ts';
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CephFSVolumeSource,
  CinderVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GitRepoVolumeSource,
  GlusterfsVolumeSource,
  HostPathVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume-plugins.ts';

export const EmptyDirVolumeSource = struct('core/v1.EmptyDirVolumeSource', {
  medium: string(1),
  sizeLimit: quantity(2, { optional: true }),
});
export type EmptyDirVolumeSource = Read<typeof EmptyDirVolumeSource>;

export const KeyToPath = struct('core/v1.KeyToPath', {
  key: string(1, { required: true }),
  path: string(2, { required: true }),
  mode: int32(3, { optional: true }),
});
export type KeyToPath = Read<typeof KeyToPath>;

export const SecretVolumeSource = struct('core/v1.SecretVolumeSource', {
  secretName: string(1),
  items: list(2, KeyToPath, { list: 'atomic' }),
  defaultMode: int32(3, { optional: true, defaultsTo: 0o644 }),
  optional: bool(4, { optional: true }),
});
export type SecretVolumeSource = Read<typeof SecretVolumeSource>;

export const PersistentVolumeClaimVolumeSource = struct('core/v1.PersistentVolumeClaimVolumeSource', {
  claimName: string(1, { required: true }),
  readOnly: bool(2),
});
export type PersistentVolumeClaimVolumeSource = Read<typeof PersistentVolumeClaimVolumeSource>;

export const DownwardAPIVolumeFile = struct('core/v1.DownwardAPIVolumeFile', {
  path: string(1, { required: true }),
  fieldRef: message(2, ObjectFieldSelector, { optional: true }),
  resourceFieldRef: message(3, ResourceFieldSelector, { optional: true }),
  mode: int32(4, { optional: true }),
});
export type DownwardAPIVolumeFile = Read<typeof DownwardAPIVolumeFile>;

export const DownwardAPIVolumeSource = struct('core/v1.DownwardAPIVolumeSource', {
  items: list(1, DownwardAPIVolumeFile, { list: 'atomic' }),
  defaultMode: int32(2, { optional: true, defaultsTo: 0o644 }),
});
export type DownwardAPIVolumeSource = Read<typeof DownwardAPIVolumeSource>;

export const ConfigMapVolumeSource = struct('core/v1.ConfigMapVolumeSource', {
  localObjectReference: inline(1, LocalObjectReference, { omit: 'never' }),
  items: list(2, KeyToPath, { list: 'atomic' }),
  defaultMode: int32(3, { optional: true, defaultsTo: 0o644 }),
  optional: bool(4, { optional: true }),
});
export type ConfigMapVolumeSource = Read<typeof ConfigMapVolumeSource>;

export const SecretProjection = struct('core/v1.SecretProjection', {
  localObjectReference: inline(1, LocalObjectReference, { omit: 'never' }),
  items: list(2, KeyToPath, { list: 'atomic' }),
  optional: bool(4, { optional: true }),
});
export type SecretProjection = Read<typeof SecretProjection>;

export const DownwardAPIProjection = struct('core/v1.DownwardAPIProjection', {
  items: list(1, DownwardAPIVolumeFile, { list: 'atomic' }),
});
export type DownwardAPIProjection = Read<typeof DownwardAPIProjection>;

export const ConfigMapProjection = struct('core/v1.ConfigMapProjection', {
  localObjectReference: inline(1, LocalObjectReference, { omit: 'never' }),
  items: list(2, KeyToPath, { list: 'atomic' }),
  optional: bool(4, { optional: true }),
});
export type ConfigMapProjection = Read<typeof ConfigMapProjection>;

export const ServiceAccountTokenProjection = struct('core/v1.ServiceAccountTokenProjection', {
  audience: string(1),
  expirationSeconds: int64(2, { optional: true, defaultsTo: 3600 }),
  path: string(3, { required: true }),
});
export type ServiceAccountTokenProjection = Read<typeof ServiceAccountTokenProjection>;

export const ClusterTrustBundleProjection = struct('core/v1.ClusterTrustBundleProjection', {
  name: string(1, { optional: true }),
  signerName: string(2, { optional: true }),
  labelSelector: message(3, LabelSelector, { optional: true }),
  optional: bool(5, { optional: true }),
  path: string(4, { required: true }),
});
export type ClusterTrustBundleProjection = Read<typeof ClusterTrustBundleProjection>;

export const PodCertificateProjection = struct('core/v1.PodCertificateProjection', {
  signerName: string(1, { required: true, omit: 'empty' }),
  keyType: string(2, { required: true, omit: 'empty' }),
  maxExpirationSeconds: int32(3, { optional: true }),
  credentialBundlePath: string(4),
  keyPath: string(5),
  certificateChainPath: string(6),
  userAnnotations: map(7, 'string'),
});
export type PodCertificateProjection = Read<typeof PodCertificateProjection>;

export const VolumeProjection = struct('core/v1.VolumeProjection', {
  secret: message(1, SecretProjection, { optional: true }),
  downwardAPI: message(2, DownwardAPIProjection, { optional: true }),
  configMap: message(3, ConfigMapProjection, { optional: true }),
  serviceAccountToken: message(4, ServiceAccountTokenProjection, { optional: true }),
  clusterTrustBundle: message(5, ClusterTrustBundleProjection, {
    optional: true,
    disabledBy: 'ClusterTrustBundleProjection',
  }),
  podCertificate: message(6, PodCertificateProjection, { optional: true, disabledBy: 'PodCertificateRequest' }),
});
export type VolumeProjection = Read<typeof VolumeProjection>;

export const ProjectedVolumeSource = struct('core/v1.ProjectedVolumeSource', {
  sources: list(1, VolumeProjection, { omit: 'never', list: 'atomic' }),
  defaultMode: int32(2, { optional: true, defaultsTo: 0o644 }),
});
export type ProjectedVolumeSource = Read<typeof ProjectedVolumeSource>;

export const CSIVolumeSource = struct('core/v1.CSIVolumeSource', {
  driver: string(1, { required: true }),
  readOnly: bool(2, { optional: true }),
  fsType: string(3, { optional: true }),
  volumeAttributes: map(4, 'string'),
  nodePublishSecretRef: message(5, LocalObjectReference, { optional: true }),
});
export type CSIVolumeSource = Read<typeof CSIVolumeSource>;

export const PersistentVolumeClaimTemplate = struct('core/v1.PersistentVolumeClaimTemplate', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PersistentVolumeClaimSpec, { required: true }),
});
export type PersistentVolumeClaimTemplate = Read<typeof PersistentVolumeClaimTemplate>;

export const EphemeralVolumeSource = struct('core/v1.EphemeralVolumeSource', {
  volumeClaimTemplate: message(1, PersistentVolumeClaimTemplate, { optional: true }),
});
export type EphemeralVolumeSource = Read<typeof EphemeralVolumeSource>;

export const ImageVolumeSource = struct('core/v1.ImageVolumeSource', {
  reference: string(1),
  pullPolicy: string(2, { enum: PullPolicy }),
});
export type ImageVolumeSource = Read<typeof ImageVolumeSource>;

export const VolumeSource = struct('core/v1.VolumeSource', {
  hostPath: message(1, HostPathVolumeSource, { optional: true }),
  emptyDir: message(2, EmptyDirVolumeSource, { optional: true }),
  gcePersistentDisk: message(3, GCEPersistentDiskVolumeSource, { optional: true, deprecated: true }),
  awsElasticBlockStore: message(4, AWSElasticBlockStoreVolumeSource, { optional: true, deprecated: true }),
  gitRepo: message(5, GitRepoVolumeSource, { optional: true, deprecated: true }),
  secret: message(6, SecretVolumeSource, { optional: true }),
  nfs: message(7, NFSVolumeSource, { optional: true }),
  iscsi: message(8, ISCSIVolumeSource, { optional: true }),
  glusterfs: message(9, GlusterfsVolumeSource, { optional: true, deprecated: true }),
  persistentVolumeClaim: message(10, PersistentVolumeClaimVolumeSource, { optional: true }),
  rbd: message(11, RBDVolumeSource, { optional: true, deprecated: true }),
  flexVolume: message(12, FlexVolumeSource, { optional: true, deprecated: true }),
  cinder: message(13, CinderVolumeSource, { optional: true, deprecated: true }),
  cephfs: message(14, CephFSVolumeSource, { optional: true, deprecated: true }),
  flocker: message(15, FlockerVolumeSource, { optional: true, deprecated: true }),
  downwardAPI: message(16, DownwardAPIVolumeSource, { optional: true }),
  fc: message(17, FCVolumeSource, { optional: true }),
  azureFile: message(18, AzureFileVolumeSource, { optional: true, deprecated: true }),
  configMap: message(19, ConfigMapVolumeSource, { optional: true }),
  vsphereVolume: message(20, VsphereVirtualDiskVolumeSource, { optional: true, deprecated: true }),
  quobyte: message(21, QuobyteVolumeSource, { optional: true, deprecated: true }),
  azureDisk: message(22, AzureDiskVolumeSource, { optional: true, deprecated: true }),
  photonPersistentDisk: message(23, PhotonPersistentDiskVolumeSource, { optional: true, deprecated: true }),
  projected: message(26, ProjectedVolumeSource, { optional: true }),
  portworxVolume: message(24, PortworxVolumeSource, { optional: true, deprecated: true }),
  scaleIO: message(25, ScaleIOVolumeSource, { optional: true, deprecated: true }),
  storageos: message(27, StorageOSVolumeSource, { optional: true, deprecated: true }),
  csi: message(28, CSIVolumeSource, { optional: true }),
  ephemeral: message(29, EphemeralVolumeSource, { optional: true }),
  image: message(30, ImageVolumeSource, { optional: true }),
});
export type VolumeSource = Read<typeof VolumeSource>;

export const Volume = struct('core/v1.Volume', {
  name: string(1, { required: true }),
  volumeSource: inline(2, VolumeSource, { omit: 'never' }),
});
export type Volume = Read<typeof Volume>;
