// Makes X.509 certificates: authorities that sign themselves, and what they issue. ECDSA on P-256 throughout. Which
// certificates a cluster has, and their files, is certificates.ts.

import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Whom a certificate is for and what for. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly usages: readonly ('client' | 'server')[];
  /** What a server may be called, and its addresses. */
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

export interface CertificateTerms {
  readonly nowMs: number;
  readonly lifetimeMs: number;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const PURPOSES = { client: id_kp_clientAuth, server: id_kp_serverAuth };

/** Certificates are valid from a little before they are made, for machines whose clocks are behind. */
const BACKDATE_MS = 5 * 60_000;

/** A certificate authority. With the key of an older one, what that has issued stays valid. */
export function createAuthority(commonName: string, terms: CertificateTerms, key = newKey()): KeyPair {
  const name = nameOf({ commonName });
  const keyIdentifier = keyIdentifierOf(key);
  const extensions = [
    extension(
      id_ce_keyUsage,
      new KeyUsage(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign),
      true,
    ),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier)),
  ];
  const body = { issuer: name, subject: name, extensions, terms };
  return { certificate: signed(body, key, key), key };
}

export function issueCertificate(authority: KeyPair, subject: CertificateSubject, terms: CertificateTerms): KeyPair {
  const key = newKey();
  const issuer = AsnConvert.parse(new X509Certificate(authority.certificate).raw, Certificate).tbsCertificate.subject;
  const alternatives = [
    ...(subject.dnsNames ?? []).map((dNSName) => new GeneralName({ dNSName })),
    ...(subject.addresses ?? []).map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  const extensions = [
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage(subject.usages.map((usage) => PURPOSES[usage]))),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new SubjectKeyIdentifier(keyIdentifierOf(authority.key)) }),
    ),
    ...(alternatives.length > 0 ? [extension(id_ce_subjectAltName, new SubjectAlternativeName(alternatives))] : []),
  ];
  const body = { issuer, subject: nameOf(subject), extensions, terms };
  return { certificate: signed(body, key, authority.key), key };
}

/** A private key, PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

interface CertificateBody {
  readonly issuer: Name;
  readonly subject: Name;
  readonly extensions: readonly Extension[];
  readonly terms: CertificateTerms;
}

function signed({ issuer, subject, extensions, terms }: CertificateBody, key: string, authorityKey: string): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer,
    subject,
    validity: new Validity({
      notBefore: new Date(terms.nowMs - BACKDATE_MS),
      notAfter: new Date(terms.nowMs + terms.lifetimeMs),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(publicKeyDer(key), SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
  });
  const signature = sign('sha256', new Uint8Array(AsnConvert.serialize(tbsCertificate)), authorityKey);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: new Uint8Array(signature).buffer,
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
}

function nameOf({ commonName, organizations = [] }: Pick<CertificateSubject, 'commonName' | 'organizations'>): Name {
  const part = (type: string, value: string) =>
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: value }) }),
    ]);
  return new Name([...organizations.map((each) => part(ORGANIZATION, each)), part(COMMON_NAME, commonName)]);
}

function extension(id: string, value: object, critical = false): Extension {
  return new Extension({ extnID: id, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** 127 random bits: a positive number, never the same twice. */
function serialNumber(): ArrayBuffer {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.buffer;
}

/** Names the key. Any value that differs from key to key will do (RFC 5280, 4.2.1.2). */
function keyIdentifierOf(key: string): ArrayBuffer {
  return new Uint8Array(createHash('sha256').update(publicKeyDer(key)).digest().subarray(0, 20)).buffer;
}

function publicKeyDer(key: string): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}
