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

/** A certificate for a key that its owner keeps. */
export interface CertificateContent {
  readonly subject: Name;
  /** DER: a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly alternativeNames: readonly GeneralName[];
  /** KeyUsageFlags. */
  readonly keyUsage: number;
  /** Object identifiers. */
  readonly purposes: readonly string[];
  readonly validity: { readonly notBeforeMs: number; readonly notAfterMs: number };
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
  const publicKey = publicKeyDer(key);
  const keyIdentifier = keyIdentifierOf(publicKey);
  const extensions = [
    extension(
      id_ce_keyUsage,
      new KeyUsage(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign),
      true,
    ),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier)),
  ];
  const body = { issuer: name, subject: name, extensions, validity: validityOf(terms), publicKey };
  return { certificate: signed(body, key), key };
}

export function issueCertificate(authority: KeyPair, subject: CertificateSubject, terms: CertificateTerms): KeyPair {
  const key = newKey();
  const alternativeNames = [
    ...(subject.dnsNames ?? []).map((dNSName) => new GeneralName({ dNSName })),
    ...(subject.addresses ?? []).map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  const certificate = certify(authority, {
    subject: nameOf(subject),
    publicKey: publicKeyDer(key),
    alternativeNames,
    keyUsage: KeyUsageFlags.digitalSignature,
    purposes: subject.usages.map((usage) => PURPOSES[usage]),
    validity: validityOf(terms),
  });
  return { certificate, key };
}

/** A certificate that the authority vouches for, PEM. */
export function certify(authority: KeyPair, content: CertificateContent): string {
  const { subject, publicKey, alternativeNames, keyUsage, purposes, validity } = content;
  const issuer = AsnConvert.parse(new X509Certificate(authority.certificate).raw, Certificate).tbsCertificate.subject;
  const authorityKeyIdentifier = new SubjectKeyIdentifier(keyIdentifierOf(publicKeyDer(authority.key)));
  const names = new SubjectAlternativeName([...alternativeNames]);
  const extensions = [
    ...(keyUsage === 0 ? [] : [extension(id_ce_keyUsage, new KeyUsage(keyUsage), true)]),
    ...(purposes.length === 0 ? [] : [extension(id_ce_extKeyUsage, new ExtendedKeyUsage([...purposes]))]),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: authorityKeyIdentifier })),
    // Whoever has no other name has to be known by these.
    ...(names.length === 0 ? [] : [extension(id_ce_subjectAltName, names, subject.length === 0)]),
  ];
  return signed({ issuer, subject, extensions, validity, publicKey }, authority.key);
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
  readonly validity: CertificateContent['validity'];
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

function validityOf({ nowMs, lifetimeMs }: CertificateTerms): CertificateContent['validity'] {
  return { notBeforeMs: nowMs - BACKDATE_MS, notAfterMs: nowMs + lifetimeMs };
}

function signed({ issuer, subject, extensions, validity, publicKey }: CertificateBody, authorityKey: string): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer,
    subject,
    validity: new Validity({
      notBefore: new Date(validity.notBeforeMs),
      notAfter: new Date(validity.notAfterMs),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(publicKey, SubjectPublicKeyInfo),
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

export function nameOf({
  commonName,
  organizations = [],
}: Pick<CertificateSubject, 'commonName' | 'organizations'>): Name {
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
function keyIdentifierOf(publicKey: Uint8Array): ArrayBuffer {
  return new Uint8Array(createHash('sha256').update(publicKey).digest().subarray(0, 20)).buffer;
}

function publicKeyDer(key: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}
