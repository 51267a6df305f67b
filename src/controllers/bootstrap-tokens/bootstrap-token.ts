// Tokens by which machines join a cluster, as Secrets hold them. Pure. Upstream: k8s.io/cluster-bootstrap/token.

import type { Secret } from '../../api/core/secret.ts';
import { timeToMs } from '../../api/time.ts';
import { decodeBase64 } from '../../base/base64.ts';

const TYPE = 'bootstrap.kubernetes.io/token';
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

/** The parts of a token that is good and meant for signing; undefined for others. */
export function signingToken(
  secret: Secret,
  nowMs: number,
): { readonly id: string; readonly secret: string } | undefined {
  const [, name] = NAME.exec(secret.metadata.name) ?? [];
  const token = { id: textOf(secret, 'token-id'), secret: textOf(secret, 'token-secret') };
  const isMeant = textOf(secret, 'usage-bootstrap-signing') === 'true';
  const isWhole = name !== undefined && token.id === name && token.secret !== '';
  return isMeant && isWhole && tokenEndsAtMs(secret) > nowMs ? token : undefined;
}

function textOf({ data }: Secret, key: string): string {
  return new TextDecoder().decode(decodeBase64(data?.[key] ?? ''));
}
