// Requests for certificates (PKCS #10, RFC 2986), as a node makes them whose cluster's authority is on another machine.

import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { GeneralName, SubjectAlternativeName } from '@peculiar/asn1-x509';
import { type CertificateSubject, nameOf } from './certificate-authority.ts';

const SEQUENCE = 0x30;
const SET = 0x31;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
/** The attributes, which are one element of the whole. */
const ATTRIBUTES = 0xa0;
const VERSION = Buffer.from('020100', 'hex');
/** 1.2.840.113549.1.9.14: the attribute that holds extensions. */
const EXTENSION_REQUEST = Buffer.from('06092a864886f70d01090e', 'hex');
/** 2.5.29.17 */
const SUBJECT_ALTERNATIVE_NAME = Buffer.from('0603551d11', 'hex');
/** 1.2.840.10045.4.3.2, as a whole AlgorithmIdentifier. */
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');

/** PEM. The key, on P-256, is PEM too; it stays with who asks. */
export function certificateRequest(key: string, subject: Omit<CertificateSubject, 'usages'>): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = Buffer.from(AsnConvert.serialize(nameOf(subject)));
  const info = der(SEQUENCE, VERSION, name, publicKey, der(ATTRIBUTES, ...attributes(subject)));
  const signature = sign('sha256', info, createPrivateKey(key));
  const request = der(SEQUENCE, info, ECDSA_WITH_SHA256, der(BIT_STRING, Buffer.of(0), signature));
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}

function attributes({ dnsNames = [], addresses = [] }: Omit<CertificateSubject, 'usages'>): readonly Buffer[] {
  if (dnsNames.length + addresses.length === 0) return [];
  const names = new SubjectAlternativeName([
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...addresses.map((iPAddress) => new GeneralName({ iPAddress })),
  ]);
  const value = der(OCTET_STRING, Buffer.from(AsnConvert.serialize(names)));
  const extensions = der(SEQUENCE, der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, value));
  return [der(SEQUENCE, EXTENSION_REQUEST, der(SET, extensions))];
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
