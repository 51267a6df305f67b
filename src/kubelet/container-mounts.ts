// What a container gets mounted: its volumes, /etc/hosts and the file for its last words. Upstream: makeMounts in
// pkg/kubelet/kubelet_pods.go.

import { access, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { Container, VolumeMount } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import type { Mount } from '../cri/container-messages.ts';
import type { ImageSpec } from '../cri/image-messages.ts';
import { expand } from './environment.ts';
import { hostsFile } from './hosts-file.ts';
import { isRecursivelyReadOnly, type NodeAbilities } from './node-abilities.ts';
import { findSubPath, openSubPath, SubPathError } from './volumes/sub-path.ts';

export interface MountContext {
  readonly volumes: { pathOf(pod: Pod, name: string): string };
  /** The pod's own directory on this node. */
  readonly podDir: string;
  readonly attempt: number;
  readonly environment: ReadonlyMap<string, string>;
  readonly podIps: readonly string[];
  readonly clusterDomain: string;
  readonly abilities: () => Promise<NodeAbilities>;
  /** Images, by the volumes' names, that the runtime is to mount itself. */
  readonly images: ReadonlyMap<string, ImageSpec>;
}

const HOSTS = '/etc/hosts';
const DEFAULT_TERMINATION_PATH = '/dev/termination-log';

/** The mounts, and the file that takes the termination message. Throws for a sub path that leads out of its volume. */
export async function containerMounts(
  pod: Pod,
  container: Container,
  context: MountContext,
): Promise<{ readonly mounts: readonly Mount[]; readonly terminationMessageFile: string }> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) mounts.push(await volumeMount(pod, mount, context));
  if (!mounts.some(({ containerPath }) => containerPath === HOSTS)) mounts.push(await hostsMount(pod, context));
  const terminationMessageFile = terminationFile(context.podDir, container.name, context.attempt);
  await mkdir(dirname(terminationMessageFile), { recursive: true, mode: 0o750 });
  const handle = await open(terminationMessageFile, 'w', 0o666);
  await handle.chmod(0o666); // Whoever the container runs as writes to it.
  await handle.close();
  mounts.push({
    containerPath: container.terminationMessagePath || DEFAULT_TERMINATION_PATH,
    hostPath: terminationMessageFile,
  });
  return { mounts, terminationMessageFile };
}

export async function removeTerminationMessage(podDir: string, container: string, attempt: number): Promise<void> {
  await rm(terminationFile(podDir, container, attempt), { force: true });
}

function terminationFile(podDir: string, container: string, attempt: number): string {
  return join(podDir, 'containers', container, String(attempt));
}

async function volumeMount(pod: Pod, mount: VolumeMount, context: MountContext): Promise<Mount> {
  const subPath = mount.subPathExpr ? expandSubPath(mount.subPathExpr, context.environment) : (mount.subPath ?? '');
  const wantsAbility = mount.recursiveReadOnly !== undefined && mount.recursiveReadOnly !== 'Disabled';
  const image = context.images.get(mount.name);
  return {
    containerPath: isAbsolute(mount.mountPath) ? mount.mountPath : `/${mount.mountPath}`,
    ...(image ? { image, imageSubPath: subPath } : { hostPath: await hostPathOf(pod, mount.name, subPath, context) }),
    readonly: mount.readOnly === true || isReadOnly(pod, mount.name),
    recursiveReadOnly: wantsAbility && isRecursivelyReadOnly(mount, await context.abilities()),
    propagation: PROPAGATIONS[mount.mountPropagation ?? 'None'] ?? 'PROPAGATION_PRIVATE',
  };
}

async function hostPathOf(pod: Pod, name: string, subPath: string, { volumes }: MountContext): Promise<string> {
  const root = volumes.pathOf(pod, name);
  if (subPath === '') return root;
  if (!volumeOf(pod, name)?.image) return openSubPath(root, subPath);
  const path = await findSubPath(root, subPath); // In an image nothing can be made that is missing.
  await access(path);
  return path;
}

/** A pod may have its claims for reading only, and images never otherwise. */
function isReadOnly(pod: Pod, volumeName: string): boolean {
  const volume = volumeOf(pod, volumeName);
  return volume?.image !== undefined || volume?.persistentVolumeClaim?.readOnly === true;
}

function volumeOf({ spec }: Pod, volumeName: string) {
  return spec.volumes?.find(({ name }) => name === volumeName);
}

/** Every variable has to have a value: part of a path that is missing would make another path. */
function expandSubPath(expression: string, environment: ReadonlyMap<string, string>): string {
  const missing = new Set<string>();
  const values = { get: (name: string) => environment.get(name) || void missing.add(name) };
  const expanded = expand(expression, values);
  if (missing.size > 0) throw new SubPathError(`missing value for ${[...missing].sort().join(', ')}`);
  return expanded;
}

const PROPAGATIONS: Readonly<Record<string, Mount['propagation']>> = {
  None: 'PROPAGATION_PRIVATE',
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
};

/** All containers of a pod share one hosts file, so that what one adds the others see. */
async function hostsMount(pod: Pod, { podDir, podIps, clusterDomain }: MountContext): Promise<Mount> {
  const path = join(podDir, 'etc-hosts');
  await mkdir(podDir, { recursive: true, mode: 0o750 });
  await writeFile(path, await hostsFile(pod, podIps, clusterDomain), { mode: 0o644 });
  return { containerPath: HOSTS, hostPath: path };
}
