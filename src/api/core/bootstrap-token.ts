// Tokens by which machines join a cluster, as Secrets hold them. Pure. Upstream: k8s.io/cluster-bootstrap/token.

import { decodeBase64 } from '../../base/base64.ts';
import { timeToMs } from '../time.ts';
import type { Secret } from './secret.ts';

const TYPE = 'bootstrap.kubernetes.io/token';
const GROUP = 'system:bootstrappers';
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const NAME = /^bootstrap-token-([a-z0-9]{6})$/;

export function isBootstrapToken({ type, metadata }: Secret): boolean {
  return type === TYPE && metadata.namespace === 'kube-system';
}

/** When the token ends, in milliseconds of the wall clock: Infinity if never, 0 if nobody can tell. */
export function tokenEndsAtMs(secret: Secret): number {
  const expiration = textOf(secret, 'expiration');
  if (expiration === '') return Number.POSITIVE_INFINITY;
  try {
    return timeToMs(expiration);
  } catch {
    return 0;
  }
}

export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

/** The parts of a token that is good and meant for signing; undefined for others. */
export function signingToken(secret: Secret, nowMs: number): BootstrapToken | undefined {
  return tokenFor(secret, 'signing', nowMs);
}

/** The parts of a token that somebody may come with, and the groups that he is in; undefined for others. */
export function authenticatingToken(
  secret: Secret,
  nowMs: number,
): (BootstrapToken & { readonly groups: readonly string[] }) | undefined {
  const token = tokenFor(secret, 'authentication', nowMs);
  const extra = textOf(secret, 'auth-extra-groups');
  const extraGroups = extra === '' ? [] : extra.split(',');
  // With a group that it cannot have a token is none, rather than one of fewer rights than was meant.
  if (!token || !extraGroups.every((group) => EXTRA_GROUP.test(group))) return undefined;
  return { ...token, groups: [...new Set([GROUP, ...extraGroups])].sort() };
}

function tokenFor(secret: Secret, usage: 'signing' | 'authentication', nowMs: number): BootstrapToken | undefined {
  const [, name] = NAME.exec(secret.metadata.name) ?? [];
  const token = { id: textOf(secret, 'token-id'), secret: textOf(secret, 'token-secret') };
  const isMeant = textOf(secret, `usage-bootstrap-${usage}`) === 'true';
  const isWhole = name !== undefined && token.id === name && token.secret !== '';
  return isMeant && isWhole && tokenEndsAtMs(secret) > nowMs ? token : undefined;
}

function textOf({ data }: Secret, key: string): string {
  return new TextDecoder().decode(decodeBase64(data?.[key] ?? ''));
}
