// A certificate request (PKCS #10, RFC 2986) in PEM, taken apart. Upstream: ParseCSR in pkg/apis/certificates, which has
// its errors from Go's crypto/x509.

import {
  DER_BIT_STRING,
  DER_INTEGER,
  DER_OID,
  DER_SEQUENCE,
  type DerValue,
  formatOid,
  readDer,
  readDerList,
} from '../../base/der.ts';
import { decodePem } from '../../base/pem.ts';

export interface CertificateRequest {
  /** The groups that the subject says it is in. */
  readonly organizations: readonly string[];
  /** What the requester has signed. */
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly signatureAlgorithm: Algorithm;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** The requester's public key: a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly keyAlgorithm: Algorithm;
}

export interface Algorithm {
  readonly oid: string;
  readonly parameters: DerValue | undefined;
}

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder();
const ORGANIZATION = '2.5.4.10';

/** Throws an Error that says what is wrong. */
export function parseCertificateRequest(pem: Uint8Array): CertificateRequest {
  const [block] = decodePem(latin1.decode(pem));
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [info, signatureAlgorithm, signature] = partsOf(readDer(block.bytes), [
    DER_SEQUENCE,
    DER_SEQUENCE,
    DER_BIT_STRING,
  ]);
  const [, subject, publicKey] = partsOf(info, [DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE]);
  const [keyAlgorithm] = partsOf(publicKey, [DER_SEQUENCE, DER_BIT_STRING]);
  return {
    organizations: organizationsOf(subject),
    signed: info.whole,
    signatureAlgorithm: algorithmOf(signatureAlgorithm),
    signature: signature.content.subarray(1), // Behind the number of bits that are not used.
    publicKey: publicKey.whole,
    keyAlgorithm: algorithmOf(keyAlgorithm),
  };
}

/** A name is a sequence of sets, mostly of one, of pairs of what kind of name it is and a string. */
function organizationsOf(subject: DerValue): readonly string[] {
  const pairs = readDerList(subject.content).flatMap(({ content }) => readDerList(content));
  return pairs.flatMap((pair) => {
    const [type] = partsOf(pair, [DER_OID]);
    const value = readDerList(pair.content)[1];
    return value && formatOid(type.content) === ORGANIZATION ? [utf8.decode(value.content)] : [];
  });
}

/** The first parts of a sequence, which have to be of these tags. */
function partsOf<const Tags extends readonly number[]>(value: DerValue, tags: Tags): { [I in keyof Tags]: DerValue } {
  const parts = value.tag === DER_SEQUENCE ? readDerList(value.content) : [];
  if (tags.some((tag, index) => parts[index]?.tag !== tag)) {
    throw new Error("asn1: structure error: tags don't match");
  }
  return parts as readonly DerValue[] as { [I in keyof Tags]: DerValue };
}

function algorithmOf(value: DerValue): Algorithm {
  const [oid] = partsOf(value, [DER_OID]);
  return { oid: formatOid(oid.content), parameters: readDerList(value.content)[1] };
}
