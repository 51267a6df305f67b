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
  /** What the requester has signed. */
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly signatureAlgorithm: Algorithm;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** Whom the certificate is to be for: a Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  /** Attributes one after the other, extensions that are asked for among them. */
  readonly attributes: Uint8Array<ArrayBuffer>;
  /** The requester's public key: a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly keyAlgorithm: Algorithm;
}

export interface Algorithm {
  readonly oid: string;
  readonly parameters: DerValue | undefined;
}

/** The tag of the attributes in a request. */
const ATTRIBUTES = 0xa0;

const latin1 = new TextDecoder('latin1');

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
  const attributes = readDerList(info.content).find(({ tag }) => tag === ATTRIBUTES);
  const [keyAlgorithm] = partsOf(publicKey, [DER_SEQUENCE, DER_BIT_STRING]);
  return {
    signed: info.whole,
    signatureAlgorithm: algorithmOf(signatureAlgorithm),
    signature: signature.content.subarray(1), // Behind the number of bits that are not used.
    subject: subject.whole,
    attributes: attributes?.content ?? new Uint8Array(),
    publicKey: publicKey.whole,
    keyAlgorithm: algorithmOf(keyAlgorithm),
  };
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
