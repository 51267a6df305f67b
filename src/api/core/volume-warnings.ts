// What is said of a pod's volumes: kinds of volumes that are deprecated, and files that would be put on top of each other.
// Upstream: pkg/api/pod/warnings.go.

import type { Path } from '../field-error.ts';
import { claimSpecWarnings } from './persistent-volume-claim-strategy.ts';
import type { Volume, VolumeProjection, VolumeSource } from './volume.ts';

const DEPRECATED = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const satisfies readonly (readonly [keyof VolumeSource, string])[];

export function volumeWarnings(volumes: readonly Volume[], at: Path): readonly string[] {
  const ofKinds = volumes.flatMap((volume, index) => {
    const path = at.index(index);
    const claim = volume.ephemeral?.volumeClaimTemplate;
    const claimAt = path.child('ephemeral', 'volumeClaimTemplate', 'spec');
    return [...deprecations(volume, path), ...(claim ? claimSpecWarnings(claim.spec, claimAt) : [])];
  });
  return [...ofKinds, ...volumes.flatMap(overlapWarnings)];
}

function deprecations(volume: Volume, at: Path): readonly string[] {
  return DEPRECATED.flatMap(([field, why]) => {
    if (volume[field] === undefined) return [];
    // Upstream spells this one field in another way than the API does.
    return [`${at.child(field === 'storageos' ? 'storageOS' : field)}: ${why}`];
  });
}

/** A file that a volume is to have, and which source of several it is from. */
interface VolumeFile {
  readonly path: string;
  readonly source?: string;
}

function overlapWarnings({ name, configMap, secret, downwardAPI, projected }: Volume): readonly string[] {
  const say = (what: string, files: readonly VolumeFile[]) =>
    overlapsOf(files).map((overlap) => `volume ${quote(name)} (${what}): overlapping paths: ${overlap}`);
  const empty = projected?.sources?.filter((source) => Object.keys(source).length === 0) ?? [];
  return [
    ...say(`ConfigMap ${quote(configMap?.name)}`, configMap?.items ?? []),
    ...say(`Secret ${quote(secret?.secretName)}`, secret?.items ?? []),
    ...say('DownwardAPI', downwardAPI?.items ?? []),
    ...empty.map(() => `volume ${quote(name)} (Projected) has no sources provided`),
    ...say('Projected', projected?.sources?.flatMap(filesOf) ?? []),
  ];
}

function filesOf({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): readonly VolumeFile[] {
  const from = (source: string, files: readonly { readonly path: string }[] = []) =>
    files.map(({ path }) => ({ path, source }));
  if (configMap?.items) return from(`ConfigMap ${quote(configMap.name)}`, configMap.items);
  if (secret?.items) return from(`Secret ${quote(secret.name)}`, secret.items);
  if (downwardAPI?.items) return from('DownwardAPI', downwardAPI.items);
  return serviceAccountToken ? from('ServiceAccountToken', [serviceAccountToken]) : [];
}

/** Each file is compared with all before it: beyond so many of a volume nobody is told more. */
const MAX_FILES = 256;

/** Two files at one path, or one where another needs a directory. */
function overlapsOf(files: readonly VolumeFile[]): readonly string[] {
  const trimmed = files
    .slice(0, MAX_FILES)
    .map((file) => ({ source: file.source, path: file.path.replace(/\/+$/, '') }));
  return trimmed.flatMap((file, index) =>
    trimmed
      .slice(0, index)
      .flatMap((other) => (isOverlap(file.path, other.path) ? [`${show(file)} with ${show(other)}`] : [])),
  );
}

function isOverlap(path: string, other: string): boolean {
  if (path === '' || other === '') return false;
  return `${path}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${path}/`);
}

function show({ path, source }: { readonly path: string; readonly source: string | undefined }): string {
  return source === undefined ? quote(path) : `${quote(path)} (${source})`;
}

function quote(text = ''): string {
  return JSON.stringify(text);
}
