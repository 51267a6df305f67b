// The credentials with which images are pulled: what pods' image pull secrets hold, matched to an image by its registry and
// path. Pure. Upstream: pkg/credentialprovider.

import { parseImageReference } from '../api/core/image-reference.ts';
import type { Secret } from '../api/core/secret.ts';
import type { AuthConfig } from '../cri/image-messages.ts';

interface Entry {
  /** `registry.example.com:5000/team`, in which the host's labels may be globs. */
  readonly where: string;
  readonly auth: AuthConfig;
}

const DEFAULT_REGISTRY = 'index.docker.io';

/** All credentials that may serve for the image, the ones for the longest path first. Unreadable secrets have none. */
export function credentialsFor(image: string, secrets: readonly Secret[]): readonly AuthConfig[] {
  const reference = parseImageReference(image);
  if (!reference) return [];
  const registry =
    reference.registry === '' || reference.registry === 'docker.io' ? DEFAULT_REGISTRY : reference.registry;
  return secrets
    .flatMap(entriesOf)
    .filter(({ where }) => matches(where, registry, reference.repository))
    .toSorted((a, b) => (a.where < b.where ? 1 : a.where > b.where ? -1 : 0))
    .map(({ auth }) => auth);
}

function entriesOf({ type, data = {} }: Secret): readonly Entry[] {
  const isNew = type === 'kubernetes.io/dockerconfigjson';
  const text = isNew ? data['.dockerconfigjson'] : type === 'kubernetes.io/dockercfg' ? data['.dockercfg'] : undefined;
  if (text === undefined) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return []; // Whoever wrote it is told by the registry's refusal.
  }
  const auths = isNew ? (parsed as { auths?: unknown } | null)?.auths : parsed;
  if (typeof auths !== 'object' || auths === null) return [];
  return Object.entries(auths).flatMap(([key, value]) => {
    const auth = authOf(value);
    return auth ? [{ where: placeOf(key), auth }] : [];
  });
}

/** Without scheme and without the version path that the Docker hub's key has. */
function placeOf(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
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

function matches(where: string, registry: string, repository: string): boolean {
  const [host = '', ...path] = where.split('/');
  const [name = '', port] = host.split(':');
  const [registryName = '', registryPort] = registry.split(':');
  if (port !== registryPort) return false;
  const labels = name.split('.');
  const registryLabels = registryName.split('.');
  if (labels.length !== registryLabels.length) return false;
  if (!labels.every((label, index) => globMatches(label, registryLabels[index] ?? ''))) return false;
  const prefix = path.join('/');
  return prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`);
}

/** `*` stands for any characters of one label. */
function globMatches(glob: string, label: string): boolean {
  const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(label);
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
