// A container as CRI takes it: command, environment, mounts, resources, privileges. Upstream: kuberuntime_container.go and
// pkg/securitycontext.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import type { AppArmorProfile, SeccompProfile, SecurityContext } from '../api/core/security-context.ts';
import type { ContainerConfig, LinuxContainerSecurityContext, Mount } from '../cri/container-messages.ts';
import type { ContainerAllocation } from './devices/device-plugin-messages.ts';
import { expand } from './environment.ts';
import { containerLogPath } from './logs/log-files.ts';
import { containerResources } from './resources.ts';
import {
  CONTAINER_NAME_LABEL,
  namespaceOptions,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  supplementalGroups,
  supplementalGroupsPolicy,
} from './sandbox-config.ts';

/** Annotations in which a container carries what the agent needs to know after a restart; upstream's names. */
export const SPEC_HASH_ANNOTATION = 'io.kubernetes.container.hash';
export const TERMINATION_PATH_ANNOTATION = 'io.kubernetes.container.terminationMessagePath';
export const TERMINATION_POLICY_ANNOTATION = 'io.kubernetes.container.terminationMessagePolicy';
export const TERMINATION_HOST_PATH_ANNOTATION = 'typernetes.io/container.terminationMessageFile';

export interface ContainerContext {
  readonly attempt: number;
  /** What the image's name resolved to. */
  readonly imageRef: string;
  /** Whom the image asks to run as: a number, or a name that only the image's own passwd file explains. */
  readonly imageUser: { readonly uid: number | undefined; readonly username: string };
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly nodeMemoryBytes: number;
  /** The file on this machine that is mounted at the termination message path. */
  readonly terminationMessageFile: string;
  /** The container whose processes an ephemeral one is to see. */
  readonly targetId?: string | undefined;
  /** Where the node's own seccomp profiles are. */
  readonly seccompDir: string;
  /** What comes with the container's devices. */
  readonly devices: ContainerAllocation;
}

export function containerConfig(pod: Pod, container: Container, context: ContainerContext): ContainerConfig {
  const { environment, devices } = context;
  const deviceEnvironment = Object.entries(devices.envs).filter(([name]) => !environment.has(name));
  return {
    metadata: { name: container.name, attempt: context.attempt },
    image: { image: context.imageRef, userSpecifiedImage: container.image ?? '' },
    command: (container.command ?? []).map((word) => expand(word, environment)),
    args: (container.args ?? []).map((word) => expand(word, environment)),
    workingDir: container.workingDir ?? '',
    envs: [...deviceEnvironment, ...environment].map(([key, value]) => ({ key, value })),
    mounts: [...devices.mounts.map(deviceMount), ...context.mounts],
    devices: devices.devices,
    cdiDevices: devices.cdiDevices,
    labels: {
      [CONTAINER_NAME_LABEL]: container.name,
      [POD_NAME_LABEL]: pod.metadata.name,
      [POD_NAMESPACE_LABEL]: pod.metadata.namespace,
      [POD_UID_LABEL]: pod.metadata.uid,
    },
    annotations: {
      ...devices.annotations,
      [SPEC_HASH_ANNOTATION]: containerHash(container),
      [TERMINATION_PATH_ANNOTATION]: container.terminationMessagePath ?? '/dev/termination-log',
      [TERMINATION_POLICY_ANNOTATION]: container.terminationMessagePolicy ?? 'File',
      [TERMINATION_HOST_PATH_ANNOTATION]: context.terminationMessageFile,
    },
    logPath: containerLogPath(container.name, context.attempt),
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    linux: {
      resources: containerResources(pod, container, context.nodeMemoryBytes),
      securityContext: securityContext(pod, container.securityContext, context),
    },
  };
}

function deviceMount({ containerPath, hostPath, readOnly }: ContainerAllocation['mounts'][number]): Mount {
  return { containerPath, hostPath, readonly: readOnly };
}

/**
 * Of what a container cannot be changed in without replacing it: everything but resources, which are resized in place.
 * Upstream hashes name and image only, as nothing else of a pod's containers can be updated.
 */
export function containerHash(container: Container): string {
  return createHash('sha256')
    .update(JSON.stringify([container.name, container.image]))
    .digest('hex')
    .slice(0, 16);
}

/** The container's own settings win over the pod's. */
function securityContext(
  pod: Pod,
  own: SecurityContext | undefined,
  { imageUser: image, targetId, seccompDir }: ContainerContext,
): LinuxContainerSecurityContext {
  const shared = pod.spec.securityContext;
  const user = own?.runAsUser ?? shared?.runAsUser ?? image.uid;
  const group = own?.runAsGroup ?? shared?.runAsGroup;
  const privileged = own?.privileged === true;
  const seccomp = own?.seccompProfile ?? shared?.seccompProfile;
  const appArmor = own?.appArmorProfile ?? shared?.appArmorProfile;
  return {
    capabilities: {
      addCapabilities: own?.capabilities?.add ?? [],
      dropCapabilities: own?.capabilities?.drop ?? [],
    },
    privileged,
    namespaceOptions: targeted(namespaceOptions(pod), targetId),
    ...(user === undefined ? { runAsUsername: image.username } : { runAsUser: user }),
    ...(group === undefined ? {} : { runAsGroup: group }),
    readonlyRootfs: own?.readOnlyRootFilesystem === true,
    supplementalGroups: supplementalGroups(pod),
    ...supplementalGroupsPolicy(pod),
    noNewPrivs: own?.allowPrivilegeEscalation === false,
    // A privileged container sees /proc and /sys as they are.
    maskedPaths: privileged || own?.procMount === 'Unmasked' ? [] : MASKED_PATHS,
    readonlyPaths: privileged || own?.procMount === 'Unmasked' ? [] : READONLY_PATHS,
    seccomp: seccomp === undefined || privileged ? { profileType: 'Unconfined' } : seccompProfile(seccomp, seccompDir),
    ...(appArmor === undefined ? {} : { apparmor: appArmorProfile(appArmor) }),
  };
}

/** A pod whose containers share their processes, with each other or with the node, needs no target. */
function targeted(options: ReturnType<typeof namespaceOptions>, targetId: string | undefined) {
  return targetId !== undefined && options.pid === 'CONTAINER'
    ? ({ ...options, pid: 'TARGET', targetId } as const)
    : options;
}

function seccompProfile({ type, localhostProfile = '' }: SeccompProfile, directory: string) {
  if (type !== 'Localhost') return { profileType: type };
  if (localhostProfile === '') throw new Error('localhostProfile must be set if seccompProfile type is Localhost.');
  return { profileType: type, localhostRef: join(directory, localhostProfile) };
}

function appArmorProfile({ type, localhostProfile = '' }: AppArmorProfile) {
  return type === 'Localhost' ? { profileType: type, localhostRef: localhostProfile } : { profileType: type };
}

const MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
