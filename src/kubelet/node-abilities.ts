// What some pods need that not every kernel or runtime can do: AppArmor, strict supplementary groups, user namespaces,
// mounts that are read-only all the way down. Who needs what is decided here, purely. Upstream: pkg/security/apparmor,
// the predicate of SupplementalGroupsPolicy in pkg/kubelet/lifecycle, pkg/kubelet/userns.

import { readFile } from 'node:fs/promises';
import type { VolumeMount } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import { containersOf } from '../api/core/pod-references.ts';
import type { Cri } from '../cri/cri.ts';
import type { Refusal } from './admission/admit-pod.ts';

export interface NodeAbilities {
  readonly appArmor: boolean;
  readonly supplementalGroupsPolicy: boolean;
  readonly userNamespaces: boolean;
  readonly recursiveReadOnlyMounts: boolean;
}

/** Rejects when the runtime does not answer. */
export async function readAbilities(cri: Pick<Cri, 'status'>, signal: AbortSignal): Promise<NodeAbilities> {
  const status = await cri.status({}, { signal });
  return abilitiesOf(status);
}

/** What the runtime says of itself, and what the kernel says. */
export async function abilitiesOf({
  runtimeHandlers,
  features,
}: Pick<Awaited<ReturnType<Cri['status']>>, 'runtimeHandlers' | 'features'>): Promise<NodeAbilities> {
  const appArmor = await readFile(APP_ARMOR_FILE, 'utf8').catch(() => ''); // A kernel without it has no such file.
  const handler = runtimeHandlers.find(({ name }) => name === '')?.features;
  return {
    appArmor: appArmor.startsWith('Y'),
    supplementalGroupsPolicy: features?.supplementalGroupsPolicy === true,
    userNamespaces: handler?.userNamespaces === true,
    recursiveReadOnlyMounts: handler?.recursiveReadOnlyMounts === true,
  };
}

const APP_ARMOR_FILE = '/sys/module/apparmor/parameters/enabled';

/** Why the pod cannot run on a node of these abilities at all; undefined when it can. */
export function abilityRefusal(pod: Pod, abilities: NodeAbilities): Refusal | undefined {
  if (!abilities.appArmor && wantsAppArmor(pod)) {
    return { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' };
  }
  const policy = pod.spec.securityContext?.supplementalGroupsPolicy;
  if (policy === 'Strict' && !abilities.supplementalGroupsPolicy) {
    const message = `SupplementalGroupsPolicy=${policy} is not supported in this node`;
    return { reason: 'SupplementalGroupsPolicyNotSupported', message };
  }
  return undefined;
}

function wantsAppArmor(pod: Pod): boolean {
  const shared = pod.spec.securityContext?.appArmorProfile;
  return containersOf(pod).some(({ securityContext }) => {
    const profile = securityContext?.appArmorProfile ?? shared;
    return profile !== undefined && profile.type !== 'Unconfined';
  });
}

/** Why the pod gets no sandbox; undefined when it does. */
export function sandboxRefusal({ spec }: Pod, { userNamespaces }: NodeAbilities): string | undefined {
  if (spec.hostUsers !== false || userNamespaces) return undefined;
  return "can't set `spec.hostUsers: false`, runtime does not support user namespaces";
}

/** Whether the mount is read-only all the way down. Throws where that cannot be had and must be. */
export function isRecursivelyReadOnly(
  { name, recursiveReadOnly }: VolumeMount,
  { recursiveReadOnlyMounts }: Pick<NodeAbilities, 'recursiveReadOnlyMounts'>,
): boolean {
  switch (recursiveReadOnly) {
    case 'IfPossible':
      return recursiveReadOnlyMounts;
    case 'Enabled':
      if (recursiveReadOnlyMounts) return true;
      throw new Error(
        `failed to resolve recursive read-only mode: volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`,
      );
    default:
      return false;
  }
}
