// The signer that the cluster hands in: it has the key of the cluster's authority, which controllers do not see.

import type { KeyUsage } from '../../api/certificates/certificate-signing-request.ts';
import type { AlternativeNames } from '../../api/certificates/requested-names.ts';

/** What is to be certified. */
export interface CertificateOrder {
  /** DER of a Name and of a SubjectPublicKeyInfo. */
  readonly subject: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly alternativeNames: AlternativeNames;
  readonly usages: readonly KeyUsage[];
  /** Of the wall clock. The certificate ends with its authority, if that is earlier. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface CertificateSigner {
  /** The certificate, PEM. Throws an Error when the authority itself has expired. */
  sign(order: CertificateOrder): Promise<string>;
}
