// The rules of rules: which operations on which resources a webhook or policy is about. Upstream: validateRule and what
// is around it in pkg/apis/admissionregistration/validation.

import { checkFaults } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { pathSegment } from '../names.ts';
import type { NamedRuleWithOperations, RuleWithOperations } from './match-resources.ts';

/** Operations and scopes are enumerated by their declaration. */
export function checkRules(
  rules: readonly (RuleWithOperations | NamedRuleWithOperations)[],
  at: Path,
  errors: FieldError[],
): void {
  for (const [index, rule] of rules.entries()) {
    if ('resourceNames' in rule) checkResourceNames(rule.resourceNames ?? [], at.index(index), errors);
    checkRule(rule, at.index(index), errors);
  }
}

function checkResourceNames(names: readonly string[], at: Path, errors: FieldError[]): void {
  for (const [index, name] of names.entries()) {
    const path = at.child('resourceNames').index(index);
    checkFaults(pathSegment(name), name, path, errors);
    if (names.indexOf(name) < index) errors.push(fieldError.duplicate(path, name));
  }
}

function checkRule(rule: RuleWithOperations, at: Path, errors: FieldError[]): void {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [] } = rule;
  checkList(operations, 'operations', at.child('operations'), errors);
  checkList(apiGroups, 'API groups', at.child('apiGroups'), errors);
  const versionsAt = at.child('apiVersions');
  checkList(apiVersions, 'API versions', versionsAt, errors);
  for (const [index, version] of apiVersions.entries()) {
    if (version === '') errors.push(fieldError.required(versionsAt.index(index)));
  }
  checkResources(resources, at.child('resources'), errors);
}

/** Something has to be there, and beside `*` nothing else. */
function checkList(values: readonly string[], what: string, at: Path, errors: FieldError[]): void {
  if (values.length === 0) errors.push(fieldError.required(at));
  if (values.length > 1 && values.includes('*')) {
    errors.push(fieldError.invalid(at, values, `if '*' is present, must not specify other ${what}`));
  }
}

/** No resource may be named again after a pattern that it falls under. */
function checkResources(resources: readonly string[], at: Path, errors: FieldError[]): void {
  if (resources.length === 0) errors.push(fieldError.required(at));
  const allSubresourcesOf = new Set<string>();
  const subresourceOfAll = new Set<string>();
  // Upstream remembers only what the last one without a subresource was.
  let isLastPlainNamed = false;
  for (const [index, resource] of resources.entries()) {
    const slash = resource.indexOf('/');
    if (resource === '') errors.push(fieldError.required(at.index(index)));
    else if (slash < 0) isLastPlainNamed = resource !== '*';
    if (slash < 0) continue;
    const [name, subresource] = [resource.slice(0, slash), resource.slice(slash + 1)];
    const refuse = (pattern: string) =>
      errors.push(
        fieldError.invalid(at.index(index), resource, `if '${pattern}' is present, must not specify ${resource}`),
      );
    if (allSubresourcesOf.has(name)) refuse(`${name}/*`);
    if (subresourceOfAll.has(subresource)) refuse(`*/${subresource}`);
    if (subresource === '*') allSubresourcesOf.add(name);
    if (name === '*') subresourceOfAll.add(subresource);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(fieldError.invalid(at, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (isLastPlainNamed && resources.includes('*')) {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(fieldError.invalid(at, resources, why));
  }
}
