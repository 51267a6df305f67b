// The rules of where pods may and should run: affinities, spreading, taints and tolerations. Label selectors and
// enumerations are checked for all kinds alike. Upstream: validateAffinity, validateTopologySpreadConstraints,
// ValidateTolerations and validateNodeTaints in pkg/apis/core/validation.

import { checkFaults, checkLabel, checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import type { LabelSelector } from '../meta/label-selector.ts';
import { dns1123Subdomain, labelValue } from '../names.ts';
import type { Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm } from './affinity.ts';
import type { TopologySpreadConstraint } from './pod-spec.ts';
import type { Taint, Toleration } from './toleration.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

export function checkAffinity(affinity: Affinity, at: Path, errors: FieldError[]): void {
  const node = affinity.nodeAffinity;
  const nodeAt = at.child('nodeAffinity');
  if (node?.[REQUIRED]) checkNodeSelector(node[REQUIRED], nodeAt.child(REQUIRED), errors);
  for (const [index, { weight, preference }] of (node?.[PREFERRED] ?? []).entries()) {
    const path = nodeAt.child(PREFERRED).index(index);
    checkWeight(weight, path.child('weight'), errors);
    // A preference that no node can meet does no harm.
    checkNodeSelectorTerm(preference, path.child('preference'), errors, { anyValue: true });
  }
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const terms = affinity[field];
    for (const [index, term] of (terms?.[REQUIRED] ?? []).entries()) {
      checkPodAffinityTerm(term, at.child(field, REQUIRED).index(index), errors);
    }
    for (const [index, { weight, podAffinityTerm }] of (terms?.[PREFERRED] ?? []).entries()) {
      const path = at.child(field, PREFERRED).index(index);
      checkWeight(weight, path.child('weight'), errors);
      checkPodAffinityTerm(podAffinityTerm, path.child('podAffinityTerm'), errors);
    }
  }
}

function checkWeight(weight: number, at: Path, errors: FieldError[]): void {
  if (weight < 1 || weight > 100) errors.push(fieldError.invalid(at, weight, 'must be in the range 1-100'));
}

export function checkNodeSelector({ nodeSelectorTerms: terms }: NodeSelector, at: Path, errors: FieldError[]): void {
  const path = at.child('nodeSelectorTerms');
  if (!terms?.length) errors.push(fieldError.required(path, 'must have at least one node selector term'));
  for (const [index, term] of (terms ?? []).entries()) checkNodeSelectorTerm(term, path.index(index), errors);
}

function checkNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  at: Path,
  errors: FieldError[],
  options: { readonly anyValue?: boolean } = {},
): void {
  for (const [index, requirement] of matchExpressions.entries()) {
    const path = at.child('matchExpressions').index(index);
    checkExpression(requirement, path, errors);
    if (!options.anyValue) checkLabelValues(requirement.values ?? [], path.child('values'), errors);
  }
  for (const [index, requirement] of matchFields.entries()) {
    checkFieldRequirement(requirement, at.child('matchFields').index(index), errors);
  }
}

const NO_OPERATOR = 'not a valid selector operator';

function checkExpression({ key, operator, values = [] }: NodeSelectorRequirement, at: Path, errors: FieldError[]) {
  const path = at.child('values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) break;
      errors.push(fieldError.required(path, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) break;
      errors.push(fieldError.forbidden(path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (values.length === 1) break;
      errors.push(fieldError.required(path, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(fieldError.invalid(at.child('operator'), operator satisfies never, NO_OPERATOR));
  }
  checkQualifiedName(key, at.child('key'), errors);
}

function checkLabelValues(values: readonly string[], at: Path, errors: FieldError[]): void {
  for (const [index, value] of values.entries()) checkFaults(labelValue(value), value, at.index(index), errors);
}

/** The name is the only field of a node that can be selected by. */
function checkFieldRequirement(requirement: NodeSelectorRequirement, at: Path, errors: FieldError[]): void {
  const { key, operator, values = [] } = requirement;
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(fieldError.invalid(at.child('operator'), operator, NO_OPERATOR));
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(fieldError.required(at.child('values'), why));
  }
  if (key !== 'metadata.name') {
    errors.push(fieldError.invalid(at.child('key'), key, 'not a valid field selector key'));
    return;
  }
  for (const [index, value] of values.entries()) {
    checkFaults(dns1123Subdomain(value), value, at.child('values').index(index), errors);
  }
}

function checkPodAffinityTerm(term: PodAffinityTerm, at: Path, errors: FieldError[]): void {
  const { labelSelector, namespaces = [], topologyKey, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  for (const name of namespaces) checkLabel(name, at.child('namespace'), errors);
  checkLabelKeys(matchLabelKeys, labelSelector, at.child('matchLabelKeys'), errors);
  checkLabelKeys(mismatchLabelKeys, labelSelector, at.child('mismatchLabelKeys'), errors);
  for (const key of keysSelectedTwice(matchLabelKeys, labelSelector)) {
    const why = 'exists in both matchLabelKeys and labelSelector';
    errors.push(fieldError.invalid(at.index(matchLabelKeys.lastIndexOf(key)), key, why));
  }
  for (const [index, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue;
    const why = 'exists in both matchLabelKeys and mismatchLabelKeys';
    errors.push(fieldError.invalid(at.child('matchLabelKeys').index(index), key, why));
  }
  if (topologyKey === '') errors.push(fieldError.required(at.child('topologyKey'), 'can not be empty'));
  checkQualifiedName(topologyKey, at.child('topologyKey'), errors);
}

const NO_SELECTOR = 'must not be specified when labelSelector is not set';

function checkLabelKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  at: Path,
  errors: FieldError[],
): void {
  if (keys.length > 0 && !selector) errors.push(fieldError.forbidden(at, NO_SELECTOR));
  else for (const [index, key] of keys.entries()) checkQualifiedName(key, at.index(index), errors);
}

/** What is in `matchLabelKeys` has been written out as one expression by now: a second one was there before. */
function keysSelectedTwice(keys: readonly string[], selector: LabelSelector | undefined): string[] {
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}));
  const twice: string[] = [];
  for (const { key } of selector?.matchExpressions ?? []) {
    if (keys.includes(key) && seen.has(key)) twice.push(key);
    seen.add(key);
  }
  return twice;
}

const NOT_POSITIVE = 'must be greater than zero';

export function checkTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  at: Path,
  errors: FieldError[],
): void {
  for (const [index, constraint] of constraints.entries()) {
    const path = at.index(index);
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, matchLabelKeys = [], labelSelector } = constraint;
    if (maxSkew <= 0) errors.push(fieldError.invalid(path.child('maxSkew'), maxSkew, NOT_POSITIVE));
    if (topologyKey === '') errors.push(fieldError.required(path.child('topologyKey'), 'can not be empty'));
    const isRepeated = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (isRepeated) {
      const both = path.child('{topologyKey, whenUnsatisfiable}');
      errors.push(fieldError.duplicate(both, `{${topologyKey}, ${whenUnsatisfiable}}`));
    }
    if (minDomains !== undefined) {
      const domainsAt = path.child('minDomains');
      if (minDomains <= 0) errors.push(fieldError.invalid(domainsAt, minDomains, NOT_POSITIVE));
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        errors.push(fieldError.invalid(domainsAt, minDomains, why));
      }
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[field];
      if (policy !== undefined) checkOneOf(policy, ['Honor', 'Ignore'], path.child(field), errors);
    }
    checkLabelKeys(matchLabelKeys, labelSelector, path.child('matchLabelKeys'), errors);
    for (const key of keysSelectedTwice(matchLabelKeys, labelSelector)) {
      const why = 'exists in both matchLabelKeys and labelSelector';
      // Upstream leaves the field out of the path, as it does for affinities.
      errors.push(fieldError.invalid(path.index(matchLabelKeys.lastIndexOf(key)), key, why));
    }
  }
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const OPERATOR_FOR_ALL =
  'operator must be Exists when `key` is empty, which means "match all values and all keys"' as const;

export function checkTolerations(tolerations: readonly Toleration[], at: Path, errors: FieldError[]): void {
  for (const [index, { key, operator = '', value = '', effect = '', tolerationSeconds }] of tolerations.entries()) {
    const path = at.index(index);
    if (key) checkQualifiedName(key, path.child('key'), errors);
    else if (operator !== 'Exists') errors.push(fieldError.invalid(path.child('operator'), operator, OPERATOR_FOR_ALL));
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(fieldError.invalid(path.child('effect'), effect, why));
    }
    checkTolerationValue(operator, value, path, errors);
    if (effect) checkOneOf(effect, EFFECTS, path.child('effect'), errors);
  }
}

function checkTolerationValue(operator: string, value: string, at: Path, errors: FieldError[]): void {
  const path = at.child('operator');
  switch (operator) {
    case '':
    case 'Equal': {
      const faults = labelValue(value);
      if (faults.length > 0) errors.push(fieldError.invalid(path, value, faults.join(';')));
      break;
    }
    case 'Exists':
      if (value !== '') errors.push(fieldError.invalid(path, value, "value must be empty when `operator` is 'Exists'"));
      break;
    case 'Lt':
    case 'Gt':
      // Told of, but behind a feature gate that is off: TaintTolerationComparisonOperators.
      errors.push(fieldError.notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt']));
      break;
    default:
      errors.push(fieldError.notSupported(path, operator, ['Equal', 'Exists']));
  }
}

export function checkTaints(taints: readonly Taint[], at: Path, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const path = at.index(index);
    const { key, value = '', effect } = taint;
    checkQualifiedName(key, path.child('key'), errors);
    const faults = labelValue(value);
    if (faults.length > 0) errors.push(fieldError.invalid(path.child('value'), value, faults.join(';')));
    if (!effect) errors.push(fieldError.required(path.child('effect')));
    else if (!EFFECTS.includes(effect)) errors.push(fieldError.notSupported(path.child('effect'), effect, EFFECTS));
    if (seen.has(`${effect}/${key}`)) {
      errors.push({ ...fieldError.duplicate(path, taint), detail: 'taints must be unique by key and effect pair' });
    }
    seen.add(`${effect}/${key}`);
  }
}
