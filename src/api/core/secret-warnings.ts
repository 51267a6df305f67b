// What writers of TLS secrets are told where the certificate or the key is none. Whether the two belong together is not
// looked at. Upstream: warningsForSecret in pkg/registry/core/secret/strategy.go, crypto/tls.X509KeyPair.

import { decodeBase64 } from '../../base/base64.ts';
import { decodePem } from '../../base/pem.ts';
import type { Secret } from './secret.ts';

export function secretWarnings({ type, data = {} }: Secret): readonly string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const fault = certificateFault(blockTypes(data['tls.crt'])) ?? keyFault(blockTypes(data['tls.key']));
  return fault === undefined ? [] : [`tls: ${fault}`];
}

function certificateFault(types: readonly string[]): string | undefined {
  if (types.includes('CERTIFICATE')) return undefined;
  if (types.length === 0) return 'failed to find any PEM data in certificate input';
  if (types.length === 1 && isKey(types[0] ?? '')) {
    return 'failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  return `failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${shown(types)}`;
}

function keyFault(types: readonly string[]): string | undefined {
  if (types.some(isKey)) return undefined;
  if (types.length === 0) return 'failed to find any PEM data in key input';
  if (types.length === 1 && types[0] === 'CERTIFICATE') {
    return 'found a certificate rather than a key in the PEM for the private key';
  }
  return `failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${shown(types)}`;
}

function isKey(type: string): boolean {
  return type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY');
}

function shown(types: readonly string[]): string {
  return `[${types.join(' ')}]`;
}

function blockTypes(base64: string | undefined | null): readonly string[] {
  const text = new TextDecoder('latin1').decode(decodeBase64(base64 ?? ''));
  return decodePem(text).map(({ type }) => type);
}
