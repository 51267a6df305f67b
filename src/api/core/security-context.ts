// Security context.

import { bool, int64, list, message, type Read, string, struct } from '../schema.ts';

export const Capabilities = struct('core/v1.Capabilities', {
  add: list(1, 'string', { list: 'atomic' }),
  drop: list(2, 'string', { list: 'atomic' }),
});
export type Capabilities = Read<typeof Capabilities>;

export const SELinuxOptions = struct('core/v1.SELinuxOptions', {
  user: string(1),
  role: string(2),
  type: string(3),
  level: string(4),
});
export type SELinuxOptions = Read<typeof SELinuxOptions>;

export const WindowsSecurityContextOptions = struct('core/v1.WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: string(1, { optional: true }),
  gmsaCredentialSpec: string(2, { optional: true }),
  runAsUserName: string(3, { optional: true }),
  hostProcess: bool(4, { optional: true }),
});
export type WindowsSecurityContextOptions = Read<typeof WindowsSecurityContextOptions>;

export const Sysctl = struct('core/v1.Sysctl', {
  name: string(1, { required: true }),
  value: string(2, { required: true, mayBeEmpty: true }),
});
export type Sysctl = Read<typeof Sysctl>;

export const SeccompProfileType = ['Unconfined', 'RuntimeDefault', 'Localhost'] as const;
export type SeccompProfileType = (typeof SeccompProfileType)[number];

export const SeccompProfile = struct(
  'core/v1.SeccompProfile',
  {
    type: string(1, { required: true, enum: SeccompProfileType }),
    localhostProfile: string(2, { optional: true }),
  },
  { unions: [{ discriminator: 'type', members: { localhostProfile: 'LocalhostProfile' } }] },
);
export type SeccompProfile = Read<typeof SeccompProfile>;

export const AppArmorProfileType = ['Unconfined', 'RuntimeDefault', 'Localhost'] as const;
export type AppArmorProfileType = (typeof AppArmorProfileType)[number];

export const AppArmorProfile = struct(
  'core/v1.AppArmorProfile',
  {
    type: string(1, { required: true, enum: AppArmorProfileType }),
    localhostProfile: string(2, { optional: true }),
  },
  { unions: [{ discriminator: 'type', members: { localhostProfile: 'LocalhostProfile' } }] },
);
export type AppArmorProfile = Read<typeof AppArmorProfile>;

export const SupplementalGroupsPolicy = ['Merge', 'Strict'] as const;
export type SupplementalGroupsPolicy = (typeof SupplementalGroupsPolicy)[number];

export const PodFSGroupChangePolicy = ['OnRootMismatch', 'Always'] as const;
export type PodFSGroupChangePolicy = (typeof PodFSGroupChangePolicy)[number];

export const PodSecurityContext = struct('core/v1.PodSecurityContext', {
  seLinuxOptions: message(1, SELinuxOptions, { optional: true }),
  windowsOptions: message(8, WindowsSecurityContextOptions, { optional: true }),
  runAsUser: int64(2, { optional: true }),
  runAsGroup: int64(6, { optional: true }),
  runAsNonRoot: bool(3, { optional: true }),
  supplementalGroups: list(4, 'int64', { list: 'atomic' }),
  supplementalGroupsPolicy: string(12, { optional: true, enum: SupplementalGroupsPolicy }),
  fsGroup: int64(5, { optional: true }),
  sysctls: list(7, Sysctl, { list: 'atomic' }),
  fsGroupChangePolicy: string(9, { optional: true, enum: PodFSGroupChangePolicy }),
  seccompProfile: message(10, SeccompProfile, { optional: true }),
  appArmorProfile: message(11, AppArmorProfile, { optional: true }),
  seLinuxChangePolicy: string(13, { optional: true }),
});
export type PodSecurityContext = Read<typeof PodSecurityContext>;

export const ProcMountType = ['Default', 'Unmasked'] as const;
export type ProcMountType = (typeof ProcMountType)[number];

export const SecurityContext = struct('core/v1.SecurityContext', {
  capabilities: message(1, Capabilities, { optional: true }),
  privileged: bool(2, { optional: true }),
  seLinuxOptions: message(3, SELinuxOptions, { optional: true }),
  windowsOptions: message(10, WindowsSecurityContextOptions, { optional: true }),
  runAsUser: int64(4, { optional: true }),
  runAsGroup: int64(8, { optional: true }),
  runAsNonRoot: bool(5, { optional: true }),
  readOnlyRootFilesystem: bool(6, { optional: true }),
  allowPrivilegeEscalation: bool(7, { optional: true }),
  procMount: string(9, { optional: true, enum: ProcMountType }),
  seccompProfile: message(11, SeccompProfile, { optional: true }),
  appArmorProfile: message(12, AppArmorProfile, { optional: true }),
});
export type SecurityContext = Read<typeof SecurityContext>;
