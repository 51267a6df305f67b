// The credentials with which an image is pulled, out of pods' image pull secrets and of what credential providers say: pure.
// Upstream: pkg/credentialprovider.

import { createHash } from 'node:crypto';
import { parseImageReference } from '../../api/core/image-reference.ts';
import type { Secret } from '../../api/core/secret.ts';
import type { AuthConfig } from '../../cri/image-messages.ts';
import { DOCKER_HUB, matchesImage, repositoryOf } from './matches-image.ts';

/** An object of the API that credentials come from. */
export interface ObjectCoordinates {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** Who may use the image once it was pulled with them: whoever has that object. Absent: the node itself has them. */
export type CredentialSource =
  | { readonly secret: ObjectCoordinates & { readonly credentialHash: string } }
  | { readonly serviceAccount: ObjectCoordinates };

export interface Credential {
  readonly auth: AuthConfig;
  readonly source: CredentialSource | undefined;
}

/** A credential and the images it is for: `registry.example.com:5000/team`, in which the host's labels may be globs. */
export interface PlacedCredential extends Credential {
  readonly place: string;
}

const DOCKER_HUB_PLACE = 'index.docker.io';

/** All credentials of one source that may serve for the image, the ones for the longest path first. */
export function credentialsFor(image: string, placed: readonly PlacedCredential[]): readonly Credential[] {
  const reference = parseImageReference(image);
  if (!reference) return [];
  const repository = repositoryOf(reference);
  const found = placed
    .filter(({ place }) => matchesImage(place, repository))
    .toSorted((a, b) => (a.place < b.place ? 1 : a.place > b.place ? -1 : 0));
  if (found.length > 0 || !repository.startsWith(`${DOCKER_HUB}/`)) return found;
  return placed.filter(({ place }) => place === DOCKER_HUB_PLACE);
}

/** What a pull secret of either kind holds. One that cannot be read has nothing: its owner hears of the registry's refusal. */
export function secretCredentials(secret: Secret): readonly PlacedCredential[] {
  const { type, data = {}, metadata } = secret;
  const isNew = type === 'kubernetes.io/dockerconfigjson';
  const text = isNew ? data['.dockerconfigjson'] : type === 'kubernetes.io/dockercfg' ? data['.dockercfg'] : undefined;
  if (text === undefined) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return [];
  }
  const auths = isNew ? (parsed as { auths?: unknown } | null)?.auths : parsed;
  if (typeof auths !== 'object' || auths === null) return [];
  const { uid, namespace, name } = metadata;
  return Object.entries(auths).flatMap(([key, value]) => {
    const auth = authOf(value);
    if (!auth) return [];
    return [{ place: placeOf(key), auth, source: { secret: { uid, namespace, name, credentialHash: hashOf(auth) } } }];
  });
}

/** Without scheme and without the version path that the Docker hub's key has. */
export function placeOf(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/^([^/]*)\/v[12]\//, '$1/')
    .replace(/\/v[12]$/, '')
    .replace(/\/+$/, '');
}

function authOf(value: unknown): AuthConfig | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { username, password, auth, identitytoken, registrytoken } = value as Readonly<Record<string, unknown>>;
  const [user, secret] = typeof auth === 'string' ? splitOnce(Buffer.from(auth, 'base64').toString('utf8')) : [];
  const result = {
    username: textOf(username) ?? user ?? '',
    password: textOf(password) ?? secret ?? '',
    identityToken: textOf(identitytoken) ?? '',
    registryToken: textOf(registrytoken) ?? '',
  };
  return Object.values(result).some((part) => part !== '') ? result : undefined;
}

function hashOf(auth: AuthConfig): string {
  return createHash('sha256').update(JSON.stringify(auth)).digest('hex');
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
