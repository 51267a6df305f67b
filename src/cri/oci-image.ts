// Builds OCI images out of files in memory and packs them as an OCI layout archive, which `ctr images import` reads.
// The same input always gives the same digests. Format: github.com/opencontainers/image-spec v1.0.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type TarEntry, writeTar } from './tar.ts';

export type Architecture = 'amd64' | 'arm64';

/** How a container of the image is run where its pod says nothing else. */
export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** `NAME=value` each. */
  readonly env?: readonly string[];
  readonly workingDir?: string;
  /** `uid`, `uid:gid` or a name in the image's /etc/passwd. */
  readonly user?: string;
  /** `80/tcp` and the like. */
  readonly exposedPorts?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface OciImage {
  /** Names the image: its digest is what pulls pin. */
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** The contents of all three by digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/** The image of these layers, lowest first. */
export function buildOciImage(
  { layers, config }: { readonly layers: readonly (readonly TarEntry[])[]; readonly config: ImageConfig },
  {
    architecture,
    compression = 'none',
  }: { readonly architecture: Architecture; readonly compression?: 'gzip' | 'none' },
): OciImage {
  const blobs = new Map<string, Uint8Array>();
  const add = (mediaType: string, content: Uint8Array): Descriptor => {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const archives = layers.map(writeTar);
  const layerDescriptors = archives.map((archive) =>
    compression === 'gzip' ? add(`${LAYER_TYPE}+gzip`, gzipSync(archive, { level: 1 })) : add(LAYER_TYPE, archive),
  );
  const configDescriptor = add(
    CONFIG_TYPE,
    json({
      architecture,
      os: 'linux',
      config: goConfig(config),
      rootfs: { type: 'layers', diff_ids: archives.map(digestOf) },
    }),
  );
  const manifest = add(
    MANIFEST_TYPE,
    json({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config: configDescriptor, layers: layerDescriptors }),
  );
  return { manifest, config: configDescriptor, layers: layerDescriptors, blobs };
}

/** The image as a tar archive of an OCI layout, under its full name (`docker.io/library/busybox:latest`). */
export function ociArchive(image: OciImage, reference: string): Uint8Array {
  const annotations = {
    'io.containerd.image.name': reference,
    'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
  };
  return writeTar([
    { type: 'file', path: 'oci-layout', data: json({ imageLayoutVersion: '1.0.0' }) },
    {
      type: 'file',
      path: 'index.json',
      data: json({ schemaVersion: 2, manifests: [{ ...image.manifest, annotations }] }),
    },
    { type: 'directory', path: 'blobs' },
    { type: 'directory', path: 'blobs/sha256' },
    ...[...image.blobs].map(([digest, data]): TarEntry => {
      return { type: 'file', path: `blobs/${digest.replace(':', '/')}`, data };
    }),
  ]);
}

/** `sha256:` and the content's hash in hexadecimal digits. */
export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The specification has the names of Docker's Go structures here; what is undefined stays out of the JSON. */
function goConfig(config: ImageConfig): object {
  return {
    User: config.user,
    ExposedPorts: config.exposedPorts && Object.fromEntries(config.exposedPorts.map((port) => [port, {}])),
    Env: config.env,
    Entrypoint: config.entrypoint,
    Cmd: config.cmd,
    WorkingDir: config.workingDir,
    Labels: config.labels,
    StopSignal: config.stopSignal,
  };
}
