// Whom a certificate request asks to have certified: the subject and the alternative names. Go's x509.CertificateRequest is
// what upstream's rules look at; like it, this reads four kinds of alternative names and passes over the others.

import { AsnConvert } from '@peculiar/asn1-schema';
import { Extensions, type GeneralName, id_ce_subjectAltName, Name, SubjectAlternativeName } from '@peculiar/asn1-x509';
import { DER_OID, formatOid, readDerList } from '../../base/der.ts';
import type { CertificateRequest } from './certificate-request.ts';

export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

export interface RequestedNames extends AlternativeNames {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
/** Extensions that the requester wants in the certificate (RFC 2985, 5.4.2). */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** Throws an Error for names that cannot be read. */
export function requestedNames({
  subject,
  attributes,
}: Pick<CertificateRequest, 'subject' | 'attributes'>): RequestedNames {
  const parts = [...AsnConvert.parse(subject, Name)].flatMap((part) => [...part]);
  const valuesOf = (type: string) => parts.filter((part) => part.type === type).map(({ value }) => value.toString());
  const names = alternativeNames(attributes);
  const those = <Key extends keyof GeneralName>(key: Key) =>
    names.flatMap(({ [key]: value }) => (value === undefined ? [] : [String(value)]));
  return {
    commonName: valuesOf(COMMON_NAME).at(-1) ?? '',
    organizations: valuesOf(ORGANIZATION),
    dnsNames: those('dNSName'),
    addresses: those('iPAddress'),
    emails: those('rfc822Name'),
    uris: those('uniformResourceIdentifier'),
  };
}

function alternativeNames(attributes: Uint8Array<ArrayBuffer>): readonly GeneralName[] {
  for (const attribute of readDerList(attributes)) {
    const [type, values] = readDerList(attribute.content);
    if (type?.tag !== DER_OID || formatOid(type.content) !== EXTENSION_REQUEST || !values) continue;
    const extensions = readDerList(values.content).flatMap(({ whole }) => [...AsnConvert.parse(whole, Extensions)]);
    const found = extensions.find(({ extnID }) => extnID === id_ce_subjectAltName);
    if (found) return [...AsnConvert.parse(found.extnValue, SubjectAlternativeName)];
  }
  return [];
}
