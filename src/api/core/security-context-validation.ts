// The rules of what containers may do and as whom they run. Upstream: ValidateSecurityContext and
// validatePodSpecSecurityContext in pkg/apis/core/validation.

import { checkFaults, checkLocalPath, checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { userOrGroupId } from '../names.ts';
import type { PodSpec } from './pod-spec.ts';
import type { AppArmorProfile, PodSecurityContext, SeccompProfile, SecurityContext } from './security-context.ts';
import { checkWindowsOptions } from './windows-validation.ts';

export function checkSecurityContext(
  context: SecurityContext,
  options: { readonly hostUsers: boolean },
  at: Path,
  errors: FieldError[],
): void {
  checkIds(context, at, errors);
  if (context.procMount !== undefined) checkOneOf(context.procMount, PROC_MOUNTS, at.child('procMount'), errors);
  if (context.procMount === 'Unmasked' && options.hostUsers) {
    const why = '`hostUsers` must be false to use `Unmasked`';
    errors.push(fieldError.invalid(at.child('procMount'), context.procMount, why));
  }
  checkProfiles(context, at, errors);
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) {
      const why = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(fieldError.invalid(at, context, why));
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      const why = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(fieldError.invalid(at, context, why));
    }
  }
}

type HostNamespaces = Pick<PodSpec, 'hostNetwork' | 'hostPID' | 'hostIPC' | 'shareProcessNamespace'>;

export function checkPodSecurityContext(
  context: PodSecurityContext,
  host: HostNamespaces,
  at: Path,
  errors: FieldError[],
): void {
  checkIds(context, at, errors);
  const { fsGroup, supplementalGroups = [] } = context;
  if (fsGroup !== undefined) checkFaults(userOrGroupId(fsGroup), fsGroup, at.child('fsGroup'), errors);
  for (const [index, group] of supplementalGroups.entries()) {
    checkFaults(userOrGroupId(group), group, at.child('supplementalGroups').index(index), errors);
  }
  if (host.shareProcessNamespace && host.hostPID) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(fieldError.invalid(at.child('shareProcessNamespace'), true, why));
  }
  checkSysctls(context, host, at.child('sysctls'), errors);
  checkProfiles(context, at, errors);
  for (const field of ['fsGroupChangePolicy', 'supplementalGroupsPolicy', 'seLinuxChangePolicy'] as const) {
    const policy = context[field];
    if (policy !== undefined) checkOneOf(policy, POLICIES[field], at.child(field), errors);
  }
}

// An empty text is none of these, though elsewhere it stands for no choice.
const PROC_MOUNTS = ['Default', 'Unmasked'];
const POLICIES = {
  fsGroupChangePolicy: ['Always', 'OnRootMismatch'],
  supplementalGroupsPolicy: ['Merge', 'Strict'],
  seLinuxChangePolicy: ['MountOption', 'Recursive'],
} as const;

function checkIds(context: Pick<SecurityContext, 'runAsUser' | 'runAsGroup'>, at: Path, errors: FieldError[]): void {
  for (const field of ['runAsUser', 'runAsGroup'] as const) {
    const id = context[field];
    if (id !== undefined) checkFaults(userOrGroupId(id), id, at.child(field), errors);
  }
}

type Profiles = Pick<SecurityContext, 'seccompProfile' | 'appArmorProfile' | 'windowsOptions'>;

function checkProfiles({ seccompProfile, appArmorProfile, windowsOptions }: Profiles, at: Path, errors: FieldError[]) {
  if (seccompProfile) checkSeccompProfile(seccompProfile, at.child('seccompProfile'), errors);
  if (windowsOptions) checkWindowsOptions(windowsOptions, at.child('windowsOptions'), errors);
  if (appArmorProfile) checkAppArmorProfile(appArmorProfile, at.child('appArmorProfile'), errors);
}

function checkSeccompProfile(profile: SeccompProfile, at: Path, errors: FieldError[]): void {
  const { type, localhostProfile } = profile;
  const path = at.child('localhostProfile');
  if (!type) errors.push(fieldError.required(at.child('type'), 'type is required when seccompProfile is set'));
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return;
    errors.push(fieldError.invalid(path, profile, 'can only be set when seccomp type is Localhost'));
  } else if (localhostProfile === undefined) {
    errors.push(fieldError.required(path, 'must be set when seccomp type is Localhost'));
  } else checkLocalPath(localhostProfile, path, errors);
}

/** The longest path of Linux, without its end. */
const MAX_PROFILE_BYTES = 4095;

export function checkAppArmorProfile(
  { type, localhostProfile }: AppArmorProfile,
  at: Path,
  errors: FieldError[],
): void {
  const path = at.child('localhostProfile');
  if (!type) errors.push(fieldError.required(at.child('type'), 'type is required when appArmorProfile is set'));
  if (type !== 'Localhost') {
    if (localhostProfile === undefined || !type) return;
    errors.push(fieldError.invalid(path, localhostProfile, 'can only be set when AppArmor type is Localhost'));
    return;
  }
  const trimmed = localhostProfile?.trim();
  if (trimmed !== localhostProfile) {
    errors.push(fieldError.invalid(path, localhostProfile, 'must not be padded with whitespace'));
  } else if (!trimmed) errors.push(fieldError.required(path, 'must be set when AppArmor type is Localhost'));
  if ((localhostProfile ?? '').length > MAX_PROFILE_BYTES) errors.push(fieldError.tooLong(path, MAX_PROFILE_BYTES));
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = new RegExp(`^(${SYSCTL_SEGMENT}[\\.\\/])*${SYSCTL_SEGMENT}$`);
const SYSCTL_SHOWN = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const MAX_SYSCTL = 253;

function checkSysctls(
  { sysctls = [] }: PodSecurityContext,
  host: HostNamespaces,
  at: Path,
  errors: FieldError[],
): void {
  const names = new Set<string>();
  for (const [index, { name }] of sysctls.entries()) {
    const path = at.index(index).child('name');
    if (name === '') errors.push(fieldError.required(path));
    else if (name.length > MAX_SYSCTL || !SYSCTL.test(name)) {
      const why = `must have at most ${MAX_SYSCTL} characters and match regex ${SYSCTL_SHOWN}`;
      errors.push(fieldError.invalid(path, name, why));
    } else if (names.has(name)) errors.push(fieldError.duplicate(path, name));
    names.add(name);
    const namespace = sysctlNamespace(name);
    if (namespace === 'network' && host.hostNetwork) {
      errors.push(fieldError.invalid(path, name, "may not be specified when 'hostNetwork' is true"));
    } else if (namespace === 'ipc' && host.hostIPC) {
      errors.push(fieldError.invalid(path, name, "may not be specified when 'hostIPC' is true"));
    }
  }
}

/** The namespace of Linux that a setting belongs to, if to one. Upstream: k8s.io/component-helpers/node/util/sysctl. */
function sysctlNamespace(name: string): 'network' | 'ipc' | undefined {
  const dotted = withDots(name);
  if (dotted.startsWith('net.')) return 'network';
  if (dotted.startsWith('kernel.shm') || dotted.startsWith('kernel.msg') || dotted.startsWith('fs.mqueue.'))
    return 'ipc';
  return dotted === 'kernel.sem' ? 'ipc' : undefined;
}

/** `net/ipv4/conf/eth0.1/x` and `net.ipv4.conf.eth0/1.x` are the same: the first separator tells which is which. */
function withDots(name: string): string {
  const first = name.search(/[./]/);
  if (first < 0 || name[first] === '.') return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}
