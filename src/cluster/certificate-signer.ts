// Certifies what the controllers ask for, with the key of the cluster's authority. Upstream:
// pkg/controller/certificates/authority.

import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  anyExtendedKeyUsage,
  GeneralName,
  id_kp_clientAuth,
  id_kp_codeSigning,
  id_kp_emailProtection,
  id_kp_OCSPSigning,
  id_kp_serverAuth,
  id_kp_timeStamping,
  KeyUsageFlags,
  Name,
} from '@peculiar/asn1-x509';
import type { KeyUsage } from '../api/certificates/certificate-signing-request.ts';
import type { Clock } from '../base/clock.ts';
import type { CertificateOrder, CertificateSigner } from '../controllers/certificates/certificate-signer.ts';
import { certify, type KeyPair } from './certificate-authority.ts';

const KEY_USAGES: Readonly<Partial<Record<KeyUsage, KeyUsageFlags>>> = {
  signing: KeyUsageFlags.digitalSignature,
  'digital signature': KeyUsageFlags.digitalSignature,
  'content commitment': KeyUsageFlags.nonRepudiation,
  'key encipherment': KeyUsageFlags.keyEncipherment,
  'key agreement': KeyUsageFlags.keyAgreement,
  'data encipherment': KeyUsageFlags.dataEncipherment,
  'cert sign': KeyUsageFlags.keyCertSign,
  'crl sign': KeyUsageFlags.cRLSign,
  'encipher only': KeyUsageFlags.encipherOnly,
  'decipher only': KeyUsageFlags.decipherOnly,
};

/** In the order in which they stand in certificates. */
const PURPOSES: Readonly<Partial<Record<KeyUsage, string>>> = {
  any: anyExtendedKeyUsage,
  'server auth': id_kp_serverAuth,
  'client auth': id_kp_clientAuth,
  'code signing': id_kp_codeSigning,
  'email protection': id_kp_emailProtection,
  's/mime': id_kp_emailProtection,
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: id_kp_timeStamping,
  'ocsp signing': id_kp_OCSPSigning,
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

export function certificateSigner({
  clock,
  authority,
}: {
  readonly clock: Clock;
  readonly authority: KeyPair;
}): CertificateSigner {
  const authorityEndsAtMs = new X509Certificate(authority.certificate).validToDate.getTime();
  return {
    async sign(order) {
      if (clock.now() >= authorityEndsAtMs) throw new Error("the cluster's certificate authority has expired");
      const { subject, publicKey, usages, notBeforeMs, notAfterMs } = order;
      return certify(authority, {
        subject: AsnConvert.parse(subject, Name),
        publicKey,
        alternativeNames: generalNames(order),
        keyUsage: usages.reduce((flags, usage) => flags | (KEY_USAGES[usage] ?? 0), 0),
        purposes: purposesOf(usages),
        validity: { notBeforeMs, notAfterMs: Math.min(notAfterMs, authorityEndsAtMs) },
      });
    },
  };
}

function purposesOf(usages: readonly KeyUsage[]): readonly string[] {
  const wanted = Object.entries(PURPOSES).flatMap(([usage, purpose]) =>
    usages.includes(usage as KeyUsage) ? [purpose] : [],
  );
  return [...new Set(wanted)];
}

function generalNames({ alternativeNames: names }: CertificateOrder): readonly GeneralName[] {
  return [
    ...names.dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...names.emails.map((rfc822Name) => new GeneralName({ rfc822Name })),
    ...names.addresses.map((iPAddress) => new GeneralName({ iPAddress })),
    ...names.uris.map((uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier })),
  ];
}
