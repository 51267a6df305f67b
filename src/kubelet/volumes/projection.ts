// The files that ConfigMaps, Secrets, the downward API, service account tokens and projections of these put into a volume:
// which file holds what, with which mode. Writing them is atomic-directory.ts.

import type { ConfigMap } from '../../api/core/config-map.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Secret } from '../../api/core/secret.ts';
import type { DownwardAPIVolumeFile, KeyToPath, VolumeProjection } from '../../api/core/volume.ts';
import { type PodFieldContext, podField, resourceField } from '../pod-fields.ts';
import type { ProjectedFile, ProjectedFiles } from './atomic-directory.ts';

/** Where the contents come from. Undefined: there is no such object. */
export interface ProjectionSources {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** A token of the pod's service account, bound to the pod; kept and renewed by its owner. */
  token(pod: Pod, audience: string, expirationSeconds: number): Promise<string>;
  readonly fields: PodFieldContext;
}

/** Something that a volume needs is missing; the pod waits for it. */
export class MissingSourceError extends Error {
  override readonly name = 'MissingSourceError';
}

const encoder = new TextEncoder();
const DEFAULT_MODE = 0o644;
const PRIVATE_MODE = 0o600;
const DEFAULT_TOKEN_SECONDS = 3600;

/** All keys of a ConfigMap, or the ones that `items` picks. */
export async function configMapFiles(
  sources: ProjectionSources,
  pod: Pod,
  source: { name: string; items: readonly KeyToPath[] | undefined; optional: boolean; mode: number | undefined },
): Promise<ProjectedFiles> {
  const found = await sources.configMap(pod.metadata.namespace, source.name);
  if (!found) return missing(source.optional, `configmap "${source.name}" not found`);
  const contents = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(found.data ?? {})) contents.set(key, encoder.encode(text));
  for (const [key, base64] of Object.entries(found.binaryData ?? {}))
    contents.set(key, Buffer.from(base64 ?? '', 'base64'));
  return pick(contents, source, 'configmap references non-existent config key');
}

export async function secretFiles(
  sources: ProjectionSources,
  pod: Pod,
  source: { name: string; items: readonly KeyToPath[] | undefined; optional: boolean; mode: number | undefined },
): Promise<ProjectedFiles> {
  const found = await sources.secret(pod.metadata.namespace, source.name);
  if (!found) return missing(source.optional, `secret "${source.name}" not found`);
  const contents = new Map<string, Uint8Array>();
  for (const [key, base64] of Object.entries(found.data ?? {})) contents.set(key, Buffer.from(base64 ?? '', 'base64'));
  return pick(contents, source, 'references non-existent secret key');
}

export function downwardFiles(
  fields: PodFieldContext,
  pod: Pod,
  items: readonly DownwardAPIVolumeFile[],
  mode: number | undefined,
): ProjectedFiles {
  return new Map(
    items.map((item) => {
      const text = item.fieldRef
        ? podField(pod, item.fieldRef.fieldPath, fields)
        : resourceField(pod, item.resourceFieldRef ?? { resource: '', divisor: '0' }, undefined, fields);
      return [item.path, file(encoder.encode(text), item.mode ?? mode)];
    }),
  );
}

/** Later sources overwrite earlier ones where paths collide. */
export async function projectedFiles(
  sources: ProjectionSources,
  pod: Pod,
  projections: readonly VolumeProjection[],
  mode: number | undefined,
): Promise<ProjectedFiles> {
  const all = new Map<string, ProjectedFile>();
  for (const projection of projections) {
    for (const [path, content] of await oneProjection(sources, pod, projection, mode)) all.set(path, content);
  }
  return all;
}

async function oneProjection(
  sources: ProjectionSources,
  pod: Pod,
  { configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection,
  mode: number | undefined,
): Promise<ProjectedFiles> {
  if (configMap) {
    const { name = '', items, optional = false } = configMap;
    return configMapFiles(sources, pod, { name, items, optional, mode });
  }
  if (secret) {
    const { name = '', items, optional = false } = secret;
    return secretFiles(sources, pod, { name, items, optional, mode });
  }
  if (downwardAPI) return downwardFiles(sources.fields, pod, downwardAPI.items ?? [], mode);
  if (serviceAccountToken) {
    const { audience = '', expirationSeconds = DEFAULT_TOKEN_SECONDS, path } = serviceAccountToken;
    const token = await sources.token(pod, audience, expirationSeconds);
    const uid = commonUser(pod);
    // A token is nobody's but its user's, or the group's that the pod shares its volumes with.
    const isPrivate = uid !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
    const content = file(encoder.encode(token), isPrivate ? PRIVATE_MODE : mode);
    return new Map([[path, uid === undefined ? content : { ...content, uid }]]);
  }
  throw new MissingSourceError('the projection is of a kind that this node cannot serve');
}

/** The user whom all containers of the pod run as, if it is the same one (upstream: FsUserFrom). */
function commonUser({ spec }: Pod): number | undefined {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const users = containers.map(({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser);
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}

function pick(
  contents: ReadonlyMap<string, Uint8Array>,
  source: { name: string; items: readonly KeyToPath[] | undefined; optional: boolean; mode: number | undefined },
  complaint: string,
): ProjectedFiles {
  if (!source.items || source.items.length === 0) {
    return new Map([...contents].map(([key, content]) => [key, file(content, source.mode)]));
  }
  const files = new Map<string, ProjectedFile>();
  for (const { key, path, mode } of source.items) {
    const content = contents.get(key);
    if (content) files.set(path, file(content, mode ?? source.mode));
    else if (!source.optional) throw new MissingSourceError(`${complaint}: ${key}`);
  }
  return files;
}

function file(content: Uint8Array, mode: number | undefined): ProjectedFile {
  return { content, mode: mode ?? DEFAULT_MODE };
}

function missing(optional: boolean, message: string): ProjectedFiles {
  if (!optional) throw new MissingSourceError(message);
  return new Map();
}
