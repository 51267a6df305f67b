// The rules of certificate signing requests. Upstream: pkg/apis/certificates/validation.

import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import { decodeBase64 } from '../../base/base64.ts';
import { readDerList } from '../../base/der.ts';
import { messageOf } from '../../base/message-of.ts';
import { decodePem, type PemBlock } from '../../base/pem.ts';
import { checkOneOf, checkRequired } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { type CertificateRequest, parseCertificateRequest } from './certificate-request.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './certificate-signing-request.ts';
import { signatureFault } from './request-signature.ts';
import { checkSignerName } from './signer-name-validation.ts';

const SPEC = Path.of('spec');
const REQUEST = SPEC.child('request');
const CONDITIONS = Path.of('status', 'conditions');
const CERTIFICATE = Path.of('status', 'certificate');
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const MIN_EXPIRATION_SECONDS = 600;

/** What was wrong before there was a rule against it may stay. */
export function validateRequest(
  { spec, status }: CertificateSigningRequest,
  previous?: CertificateSigningRequest,
): readonly FieldError[] {
  const { request, signerName, expirationSeconds: seconds, usages = [] } = spec;
  const errors: FieldError[] = [];
  const fault = faultOf(() => parseCertificateRequest(decodeBase64(request)));
  if (fault !== undefined) errors.push(fieldError.invalid(REQUEST, request, fault));
  if (usages.length === 0) errors.push(fieldError.required(SPEC.child('usages')));
  for (const [index, usage] of isTwice(previous?.spec.usages ?? []) ? [] : usages.entries()) {
    if (usages.indexOf(usage) < index) errors.push(fieldError.duplicate(SPEC.child('usages').index(index), usage));
  }
  if (signerName === LEGACY_SIGNER && previous?.spec.signerName !== LEGACY_SIGNER) {
    const why = 'the legacy signerName is not allowed via this API version';
    errors.push(fieldError.invalid(SPEC.child('signerName'), signerName, why));
  } else checkSignerName(signerName, SPEC.child('signerName'), errors);
  if (seconds !== undefined && seconds < MIN_EXPIRATION_SECONDS) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(fieldError.invalid(SPEC.child('expirationSeconds'), seconds, why));
  }
  checkConditions(status.conditions ?? [], previous?.status.conditions ?? [], errors);
  checkCertificate(status.certificate, previous?.status.certificate, errors);
  return errors;
}

/** Whoever asks for a certificate has to have the key that it is for. */
export async function verifyRequest({ spec: { request } }: CertificateSigningRequest): Promise<readonly FieldError[]> {
  let parsed: CertificateRequest;
  try {
    parsed = parseCertificateRequest(decodeBase64(request));
  } catch {
    return []; // Validation says that.
  }
  const fault = await signatureFault(parsed);
  return fault === undefined ? [] : [fieldError.invalid(REQUEST, request, fault)];
}

/** Whoever approves may add conditions, but not take decisions back. */
export function validateApproval(
  request: CertificateSigningRequest,
  previous: CertificateSigningRequest,
): readonly FieldError[] {
  return removalErrors(request, previous);
}

/** Signers issue a certificate, once, and do not decide whether they may. */
export function validateRequestStatusUpdate(
  request: CertificateSigningRequest,
  previous: CertificateSigningRequest,
): readonly FieldError[] {
  const errors = [...validateRequest(request, previous), ...removalErrors(request, previous)];
  for (const type of ['Approved', 'Denied']) {
    if (countOf(request, type) <= countOf(previous, type)) continue;
    errors.push(fieldError.forbidden(CONDITIONS, `updates may not add a condition of type "${type}"`));
  }
  const issued = previous.status.certificate;
  if (issued && issued !== request.status.certificate) {
    errors.push(fieldError.forbidden(CERTIFICATE, 'updates may not modify existing certificate content'));
  }
  return errors;
}

const DECISIONS = ['Approved', 'Denied', 'Failed'];

function removalErrors(request: CertificateSigningRequest, previous: CertificateSigningRequest): readonly FieldError[] {
  return DECISIONS.filter((type) => countOf(request, type) < countOf(previous, type)).map((type) =>
    fieldError.forbidden(CONDITIONS, `updates may not remove a condition of type "${type}"`),
  );
}

function countOf({ status }: CertificateSigningRequest, type: string): number {
  return (status.conditions ?? []).filter((condition) => condition.type === type).length;
}

function checkConditions(
  conditions: readonly CertificateSigningRequestCondition[],
  before: readonly CertificateSigningRequestCondition[],
  errors: FieldError[],
): void {
  const typesBefore = before.map(({ type }) => type);
  const wereBoth = typesBefore.includes('Approved') && typesBefore.includes('Denied');
  const types: string[] = [];
  for (const [index, { type, status }] of conditions.entries()) {
    const at = CONDITIONS.index(index);
    const typeAt = at.child('type');
    if (!typesBefore.includes('')) checkRequired(type, typeAt, errors);
    if (status === '') errors.push(fieldError.required(at.child('status')));
    else
      checkOneOf(
        status,
        DECISIONS.includes(type) ? ['True'] : ['False', 'True', 'Unknown'],
        at.child('status'),
        errors,
      );
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (opposite !== undefined && types.includes(opposite) && !wereBoth) {
      errors.push(fieldError.invalid(typeAt, type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (types.includes(type) && !isTwice(typesBefore)) errors.push(fieldError.duplicate(typeAt, type));
    types.push(type);
  }
}

function checkCertificate(certificate = '', before: string | undefined, errors: FieldError[]): void {
  if (before !== undefined && (certificate === before || certificateFault(before) !== undefined)) return;
  const fault = certificateFault(certificate);
  if (fault !== undefined) errors.push(fieldError.invalid(CERTIFICATE, '<certificate data>', fault));
}

const latin1 = new TextDecoder('latin1');

function certificateFault(certificate: string): string | undefined {
  if (certificate === '') return undefined;
  const blocks = decodePem(latin1.decode(decodeBase64(certificate)));
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  return blocks.map(blockFault).find((fault) => fault !== undefined);
}

function blockFault({ type, headers, bytes }: PemBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
  if (headers.length > 0) return 'no PEM block headers are permitted';
  if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
  const fault = faultOf(() => readDerList(bytes).map(({ whole }) => AsnConvert.parse(whole, Certificate)));
  return fault === undefined ? undefined : 'x509: malformed certificate';
}

/** The message that reading something throws, if it does. */
function faultOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function isTwice(values: readonly string[]): boolean {
  return new Set(values).size < values.length;
}
