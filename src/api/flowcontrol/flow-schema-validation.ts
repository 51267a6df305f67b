// The rules of flow schemas. Upstream: ValidateFlowSchema in pkg/apis/flowcontrol/validation.

import { deepEqual } from '../deep-equal.ts';
import { checkFaults, checkLabel, checkOneOf, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { dns1123Label } from '../names.ts';
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from './flow-schema.ts';
import { checkConditions } from './flowcontrol-conditions.ts';
import { EXEMPT, MANDATORY_FLOW_SCHEMAS } from './mandatory-objects.ts';

const SPEC = Path.of('spec');
const MAX_PRECEDENCE = 10000;
const DISTINGUISHERS = ['ByNamespace', 'ByUser'];

export function validateFlowSchema({ metadata: { name }, spec }: FlowSchema): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkPrecedence(spec.matchingPrecedence, name, errors);
  checkDistinguisher(spec, errors);
  const levelAt = SPEC.child('priorityLevelConfiguration', 'name');
  const { name: level } = spec.priorityLevelConfiguration;
  if (level === '') errors.push(fieldError.required(levelAt, 'must reference a priority level'));
  else checkSubdomain(level, levelAt, errors);
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    checkRule(rule, SPEC.child('rules').index(index), errors);
  }
  const fixed = MANDATORY_FLOW_SCHEMAS.get(name);
  if (fixed && !deepEqual(spec, fixed)) {
    errors.push(fieldError.invalid(SPEC, spec, `spec of '${name}' must equal the fixed value`));
  }
  return errors;
}

export function validateFlowSchemaStatusUpdate({ status }: FlowSchema): readonly FieldError[] {
  return checkConditions(status.conditions ?? []);
}

function checkPrecedence(precedence: number, name: string, errors: FieldError[]): void {
  const invalid = (why: string) => errors.push(fieldError.invalid(SPEC.child('matchingPrecedence'), precedence, why));
  if (precedence <= 0) invalid('must be a positive value');
  if (precedence > MAX_PRECEDENCE) invalid(`must not be greater than ${MAX_PRECEDENCE}`);
  if (precedence === 1 && name !== EXEMPT) invalid("only the schema named 'exempt' may have matchingPrecedence 1");
}

/** Upstream shows the method as Go writes it. */
function checkDistinguisher({ distinguisherMethod }: FlowSchemaSpec, errors: FieldError[]): void {
  if (!distinguisherMethod || DISTINGUISHERS.includes(distinguisherMethod.type)) return;
  const value = { Type: distinguisherMethod.type };
  errors.push(fieldError.notSupported(SPEC.child('distinguisherMethod', 'type'), value, DISTINGUISHERS));
}

function checkRule(rule: PolicyRulesWithSubjects, at: Path, errors: FieldError[]): void {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  if (!subjects?.length) {
    errors.push(fieldError.required(at.child('subjects'), 'subjects must contain at least one value'));
  }
  for (const [index, subject] of (subjects ?? []).entries()) {
    checkSubject(subject, at.child('subjects').index(index), errors);
  }
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(fieldError.required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  for (const [index, resourceRule] of resourceRules.entries()) {
    checkResourceRule(resourceRule, at.child('resourceRules').index(index), errors);
  }
  for (const [index, nonResourceRule] of nonResourceRules.entries()) {
    checkNonResourceRule(nonResourceRule, at.child('nonResourceRules').index(index), errors);
  }
}

/** The field that goes with each kind of subject. */
const SUBJECT_FIELDS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

function checkSubject(subject: Subject, at: Path, errors: FieldError[]): void {
  const kinds = Object.keys(SUBJECT_FIELDS) as (keyof typeof SUBJECT_FIELDS)[];
  if (!(kinds as string[]).includes(subject.kind)) {
    return void checkOneOf(subject.kind, kinds.toSorted(), at.child('kind'), errors);
  }
  for (const kind of kinds) {
    const field = SUBJECT_FIELDS[kind];
    if (kind === subject.kind) {
      if (!subject[field])
        errors.push(fieldError.required(at.child(field), `${field} is required when subject kind is '${kind}'`));
    } else if (subject[field]) {
      errors.push(fieldError.forbidden(at.child(field), `${field} is forbidden when subject kind is not '${kind}'`));
    }
  }
  if (subject.kind === 'ServiceAccount' && subject.serviceAccount) {
    checkServiceAccount(subject.serviceAccount, at.child('serviceAccount'), errors);
  }
}

function checkServiceAccount(
  { namespace, name }: NonNullable<Subject['serviceAccount']>,
  at: Path,
  errors: FieldError[],
): void {
  if (name !== '' && name !== '*') checkSubdomain(name, at.child('name'), errors);
  const namespaceAt = at.child('namespace');
  if (namespace !== '') checkLabel(namespace, namespaceAt, errors);
  else errors.push(fieldError.required(namespaceAt, 'must specify namespace for service account'));
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

function checkVerbs(verbs: readonly string[], at: Path, errors: FieldError[]): void {
  if (checkWildcard(verbs, { none: 'verbs must contain at least one value', others: 'verbs' }, at, errors)) return;
  if (!verbs.every((verb) => VERBS.includes(verb))) errors.push(fieldError.notSupported(at, verbs, VERBS));
}

/** Whether there is nothing left to look at: the list is empty or stands for everything. */
function checkWildcard(
  values: readonly string[],
  texts: { readonly none: string; readonly others: string },
  at: Path,
  errors: FieldError[],
): boolean {
  if (values.length === 0) errors.push(fieldError.required(at, texts.none));
  else if (!values.includes('*')) return false;
  else if (values.length > 1) {
    errors.push(fieldError.invalid(at, values, `if '*' is present, must not specify other ${texts.others}`));
  }
  return true;
}

function checkResourceRule(rule: ResourcePolicyRule, at: Path, errors: FieldError[]): void {
  checkVerbs(rule.verbs ?? [], at.child('verbs'), errors);
  const groups = { none: 'resource rules must supply at least one api group', others: 'api groups' };
  checkWildcard(rule.apiGroups ?? [], groups, at.child('apiGroups'), errors);
  const resources = { none: 'resource rules must supply at least one resource', others: 'resources' };
  checkWildcard(rule.resources ?? [], resources, at.child('resources'), errors);
  const namespaces = rule.namespaces ?? [];
  const namespacesAt = at.child('namespaces');
  if (namespaces.length === 0 && rule.clusterScope) return;
  const none = 'resource rules that are not cluster scoped must supply at least one namespace';
  if (checkWildcard(namespaces, { none, others: 'namespaces' }, namespacesAt, errors)) return;
  for (const [index, namespace] of namespaces.entries()) {
    const faults = dns1123Label(namespace).map(
      (fault) => `each member of this list must be '*' or a DNS-1123 label; ${fault}`,
    );
    checkFaults(faults, namespace, namespacesAt.index(index), errors);
  }
}

function checkNonResourceRule(rule: NonResourcePolicyRule, at: Path, errors: FieldError[]): void {
  checkVerbs(rule.verbs ?? [], at.child('verbs'), errors);
  const urls = rule.nonResourceURLs ?? [];
  const urlsAt = at.child('nonResourceURLs');
  const none = 'nonResourceURLs must contain at least one value';
  if (checkWildcard(urls, { none, others: 'non-resource URLs' }, urlsAt, errors)) return;
  for (const [index, url] of urls.entries()) {
    const fault = urlFault(url);
    if (fault !== undefined) errors.push(fieldError.invalid(urlsAt.index(index), url, fault));
  }
}

/** Paths end in `/*` for all that is below. */
function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const star = url.indexOf('*');
  if (star >= 0 && (star !== url.length - 1 || !url.endsWith('/*'))) return 'wildcard can only do suffix matching';
  return undefined;
}
