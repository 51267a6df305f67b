// The volumes of pods on this node: made before the first container, brought up to date while the pod runs, taken away
// after it. Each volume is a directory (or a path of the host) that containers get mounted. Which kinds there are is the
// table below; contents of projected kinds are projection.ts.

import { chown, lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersistentVolume, PersistentVolumeSpec } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeSource } from '../../api/core/persistent-volume-source.ts';
import type { Pod } from '../../api/core/pod.ts';
import { claimNameOf } from '../../api/core/pod-claims.ts';
import type { Volume } from '../../api/core/volume.ts';
import { messageOf } from '../../base/message-of.ts';
import { listIfThere } from '../../cri/if-there.ts';
import type { Mounter } from '../mounter.ts';
import type { PodVolumes } from '../pod-parts.ts';
import { isWritten, type ProjectedFiles, writeAtomically } from './atomic-directory.ts';
import type { ImageVolumes } from './image-volumes.ts';
import { memorySizeBytes } from './memory-size.ts';
import { configMapFiles, downwardFiles, type ProjectionSources, projectedFiles, secretFiles } from './projection.ts';
import { findSubPath } from './sub-path.ts';

export interface VolumeManagerDeps {
  /** Holds a directory for each pod, by uid. */
  readonly podsDir: string;
  readonly sources: ProjectionSources;
  /** What a claim of the pod is bound to; rejects while there is nothing. */
  readonly persistentVolume: (pod: Pod, volume: Volume, claimName: string) => Promise<PersistentVolume>;
  readonly mounter: Mounter;
  readonly images: Pick<ImageVolumes, 'release'>;
  /** A name that has not been used before in this directory: a time stamp with a counter. */
  readonly stamp: () => string;
}

/** The pod asks for a volume that cannot be made as it says. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

/** Where a volume comes from: what the pod says itself, or the volume that its claim is bound to. */
type Source = Volume & Pick<PersistentVolumeSpec, 'local'>;
interface Context extends VolumeManagerDeps {
  readonly pod: Pod;
  readonly volume: Source;
  /** Where the volume's own directory is to be. */
  readonly directory: string;
}

/** How a kind of volume comes to be. `update` is called again while the pod runs. */
interface VolumeKind {
  readonly directoryName: string;
  prepare(context: Context): Promise<void>;
  update?(context: Context): Promise<void>;
}

export class VolumeManager implements PodVolumes {
  readonly #deps: VolumeManagerDeps;
  /** What claims have turned out to be, by the pod's uid and the volume's name in it: known once it was mounted. */
  readonly #claimed = new Map<string, Map<string, Source>>();

  constructor(deps: VolumeManagerDeps) {
    this.#deps = deps;
  }

  /**
   * Throws VolumeError, which names the volume, while something that it needs is missing. What a pod has once got it
   * keeps, so that its containers start again though a source be gone; `refresh` tells of that.
   */
  async mount(pod: Pod): Promise<void> {
    for (const volume of pod.spec.volumes ?? []) {
      try {
        const source = await this.#resolve(pod, volume);
        const kind = kindOf(source);
        const context = this.#context(pod, source, kind);
        await kind.prepare(context);
        await kind.update?.(context).catch(async (error) => {
          if (!(await isWritten(context.directory))) throw error;
        });
      } catch (cause) {
        throw setUpFailed(volume, cause);
      }
    }
  }

  /**
   * Brings what may change while the pod runs (ConfigMaps, Secrets, tokens, downward API) up to date. Throws VolumeError,
   * which names the volumes that could not be, when all the others are.
   */
  async refresh(pod: Pod): Promise<void> {
    const failures: VolumeError[] = [];
    for (const volume of pod.spec.volumes ?? []) {
      if (claimNameOf(pod, volume) !== undefined) continue; // What is in it is the pod's own business.
      const kind = kindOf(volume);
      await kind.update?.(this.#context(pod, volume, kind)).catch((cause) => failures.push(setUpFailed(volume, cause)));
    }
    if (failures.length > 0)
      throw new VolumeError(failures.map(({ message }) => message).join('; '), { cause: failures });
  }

  /** The path on this machine that containers get mounted for the volume. Throws VolumeError for an unknown name. */
  pathOf(pod: Pod, name: string): string {
    const volume = pod.spec.volumes?.find((other) => other.name === name);
    if (!volume) throw new VolumeError(`there is no volume ${JSON.stringify(name)}`);
    const source: Source = this.#claimed.get(pod.metadata.uid)?.get(name) ?? volume;
    return source.hostPath?.path ?? source.local?.path ?? this.#context(pod, source, kindOf(source)).directory;
  }

  /** The text of a file in a volume. Throws VolumeError, SubPathError, and for one that is not there or too long. */
  async readFile(pod: Pod, name: string, path: string): Promise<string> {
    await using file = await open(await findSubPath(this.pathOf(pod, name), path), 'r');
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) throw new VolumeError(`file ${path} of volume ${JSON.stringify(name)} is too long`);
    return file.readFile('utf8');
  }

  /** Takes the volumes away; what containers have said last stays. */
  async unmount(uid: string): Promise<void> {
    this.#claimed.delete(uid);
    const volumes = join(this.#deps.podsDir, uid, 'volumes');
    await this.#deps.mounter.unmount(volumes);
    const images = await listIfThere(join(volumes, directoryOf(image)));
    for (const { name } of images) await this.#deps.images.release(uid, name);
    await rm(volumes, { recursive: true, force: true });
  }

  async remove(uid: string): Promise<void> {
    await this.unmount(uid);
    await rm(join(this.#deps.podsDir, uid), { recursive: true, force: true });
  }

  /** The pods that have a directory here. */
  async uids(): Promise<readonly string[]> {
    return readdir(this.#deps.podsDir).catch(() => []);
  }

  /** A volume that the pod has already stays what it is, though its claim be deleted meanwhile: it goes after the pod. */
  async #resolve(pod: Pod, volume: Volume): Promise<Source> {
    const claimName = claimNameOf(pod, volume);
    if (claimName === undefined) return volume;
    const { uid } = pod.metadata;
    const ofPod = this.#claimed.get(uid) ?? new Map<string, Source>();
    const source = ofPod.get(volume.name) ?? sourceOf(await this.#deps.persistentVolume(pod, volume, claimName));
    this.#claimed.set(uid, ofPod.set(volume.name, source));
    return source;
  }

  #context(pod: Pod, volume: Source, kind: VolumeKind): Context {
    const directory = join(this.#deps.podsDir, pod.metadata.uid, 'volumes', directoryOf(kind), volume.name);
    return { ...this.#deps, pod, volume, directory };
  }
}

function directoryOf({ directoryName }: VolumeKind): string {
  return `kubernetes.io~${directoryName}`;
}

/** More than an environment may hold. */
const MAX_FILE_BYTES = 1024 * 1024;

const emptyDir: VolumeKind = {
  directoryName: 'empty-dir',
  async prepare({ pod, volume, directory, mounter, sources }) {
    await mkdir(directory, { recursive: true });
    const { medium = '', sizeLimit } = volume.emptyDir ?? {};
    if (medium !== '' && medium !== 'Memory') throw new VolumeError(`medium ${medium} cannot be had on this node`);
    if (medium === 'Memory' && !(await mounter.isMountPoint(directory))) {
      const sizeBytes = memorySizeBytes(pod, sizeLimit, sources.fields.allocatable()['memory']);
      await mounter.mountTmpfs(directory, { ...(sizeBytes === undefined ? {} : { sizeBytes }) });
    }
    await share(directory, pod);
  },
};

const hostPath: VolumeKind = {
  directoryName: 'host-path',
  async prepare({ volume }) {
    const { path = '', type = '' } = volume.hostPath ?? {};
    await checkHostPath(path, type);
  },
};

/** A directory of this node that was set aside for it: unlike a path of the host it has to be there already. */
const local: VolumeKind = {
  directoryName: 'local-volume',
  async prepare({ volume }) {
    const { path = '' } = volume.local ?? {};
    if (!(await stat(path).catch(() => undefined))) throw new VolumeError(`path "${path}" does not exist`);
  },
};

const configMap: VolumeKind = {
  directoryName: 'configmap',
  prepare: makeDirectory,
  async update({ pod, volume, directory, sources, stamp }) {
    const { name = '', items, optional = false, defaultMode } = volume.configMap ?? {};
    const files = await configMapFiles(sources, pod, { name, items, optional, mode: defaultMode });
    await writeAtomically(directory, owned(files, pod), stamp());
  },
};

const secret: VolumeKind = {
  directoryName: 'secret',
  prepare: makePrivateDirectory,
  async update({ pod, volume, directory, sources, stamp }) {
    const { secretName = '', items, optional = false, defaultMode } = volume.secret ?? {};
    const files = await secretFiles(sources, pod, { name: secretName, items, optional, mode: defaultMode });
    await writeAtomically(directory, owned(files, pod), stamp());
  },
};

const downwardApi: VolumeKind = {
  directoryName: 'downward-api',
  prepare: makeDirectory,
  async update({ pod, volume, directory, sources, stamp }) {
    const { items, defaultMode } = volume.downwardAPI ?? {};
    await writeAtomically(directory, owned(downwardFiles(sources.fields, pod, items ?? [], defaultMode), pod), stamp());
  },
};

const projected: VolumeKind = {
  directoryName: 'projected',
  prepare: makePrivateDirectory,
  async update({ pod, volume, directory, sources, stamp }) {
    const { sources: projections, defaultMode } = volume.projected ?? {};
    const files = await projectedFiles(sources, pod, projections ?? [], defaultMode);
    await writeAtomically(directory, owned(files, pod), stamp());
  },
};

/** Pulled and mounted when a container is started that has it, for that is whom a failure keeps from starting. */
const image: VolumeKind = {
  directoryName: 'image',
  prepare: async () => {},
};

function setUpFailed({ name }: Volume, cause: unknown): VolumeError {
  return new VolumeError(`MountVolume.SetUp failed for volume "${name}" : ${messageOf(cause)}`, { cause });
}

/** The kinds that pods and persistent volumes have in common look the same in both. */
function sourceOf({ metadata, spec }: PersistentVolume): Source {
  if (spec.volumeMode === 'Block') throw new VolumeError(`volume ${metadata.name} has no file system to mount`);
  const { hostPath, local } = spec;
  if (hostPath) return { name: metadata.name, hostPath };
  if (local) return { name: metadata.name, local };
  const kinds = Object.keys(PersistentVolumeSource.fields) as (keyof typeof spec)[];
  const other = kinds.find((key) => spec[key] !== undefined) ?? 'unknown';
  throw new VolumeError(`volume "${metadata.name}" is of kind ${other}, which this node cannot mount`);
}

function kindOf(volume: Source): VolumeKind {
  if (volume.emptyDir) return emptyDir;
  if (volume.hostPath) return hostPath;
  if (volume.local) return local;
  if (volume.configMap) return configMap;
  if (volume.secret) return secret;
  if (volume.downwardAPI) return downwardApi;
  if (volume.projected) return projected;
  if (volume.image) return image;
  const [other = 'unknown'] = Object.keys(volume).filter((key) => key !== 'name');
  throw new VolumeError(`volume ${JSON.stringify(volume.name)} is of kind ${other}, which this node cannot mount`);
}

async function makeDirectory({ directory }: Context): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
}

/** What is secret lives in memory, never on a disk. */
async function makePrivateDirectory(context: Context): Promise<void> {
  await makeDirectory(context);
  if (!(await context.mounter.isMountPoint(context.directory))) await context.mounter.mountTmpfs(context.directory, {});
}

/** The group that the pod shares its volumes with owns its files, which it may read (upstream: SetVolumeOwnership). */
function owned(files: ProjectedFiles, pod: Pod): ProjectedFiles {
  const gid = pod.spec.securityContext?.fsGroup;
  if (gid === undefined) return files;
  return new Map([...files].map(([path, file]) => [path, { ...file, gid, mode: file.mode | GROUP_READS }]));
}

const GROUP_READS = 0o440;

/** Everybody may write to it; in memory it stays sticky, as a tmpfs is by itself. */
async function share(directory: string, pod: Pod): Promise<void> {
  const gid = pod.spec.securityContext?.fsGroup;
  await using handle = await open(directory, 'r');
  const sticky = (await handle.stat()).mode & 0o1000;
  // The set-group-id bit makes what is created inside belong to the group as well.
  await handle.chmod(sticky | (gid === undefined ? 0o777 : 0o2777));
  if (gid !== undefined) await chown(directory, 0, gid);
}

/** The types of hostPath: what must be there, and what is made when it is not. */
async function checkHostPath(path: string, type: string): Promise<void> {
  if (type === '') return;
  const there = await stat(path).catch(() => undefined);
  if (type === 'DirectoryOrCreate' && !there) return void (await mkdir(path, { recursive: true, mode: 0o755 }));
  if (type === 'FileOrCreate' && !there) return (await open(path, 'a', 0o644)).close();
  const fits =
    (type.startsWith('Directory') && there?.isDirectory()) ||
    (type.startsWith('File') && there?.isFile()) ||
    (type === 'Socket' && there?.isSocket()) ||
    (type === 'CharDevice' && (await lstat(path).catch(() => undefined))?.isCharacterDevice()) ||
    (type === 'BlockDevice' && there?.isBlockDevice());
  if (!fits) throw new VolumeError(`hostPath type check failed: ${path} is not a ${HOST_PATH_WORDS[type] ?? type}`);
}

const HOST_PATH_WORDS: Readonly<Record<string, string>> = {
  Directory: 'directory',
  DirectoryOrCreate: 'directory',
  File: 'file',
  FileOrCreate: 'file',
  Socket: 'socket file',
  CharDevice: 'character device',
  BlockDevice: 'block device',
};
