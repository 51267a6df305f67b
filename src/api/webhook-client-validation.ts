// The rules of how the API server reaches a webhook: by the URL or the service, and trusting whom. Conversion and
// admission webhooks share them. Upstream: k8s.io/apiserver/pkg/util/webhook/validation.go.

import { decodeBase64 } from '../base/base64.ts';
import { GoUrlError, parseGoUrl } from '../base/go-url.ts';
import { decodePem } from '../base/pem.ts';
import { checkFaults, checkRequired } from './field-checks.ts';
import { type FieldError, fieldError, type Path } from './field-error.ts';
import { dns1035Label, dns1123Subdomain, portNumber } from './names.ts';

export interface WebhookClient {
  readonly url?: string;
  readonly service?: WebhookService;
}

export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

const URL_FORM = '; desired format: https://host[/path]';

/** Exactly one of URL and service. */
export function checkWebhookClient({ url, service }: WebhookClient, at: Path, errors: FieldError[]): void {
  if ((url === undefined) === (service === undefined)) {
    errors.push(fieldError.required(at, 'exactly one of url or service is required'));
  } else if (url !== undefined) checkUrl(url, at.child('url'), errors);
  else if (service) checkService(service, at.child('service'), errors);
}

function checkUrl(text: string, at: Path, errors: FieldError[]): void {
  try {
    const { scheme, host, user, fragment, query } = parseGoUrl(text);
    const invalid = (value: string, why: string) => errors.push(fieldError.invalid(at, value, why));
    if (scheme !== 'https') invalid(scheme, `'https' is the only allowed URL scheme${URL_FORM}`);
    if (host === '') invalid(host, `host must be specified${URL_FORM}`);
    if (user !== undefined) invalid(user, 'user information is not permitted in the URL');
    if (fragment !== '') invalid(fragment, 'fragments are not permitted in the URL');
    if (query !== '') invalid(query, 'query parameters are not permitted in the URL');
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    errors.push(fieldError.required(at, `url must be a valid URL: ${error.message}${URL_FORM}`));
  }
}

/** Upstream takes name and namespace for each other here: a service without the one is told to lack the other. */
function checkService({ namespace, name, path, port = 0 }: WebhookService, at: Path, errors: FieldError[]): void {
  checkRequired(namespace, at.child('name'), errors);
  checkRequired(name, at.child('namespace'), errors);
  const faults = portNumber(port);
  if (faults.length > 0) {
    errors.push(fieldError.invalid(at.child('port'), port, `port is not valid: ${faults.join(', ')}`));
  }
  if (path !== undefined && path !== '' && path !== '/') checkPath(path, at.child('path'), errors);
}

function checkPath(path: string, at: Path, errors: FieldError[]): void {
  if (path === '//') {
    errors.push(fieldError.invalid(at, path, 'segment[0] may not be empty'));
    return;
  }
  if (!path.startsWith('/')) errors.push(fieldError.invalid(at, path, "must start with a '/'"));
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '') errors.push(fieldError.invalid(at, path, `segment[${index}] may not be empty`));
    else checkFaults(prefixed(`segment[${index}]: `, dns1123Subdomain(segment)), path, at, errors);
  }
}

function prefixed(prefix: string, faults: readonly string[]): readonly string[] {
  return faults.map((fault) => prefix + fault);
}

/** Versions of AdmissionReview and of ConversionReview that the server can send. */
export const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** Which versions of reviews a webhook understands; one has to be known, or `allowsUnknown`. */
export function checkReviewVersions(
  versions: readonly string[],
  at: Path,
  errors: FieldError[],
  options: { readonly whyRequired: string; readonly allowsUnknown: boolean },
): void {
  if (versions.length === 0) {
    errors.push(fieldError.required(at, options.whyRequired));
    return;
  }
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) {
      errors.push(fieldError.invalid(at.index(index), version, 'duplicate version'));
    } else checkFaults(dns1035Label(version), version, at.index(index), errors);
  }
  if (options.allowsUnknown || hasKnownReviewVersion(versions)) return;
  errors.push(fieldError.invalid(at, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
}

export function hasKnownReviewVersion(versions: readonly string[]): boolean {
  return versions.some((version) => REVIEW_VERSIONS.includes(version));
}

/** `bundle`: base64 of PEM, in which there has to be a certificate. Upstream: ValidateCABundle. */
export function checkCaBundle(bundle: string, at: Path, errors: FieldError[]): void {
  const fault = caBundleFault(bundle);
  if (fault) errors.push(fieldError.invalid(at, bundle, `unable to load root certificates: ${fault}`));
}

function caBundleFault(bundle: string): string | undefined {
  const blocks = decodePem(new TextDecoder('latin1').decode(decodeBase64(bundle)));
  const certificates = blocks.filter(({ type, headers }) => type === 'CERTIFICATE' && headers.length === 0);
  if (certificates.some(({ bytes }) => isSequence(bytes))) return undefined;
  return certificates.length > 0
    ? 'failed to parse certificate: x509: malformed certificate'
    : 'unable to parse bytes as PEM block';
}

/** Whether the bytes are one ASN.1 sequence as a whole, as every certificate is. */
function isSequence(bytes: Uint8Array): boolean {
  const [tag, first = 0] = bytes;
  if (tag !== 0x30) return false;
  if (first < 0x80) return bytes.length === 2 + first;
  const lengthBytes = bytes.subarray(2, 2 + (first & 0x7f));
  const length = lengthBytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return bytes.length === 2 + lengthBytes.length + length;
}
