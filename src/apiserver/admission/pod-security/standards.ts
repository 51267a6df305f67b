// The Pod Security Standards: which checks there are at which level and version, and what they say of a pod all together.

import type { Check, CheckPod, CheckVersion, PodParts, Violation } from './check.ts';
import {
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  sysctls,
  windowsHostProcess,
} from './host-checks.ts';
import {
  appArmorProfile,
  capabilitiesBaseline,
  capabilitiesRestricted,
  procMountBaseline,
  procMountRestricted,
  seccompBaseline,
  seccompRestricted,
  seLinuxOptions,
} from './profile-checks.ts';
import { allowPrivilegeEscalation, restrictedVolumes, runAsNonRoot, runAsUser } from './restricted-checks.ts';
import type { Standard, Version } from './security-level.ts';

/** In the order in which violations are told: the baseline first, each level by name. */
const CHECKS: readonly Check[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMountBaseline,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];

/** What the standard finds wrong with a pod. */
export type Judge = (pod: PodParts) => readonly Violation[];

export function judgeOf(standard: Standard): Judge {
  const checks = checksOf(standard);
  return (pod) => checks.map((check) => check(pod)).filter((violation) => violation !== undefined);
}

/** `host namespaces (hostPID), privileged (container "a" must not …)`. */
export function detailsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}

function checksOf({ level, version }: Standard): readonly CheckPod[] {
  if (level === 'privileged') return [];
  const current = CHECKS.flatMap((check) => {
    const found = check.level === 'restricted' && level !== 'restricted' ? undefined : versionAt(check, version);
    return found ? [{ id: check.id, ...found }] : [];
  });
  const overridden = new Set(current.flatMap(({ overrides = [] }) => overrides));
  return current.filter(({ id }) => !overridden.has(id)).map(({ check }) => check);
}

function versionAt({ versions }: Check, version: Version): CheckVersion | undefined {
  return versions.findLast(({ since }) => version === 'latest' || since <= version);
}
