// Container env.

import { bool, inline, message, quantity, type Read, string, struct } from '../schema.ts';
import { LocalObjectReference } from './references.ts';

export const ObjectFieldSelector = struct(
  'core/v1.ObjectFieldSelector',
  {
    apiVersion: string(1, { defaultsTo: 'v1' }),
    fieldPath: string(2, { required: true }),
  },
  { atomic: true },
);
export type ObjectFieldSelector = Read<typeof ObjectFieldSelector>;

export const ResourceFieldSelector = struct(
  'core/v1.ResourceFieldSelector',
  {
    containerName: string(1),
    resource: string(2, { required: true }),
    divisor: quantity(3),
  },
  { atomic: true },
);
export type ResourceFieldSelector = Read<typeof ResourceFieldSelector>;

export const ConfigMapKeySelector = struct(
  'core/v1.ConfigMapKeySelector',
  {
    localObjectReference: inline(1, LocalObjectReference, { omit: 'never' }),
    key: string(2, { required: true }),
    optional: bool(3, { optional: true }),
  },
  { atomic: true },
);
export type ConfigMapKeySelector = Read<typeof ConfigMapKeySelector>;

export const SecretKeySelector = struct(
  'core/v1.SecretKeySelector',
  {
    localObjectReference: inline(1, LocalObjectReference, { omit: 'never' }),
    key: string(2, { required: true }),
    optional: bool(3, { optional: true }),
  },
  { atomic: true },
);
export type SecretKeySelector = Read<typeof SecretKeySelector>;

export const FileKeySelector = struct(
  'core/v1.FileKeySelector',
  {
    volumeName: string(1, { required: true }),
    path: string(2, { required: true }),
    key: string(3, { required: true }),
    optional: bool(4, { optional: true, default: false }),
  },
  { atomic: true },
);
export type FileKeySelector = Read<typeof FileKeySelector>;

export const EnvVarSource = struct('core/v1.EnvVarSource', {
  fieldRef: message(1, ObjectFieldSelector, { optional: true }),
  resourceFieldRef: message(2, ResourceFieldSelector, { optional: true }),
  configMapKeyRef: message(3, ConfigMapKeySelector, { optional: true }),
  secretKeyRef: message(4, SecretKeySelector, { optional: true }),
  fileKeyRef: message(5, FileKeySelector, { optional: true }),
});
export type EnvVarSource = Read<typeof EnvVarSource>;

export const EnvVar = struct('core/v1.EnvVar', {
  name: string(1, { required: true }),
  value: string(2),
  valueFrom: message(3, EnvVarSource, { optional: true }),
});
export type EnvVar = Read<typeof EnvVar>;

export const ConfigMapEnvSource = struct('core/v1.ConfigMapEnvSource', {
  localObjectReference: inline(1, LocalObjectReference, { omit: 'never' }),
  optional: bool(2, { optional: true }),
});
export type ConfigMapEnvSource = Read<typeof ConfigMapEnvSource>;

export const SecretEnvSource = struct('core/v1.SecretEnvSource', {
  localObjectReference: inline(1, LocalObjectReference, { omit: 'never' }),
  optional: bool(2, { optional: true }),
});
export type SecretEnvSource = Read<typeof SecretEnvSource>;

export const EnvFromSource = struct('core/v1.EnvFromSource', {
  prefix: string(1),
  configMapRef: message(2, ConfigMapEnvSource, { optional: true }),
  secretRef: message(3, SecretEnvSource, { optional: true }),
});
export type EnvFromSource = Read<typeof EnvFromSource>;
