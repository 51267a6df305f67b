// Whether a certificate request is signed with the key that it is for, in the words of Go's crypto/x509
// (CertificateRequest.CheckSignature). Web Crypto has no P-224, which Go has: such keys are refused.

import { DER_INTEGER, DER_OID, type DerValue, formatOid, readDer, readDerList } from '../../base/der.ts';
import { underWay } from '../../base/under-way.ts';
import type { Algorithm, CertificateRequest } from './certificate-request.ts';

type KeyType = 'RSA' | 'ECDSA' | 'Ed25519';
type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** How a signature is made. */
type Scheme =
  | { readonly key: 'RSA'; readonly padding: 'PKCS1' | 'PSS'; readonly hash: Hash }
  | { readonly key: 'ECDSA'; readonly hash: Hash }
  | { readonly key: 'Ed25519' };

const PSS = '1.2.840.113549.1.1.10';
const MD5_WITH_RSA = '1.2.840.113549.1.1.4';

const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.5': { key: 'RSA', padding: 'PKCS1', hash: 'SHA-1' },
  '1.2.840.113549.1.1.11': { key: 'RSA', padding: 'PKCS1', hash: 'SHA-256' },
  '1.2.840.113549.1.1.12': { key: 'RSA', padding: 'PKCS1', hash: 'SHA-384' },
  '1.2.840.113549.1.1.13': { key: 'RSA', padding: 'PKCS1', hash: 'SHA-512' },
  '1.2.840.10045.4.1': { key: 'ECDSA', hash: 'SHA-1' },
  '1.2.840.10045.4.3.2': { key: 'ECDSA', hash: 'SHA-256' },
  '1.2.840.10045.4.3.3': { key: 'ECDSA', hash: 'SHA-384' },
  '1.2.840.10045.4.3.4': { key: 'ECDSA', hash: 'SHA-512' },
  '1.3.101.112': { key: 'Ed25519' },
};

const PSS_HASHES: Readonly<Record<string, Hash>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

const KEY_TYPES: Readonly<Record<string, KeyType>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.10045.2.1': 'ECDSA',
  '1.3.101.112': 'Ed25519',
};

const GO_TYPES: Readonly<Record<KeyType, string>> = {
  RSA: '*rsa.PublicKey',
  ECDSA: '*ecdsa.PublicKey',
  Ed25519: 'ed25519.PublicKey',
};

/** Curves with the bytes of a coordinate. */
const CURVES: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', bytes: 32 },
  '1.3.132.0.34': { name: 'P-384', bytes: 48 },
  '1.3.132.0.35': { name: 'P-521', bytes: 66 },
};

const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented';

/** What is wrong with the signature, if anything. */
export async function signatureFault(request: CertificateRequest): Promise<string | undefined> {
  const { signatureAlgorithm, keyAlgorithm } = request;
  const key = KEY_TYPES[keyAlgorithm.oid];
  if (key === 'ECDSA' && !curveOf(keyAlgorithm)) return 'x509: unsupported elliptic curve';
  const scheme = schemeOf(signatureAlgorithm);
  if (signatureAlgorithm.oid === MD5_WITH_RSA) return 'x509: cannot verify signature: insecure algorithm MD5-RSA';
  if (!scheme || !key) return UNIMPLEMENTED;
  if (scheme.key !== key) {
    return `x509: signature algorithm specifies an ${scheme.key} public key, but have public key of type ${GO_TYPES[key]}`;
  }
  if (await isSigned(request, scheme)) return undefined;
  return key === 'RSA' ? 'crypto/rsa: verification error' : `x509: ${key} verification failure`;
}

function schemeOf({ oid, parameters }: Algorithm): Scheme | undefined {
  if (oid !== PSS) return SCHEMES[oid];
  const hash = parameters && PSS_HASHES[firstOid(parameters) ?? ''];
  return hash && { key: 'RSA', padding: 'PSS', hash };
}

/** The hash stands first in the parameters of PSS, two levels down. */
function firstOid({ content }: DerValue): string | undefined {
  try {
    const [hash] = readDerList(content);
    const [algorithm] = hash ? readDerList(hash.content) : [];
    const [oid] = algorithm ? readDerList(algorithm.content) : [];
    return oid?.tag === DER_OID ? formatOid(oid.content) : undefined;
  } catch {
    return undefined; // Parameters that cannot be read are those of no algorithm.
  }
}

function curveOf({ parameters }: Algorithm) {
  return parameters?.tag === DER_OID ? CURVES[formatOid(parameters.content)] : undefined;
}

/** Keys and signatures that cannot be read are no proof of anything. */
async function isSigned(request: CertificateRequest, scheme: Scheme): Promise<boolean> {
  const curve = curveOf(request.keyAlgorithm);
  const { imported, verified } = parametersOf(scheme, curve?.name ?? '');
  try {
    const key = await underWay(crypto.subtle.importKey('spki', request.publicKey, imported, false, ['verify']));
    const signature = curve ? rawSignature(request.signature, curve.bytes) : request.signature;
    return await underWay(crypto.subtle.verify(verified, key, signature, request.signed));
  } catch {
    return false;
  }
}

/** What Web Crypto wants to know of a key and of a signature. */
function parametersOf(scheme: Scheme, namedCurve: string) {
  switch (scheme.key) {
    case 'Ed25519':
      return { imported: { name: 'Ed25519' }, verified: { name: 'Ed25519' } };
    case 'ECDSA':
      return { imported: { name: 'ECDSA', namedCurve }, verified: { name: 'ECDSA', hash: scheme.hash } };
    case 'RSA': {
      const name = scheme.padding === 'PSS' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
      const saltLength = Number(scheme.hash.slice('SHA-'.length)) / 8; // As long as the hash: Go takes no other.
      return { imported: { name, hash: scheme.hash }, verified: { name, saltLength } };
    }
    default:
      return scheme satisfies never;
  }
}

/** The two numbers of an ECDSA signature side by side, as Web Crypto has them. */
function rawSignature(der: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(2 * bytes);
  const numbers = readDerList(readDer(der).content);
  if (numbers.length !== 2) throw new Error('an ECDSA signature has two numbers');
  for (const [index, { tag, content }] of numbers.entries()) {
    const digits = content.subarray(content.findIndex((byte) => byte !== 0));
    if (tag !== DER_INTEGER || digits.length > bytes) throw new Error('a number of an ECDSA signature is out of range');
    raw.set(digits, (index + 1) * bytes - digits.length);
  }
  return raw;
}
