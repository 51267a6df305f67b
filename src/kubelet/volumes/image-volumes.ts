// Volumes that are images (KEP-4639). A runtime that knows of them mounts them itself; where containerd is older, the image's
// unpacked layers are mounted here, read-only, from its own snapshots. docs/decisions/0018-image-volumes.md

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/core/pod.ts';
import { type Cri, CriError } from '../../cri/cri.ts';
import type { Image } from '../../cri/image-messages.ts';
import type { SnapshotMount } from '../../cri/snapshot-messages.ts';
import { ifFound } from '../if-found.ts';
import type { Mounter } from '../mounter.ts';

export interface ImageVolumesDeps {
  readonly cri: Pick<Cri, 'version' | 'status' | 'imageStatus' | 'viewSnapshot' | 'snapshotMounts' | 'removeSnapshot'>;
  readonly mounter: Mounter;
}

export class ImageVolumes {
  readonly #deps: ImageVolumesDeps;

  constructor(deps: ImageVolumesDeps) {
    this.#deps = deps;
  }

  /** Whether the runtime mounts images itself when a container's mount names one. */
  async areMountedByRuntime(signal: AbortSignal): Promise<boolean> {
    return mountsImages(await this.#deps.cri.version({}, { signal }));
  }

  /** Mounts the image at the directory; nothing happens where one is mounted already: a pod keeps what it has begun with. */
  async mount({ metadata: { uid } }: Pod, { directory, image, name }: ImageMount, signal: AbortSignal): Promise<void> {
    const { mounter } = this.#deps;
    if (await mounter.isMountPoint(directory)) return;
    await mkdir(directory, { recursive: true, mode: 0o755 }); // By which it is known what there is to release.
    const [mount] = await this.#view(snapshotKey(uid, name), image, signal);
    if (!mount) throw new Error(`the runtime does not say how the layers of image ${image.id} are mounted`);
    await mounter.mount(directory, readOnly(mount));
  }

  /** What was mounted at the volume's directory is mounted no more: the image's layers may go with the image. */
  async release(uid: string, name: string): Promise<void> {
    const { cri } = this.#deps;
    await ifFound(cri.removeSnapshot({ snapshotter: await this.#snapshotter(), key: snapshotKey(uid, name) }));
  }

  async #view(key: string, image: Image, signal: AbortSignal): Promise<readonly SnapshotMount[]> {
    const { cri } = this.#deps;
    const snapshotter = await this.#snapshotter(signal);
    const { info } = await cri.imageStatus({ image: { image: image.id }, verbose: true }, { signal });
    const parent = chainIdOf(info);
    // Nothing else refers to the snapshot: containerd would take it for garbage.
    const labels = { 'containerd.io/gc.root': 'image-volume' };
    try {
      return (await cri.viewSnapshot({ snapshotter, key, parent, labels }, { signal })).mounts;
    } catch (error) {
      if (!(error instanceof CriError) || error.code !== 'ALREADY_EXISTS') throw error;
      return (await cri.snapshotMounts({ snapshotter, key }, { signal })).mounts;
    }
  }

  /** The one that the runtime unpacks images with. */
  async #snapshotter(signal?: AbortSignal): Promise<string> {
    const { info } = await this.#deps.cri.status({ verbose: true }, { signal });
    const config = JSON.parse(info['config'] ?? '{}') as { containerd?: { snapshotter?: string } };
    return config.containerd?.snapshotter || 'overlayfs';
  }
}

export interface ImageMount {
  readonly directory: string;
  readonly image: Image;
  /** The volume's. */
  readonly name: string;
}

/** containerd's CRI has `Mount.image` from 2.1 on, CRI-O from 1.31 on; others are taken at CRI's word. Exported for its test. */
export function mountsImages({ runtimeName, runtimeVersion }: RuntimeVersion): boolean {
  if (runtimeName !== 'containerd') return true;
  const [major = 0, minor = 0] = runtimeVersion.replace(/^v/, '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 1);
}

interface RuntimeVersion {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
}

function snapshotKey(uid: string, volume: string): string {
  return join('typernetes.io/image-volume', uid, volume);
}

/** The layers' name in the snapshotter, which the runtime tells in JSON among what it tells at length. */
function chainIdOf(info: Readonly<Record<string, string>>): string {
  const { chainID = '' } = JSON.parse(info['info'] ?? '{}') as { chainID?: string };
  if (chainID === '') throw new Error('the runtime does not say which snapshot the image is unpacked to');
  return chainID;
}

function readOnly(mount: SnapshotMount): SnapshotMount {
  const options = mount.options.filter((option) => option !== 'rw' && option !== 'ro');
  return { ...mount, options: [...options, 'ro'] };
}
