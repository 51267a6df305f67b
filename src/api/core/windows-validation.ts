// The rules of pods for Windows: their own options, and what of Linux they may not ask for. Upstream:
// validateWindowsSecurityContextOptions, validateWindowsHostProcessPod, validateLinux and validateWindows in
// pkg/apis/core/validation.

import { checkFaults } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { dns1123Subdomain } from '../names.ts';
import { containersWithPaths } from './container-paths.ts';
import type { PodSpec } from './pod-spec.ts';
import type { PodSecurityContext, SecurityContext, WindowsSecurityContextOptions } from './security-context.ts';

const MAX_CREDENTIAL_SPEC_KIB = 64;

export function checkWindowsOptions(options: WindowsSecurityContextOptions, at: Path, errors: FieldError[]): void {
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName } = options;
  if (specName !== undefined) {
    checkFaults(dns1123Subdomain(specName), specName, at.child('gmsaCredentialSpecName'), errors);
  }
  if (spec === '') {
    errors.push(
      fieldError.invalid(at.child('gmsaCredentialSpec'), spec, 'gmsaCredentialSpec cannot be an empty string'),
    );
  } else if (spec !== undefined && spec.length > MAX_CREDENTIAL_SPEC_KIB * 1024) {
    const why = `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_SPEC_KIB} KiB`;
    errors.push(fieldError.invalid(at.child('gmsaCredentialSpec'), spec, why));
  }
  if (runAsUserName !== undefined) {
    checkFaults(userNameFaults(runAsUserName), runAsUserName, at.child('runAsUserName'), errors);
  }
}

const MAX_DOMAIN = 256;
const MAX_USER = 104;
const NET_BIOS_NAME = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);

/** `DOMAIN\user` or `user`. */
function userNameFaults(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? parts[0] : undefined;
  const faults: string[] = [];
  if ((domain ?? '').length >= MAX_DOMAIN) {
    faults.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN} characters`);
  }
  if (domain !== undefined && !NET_BIOS_NAME.test(domain) && !DNS_NAME.test(domain)) {
    faults.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') faults.push("runAsUserName's User cannot be empty");
  else if (user.length > MAX_USER) {
    faults.push(`runAsUserName's User length must not be longer than ${MAX_USER} characters`);
  }
  if (/^[. ]+$/.test(user)) faults.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    faults.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return faults;
}

/** Containers that are processes of the host: all of a pod's or none, and only in the host's network. */
export function checkHostProcesses(spec: PodSpec, at: Path, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = containersWithPaths(spec, at);
  let hostProcesses = 0;
  for (const { container, path } of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(fieldError.invalid(path.child('securityContext', 'windowsOptions', 'hostProcess'), own, why));
    }
    if (own ?? ofPod) hostProcesses++;
  }
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers.length) {
    const why = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(fieldError.invalid(at, '', why));
  }
  if (!spec.hostNetwork) {
    const why = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(fieldError.invalid(at.child('hostNetwork'), false, why));
  }
}

/** What a pod says that goes with another operating system than the one it says it is for. */
export function checkOperatingSystem(spec: PodSpec, at: Path, errors: FieldError[]): void {
  const name = spec.os?.name;
  if (name === undefined) return;
  if (name === '') errors.push(fieldError.required(at.child('os', 'name')));
  else if (name === 'linux') refuseFields(spec, at, LINUX, errors);
  else if (name === 'windows') refuseFields(spec, at, WINDOWS, errors);
  else errors.push(fieldError.notSupported(at.child('os'), name, ['linux', 'windows']));
}

interface Refused {
  readonly why: string;
  readonly spec: readonly (keyof PodSpec)[];
  readonly pod: readonly (keyof PodSecurityContext)[];
  readonly container: readonly (keyof SecurityContext)[];
}

const LINUX: Refused = {
  why: 'windows options cannot be set for a linux pod',
  spec: [],
  pod: ['windowsOptions'],
  container: ['windowsOptions'],
};
const WINDOWS: Refused = {
  why: 'cannot be set for a windows pod',
  spec: ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'],
  pod: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'fsGroup',
    'fsGroupChangePolicy',
    'sysctls',
    'runAsUser',
    'runAsGroup',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'seLinuxChangePolicy',
  ],
  container: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'capabilities',
    'readOnlyRootFilesystem',
    'privileged',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
  ],
};

function refuseFields(spec: PodSpec, at: Path, refused: Refused, errors: FieldError[]): void {
  const refuse = <T extends object>(value: T | undefined, fields: readonly (keyof T & string)[], path: Path) => {
    for (const field of fields) {
      if (value?.[field] !== undefined) errors.push(fieldError.forbidden(path.child(field), refused.why));
    }
  };
  refuse(spec, refused.spec, at);
  refuse(spec.securityContext, refused.pod, at.child('securityContext'));
  for (const { container, path } of containersWithPaths(spec, at)) {
    refuse<SecurityContext>(container.securityContext, refused.container, path.child('securityContext'));
  }
}
