// The names of signers: `example.com/path`. Upstream: ValidateSignerName in pkg/apis/core/validation.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { dns1123Label, dns1123Subdomain, type Faults } from '../names.ts';

const MAX_DOMAIN = 253;
/** A label and a subdomain with a dot between them. */
const MAX_PATH = 253 + 63 + 1;

export function checkSignerName(name: string, at: Path, errors: FieldError[]): void {
  if (name === '') return void errors.push(fieldError.required(at));
  const [domain = '', path, ...rest] = name.split('/');
  if (path === undefined || rest.length > 0) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return void errors.push(fieldError.invalid(at, name, why));
  }
  if (domain.length > MAX_DOMAIN) errors.push(fieldError.tooLong(at, MAX_DOMAIN));
  checkLabels(domain, dns1123Label, at, errors);
  if (!domain.includes('.')) {
    const why = 'should be a domain with at least two segments separated by dots';
    errors.push(fieldError.invalid(at, domain, why));
  }
  checkLabels(path, dns1123Subdomain, at, errors);
  if (name.length > MAX_DOMAIN + 1 + MAX_PATH) errors.push(fieldError.tooLong(at, MAX_DOMAIN + 1 + MAX_PATH));
}

/** Says what is wrong with the first label that something is wrong with. */
function checkLabels(text: string, faultsOf: (label: string) => Faults, at: Path, errors: FieldError[]): void {
  const label = text.split('.').find((part) => faultsOf(part).length > 0);
  if (label === undefined) return;
  for (const fault of faultsOf(label)) {
    errors.push(fieldError.invalid(at, text, `validating label ${JSON.stringify(label)}: ${fault}`));
  }
}
