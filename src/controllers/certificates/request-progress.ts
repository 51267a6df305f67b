// How far a certificate signing request has come, and when it is of no use any more. Pure. Upstream:
// pkg/controller/certificates/certificate_controller_utils.go and cleaner/cleaner.go.

import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../api/certificates/certificate-signing-request.ts';
import { timeToMs } from '../../api/time.ts';
import { decodeBase64 } from '../../base/base64.ts';
import { decodePem } from '../../base/pem.ts';

const HOUR_MS = 3_600_000;
/** How long a request is kept after it was decided or signed, and one that nobody cares for. */
const DECIDED_MS = HOUR_MS;
const PENDING_MS = 24 * HOUR_MS;

export function requestCondition(
  { status }: CertificateSigningRequest,
  type: 'Approved' | 'Denied' | 'Failed',
): CertificateSigningRequestCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

/** When the request is to be deleted, in milliseconds of the wall clock; Infinity as long as nothing changes. */
export function requestEndsAtMs(request: CertificateSigningRequest): number {
  const { metadata, status } = request;
  if ((status.conditions ?? []).length === 0) return timeToMs(metadata.creationTimestamp) + PENDING_MS;
  const ends: number[] = [];
  const decided = (condition: CertificateSigningRequestCondition | undefined) => {
    if (condition?.lastUpdateTime) ends.push(timeToMs(condition.lastUpdateTime) + DECIDED_MS);
  };
  decided(requestCondition(request, 'Denied'));
  decided(requestCondition(request, 'Failed'));
  const approved = requestCondition(request, 'Approved');
  if (approved && status.certificate) {
    decided(approved);
    ends.push(certificateEndsAtMs(status.certificate));
  }
  return Math.min(...ends, Number.POSITIVE_INFINITY);
}

function certificateEndsAtMs(certificate: string): number {
  const pem = new TextDecoder('latin1').decode(decodeBase64(certificate));
  try {
    const [block] = decodePem(pem);
    const { tbsCertificate } = AsnConvert.parse(block?.bytes ?? new Uint8Array(), Certificate);
    return tbsCertificate.validity.notAfter.getTime().getTime();
  } catch {
    return Number.POSITIVE_INFINITY; // A certificate that cannot be read says nothing of its end.
  }
}
