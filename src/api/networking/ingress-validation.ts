// The rules of ingresses. Upstream: ValidateIngressCreate and its siblings in pkg/apis/networking/validation.

import { parseIp } from '../../base/ip-address.ts';
import type { TypedLocalObjectReference } from '../core/references.ts';
import { checkFaults, checkIp, checkLabel, checkPort, checkPortOrName, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { dns1123Subdomain, pathSegment, wildcardSubdomain } from '../names.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressTLS,
} from './ingress.ts';

export const INGRESS_CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const SPEC = Path.of('spec');
const RULES = SPEC.child('rules');
const NO_IP = 'must be a DNS name, not an IP address';

export function validateIngress({ spec }: Ingress, previous?: Ingress): readonly FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    errors.push(fieldError.invalid(SPEC, spec.rules, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) checkBackend(defaultBackend, SPEC.child('defaultBackend'), errors);
  checkRules(rules, previous?.spec.rules ?? [], errors);
  checkTls(tls, previous?.spec.tls ?? [], errors);
  if (ingressClassName !== undefined) checkSubdomain(ingressClassName, SPEC.child('ingressClassName'), errors);
  return errors;
}

/** The annotation is how the class was named before there was a field for it. */
export function validateIngressCreate({ metadata, spec }: Ingress): readonly FieldError[] {
  const annotation = metadata.annotations?.[INGRESS_CLASS_ANNOTATION];
  if (annotation === undefined || spec.ingressClassName === undefined) return [];
  if (annotation === spec.ingressClassName) return [];
  const why = 'must match `ingressClassName` when both are specified';
  return [fieldError.invalid(Path.of('annotations', INGRESS_CLASS_ANNOTATION), annotation, why)];
}

export function validateIngressStatusUpdate({ status }: Ingress, previous: Ingress): readonly FieldError[] {
  const errors: FieldError[] = [];
  const known = (previous.status.loadBalancer.ingress ?? []).flatMap(({ ip }) => ip || []);
  for (const [index, { ip, hostname }] of (status.loadBalancer.ingress ?? []).entries()) {
    const at = Path.of('status', 'loadBalancer', 'ingress').index(index);
    if (ip) checkIp(ip, at.child('ip'), errors, known);
    if (!hostname) continue;
    checkSubdomain(hostname, at.child('hostname'), errors);
    if (parseIp(hostname)) errors.push(fieldError.invalid(at.child('hostname'), hostname, NO_IP));
  }
  return errors;
}

/** What is behind a host with a wildcard was not looked at once: as long as there is such a rule, it is not again. */
function checkRules(rules: readonly IngressRule[], before: readonly IngressRule[], errors: FieldError[]): void {
  const isLenient = before.some((rule) => isWildcard(rule.host ?? '') && ruleErrors(rule, RULES).length > 0);
  for (const [index, rule] of rules.entries()) {
    const { host = '' } = rule;
    const hostAt = RULES.index(index).child('host');
    if (parseIp(host)) errors.push(fieldError.invalid(hostAt, host, NO_IP));
    if (host !== '') checkHost(host, hostAt, errors);
    if (!isWildcard(host) || !isLenient) errors.push(...ruleErrors(rule, RULES.index(index)));
  }
}

function ruleErrors({ http }: IngressRule, at: Path): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!http) return errors;
  const pathsAt = at.child('http', 'paths');
  if (!http.paths?.length) errors.push(fieldError.required(pathsAt));
  for (const [index, path] of (http.paths ?? []).entries()) checkPath(path, pathsAt.index(index), errors);
  return errors;
}

function checkHost(host: string, at: Path, errors: FieldError[]): void {
  checkFaults(isWildcard(host) ? wildcardSubdomain(host) : dns1123Subdomain(host), host, at, errors);
}

function isWildcard(host: string): boolean {
  return host.includes('*');
}

const SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const SUFFIXES = ['/..', '/.'];

function checkPath({ path = '', pathType, backend }: HTTPIngressPath, at: Path, errors: FieldError[]): void {
  const pathAt = at.child('path');
  if (!pathType) {
    return void errors.push(fieldError.required(at.child('pathType'), 'pathType must be specified'));
  }
  const isPlain = pathType === 'Exact' || pathType === 'Prefix';
  if (!path.startsWith('/') && (isPlain || (pathType === 'ImplementationSpecific' && path !== ''))) {
    errors.push(fieldError.invalid(pathAt, path, 'must be an absolute path'));
  }
  for (const part of isPlain ? SEQUENCES : []) {
    if (path.includes(part)) errors.push(fieldError.invalid(pathAt, path, `must not contain '${part}'`));
  }
  for (const end of isPlain ? SUFFIXES : []) {
    if (path.endsWith(end)) errors.push(fieldError.invalid(pathAt, path, `cannot end with '${end}'`));
  }
  checkBackend(backend, at.child('backend'), errors);
}

function checkBackend({ resource, service }: IngressBackend, at: Path, errors: FieldError[]): void {
  if (resource && service) {
    errors.push(fieldError.invalid(at, '', 'cannot set both resource and service backends'));
  } else if (resource) checkReference(resource, at.child('resource'), errors);
  else if (service) checkServiceBackend(service, at, errors);
  else errors.push(fieldError.invalid(at, '', 'resource or service backend is required'));
}

function checkServiceBackend({ name, port }: IngressServiceBackend, at: Path, errors: FieldError[]): void {
  const serviceAt = at.child('service');
  if (name !== '') checkLabel(name, serviceAt.child('name'), errors);
  const portAt = serviceAt.child('port');
  if (port.name && port.number) {
    errors.push(fieldError.invalid(at, '', 'cannot set both port name & port number'));
  } else if (port.name) checkPortOrName(port.name, portAt.child('name'), errors);
  else if (port.number) checkPort(port.number, portAt.child('number'), errors);
  else errors.push(fieldError.required(at, 'port name or number is required'));
}

/** What ingresses and their classes refer to may be of any kind, also of one whose names are not Kubernetes'. */
export function checkReference(
  { apiGroup, kind, name }: Partial<TypedLocalObjectReference>,
  at: Path,
  errors: FieldError[],
): void {
  if (typeof apiGroup === 'string') checkSubdomain(apiGroup, at.child('apiGroup'), errors);
  for (const [field, value] of Object.entries({ kind, name })) {
    if (value) checkFaults(pathSegment(value), value, at.child(field), errors);
  }
}

/** Names of secrets were not looked at once: as long as there is a wrong one, none are. */
function checkTls(tls: readonly IngressTLS[], before: readonly IngressTLS[], errors: FieldError[]): void {
  const isLenient = before.some(({ secretName }) => secretName && dns1123Subdomain(secretName).length > 0);
  for (const [index, { hosts = [], secretName }] of tls.entries()) {
    const at = SPEC.child('tls').index(index);
    for (const [i, host] of hosts.entries()) checkHost(host, at.child('hosts').index(i), errors);
    if (secretName && !isLenient) checkSubdomain(secretName, at.child('secretName'), errors);
  }
}
