// Tokens by which machines join, and how a machine finds out by one whom to trust. Pure but for chance. Upstream: kubeadm's
// token-based discovery.

import { createHash, createHmac, createPublicKey, randomInt, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../api/core/secret.ts';
import type { InputOf } from '../api/kind.ts';
import { formatTime } from '../api/time.ts';
import { JOINING_GROUP } from '../apiserver/authorization/bootstrap/cluster-additions.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

export interface JoinToken {
  readonly id: string;
  readonly secret: string;
}

export function newJoinToken(): JoinToken {
  const text = (length: number) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return { id: text(6), secret: text(16) };
}

/** Undefined for what is none. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const [, id, secret] = TOKEN.exec(text) ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

/** The Secret that makes the token good until then, for joining and nothing else. */
export function joinTokenSecret({ id, secret }: JoinToken, endsAtMs: number): InputOf<typeof Secret> {
  return {
    metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      expiration: formatTime(endsAtMs),
      'usage-bootstrap-signing': 'true',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': JOINING_GROUP,
    },
  };
}

/** `sha256:` and the hash of the certificate's public key (RFC 7469), by which a cluster's authority is known. */
export function authorityHash(certificate: string): string {
  const publicKey = createPublicKey(certificate).export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(publicKey).digest('hex')}`;
}

/** Whether the content was signed by somebody who has the token. The signature is a JWS without its payload. */
export function isSignedBy({ id, secret }: JoinToken, content: string, signature: string): boolean {
  const [header = '', payload, signed = ''] = signature.split('.');
  if (payload !== '') return false;
  const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, unknown>;
  if (alg !== 'HS256' || kid !== id) return false;
  const wanted = createHmac('sha256', secret)
    .update(`${header}.${Buffer.from(content).toString('base64url')}`)
    .digest();
  const given = Buffer.from(signed, 'base64url');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
