// The rules of how a pod resolves names. Upstream: validatePodDNSConfig in pkg/apis/core/validation; the limits are those
// of Linux's resolvers.

import { checkFaults, checkIp } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { type Faults, patternFault } from '../names.ts';
import type { PodSpec } from './pod-spec.ts';

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

export function checkDnsConfig({ dnsPolicy, dnsConfig }: PodSpec, at: Path, errors: FieldError[]): void {
  if (dnsPolicy === 'None' && !dnsConfig) {
    errors.push(fieldError.required(at, 'must provide `dnsConfig` when `dnsPolicy` is None'));
  }
  if (!dnsConfig) return;
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    errors.push(fieldError.required(at.child('nameservers'), why));
    return;
  }
  if (nameservers.length > MAX_NAMESERVERS) {
    const why = `must not have more than ${MAX_NAMESERVERS} nameservers`;
    errors.push(fieldError.invalid(at.child('nameservers'), nameservers, why));
  }
  for (const [index, server] of nameservers.entries()) checkIp(server, at.child('nameservers').index(index), errors);
  if (searches.length > MAX_SEARCHES) {
    const why = `must not have more than ${MAX_SEARCHES} search paths`;
    errors.push(fieldError.invalid(at.child('searches'), searches, why));
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const why = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    errors.push(fieldError.invalid(at.child('searches'), searches, why));
  }
  for (const [index, search] of searches.entries()) {
    const domain = search.replace(/\.$/, '');
    if (search !== '.') checkFaults(searchFaults(domain), domain, at.child('searches').index(index), errors);
  }
  for (const [index, { name }] of options.entries()) {
    if (!name) errors.push(fieldError.required(at.child('options').index(index), 'must not be empty'));
  }
}

const LABEL = '[a-z0-9_]([-_a-z0-9]*[a-z0-9])?';
const DOMAIN = `${LABEL}(\\.${LABEL})*`;
const DOMAIN_FORM = new RegExp(`^${DOMAIN}$`);
const DOMAIN_FAULT = patternFault(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  DOMAIN,
  ['example.com'],
);

/** A subdomain in which labels may have underscores, as in `_tcp`. */
function searchFaults(domain: string): Faults {
  const faults = domain.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!DOMAIN_FORM.test(domain)) faults.push(DOMAIN_FAULT);
  return faults;
}
