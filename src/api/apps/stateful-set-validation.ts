// The rules of stateful sets. Upstream: ValidateStatefulSet and its siblings in pkg/apis/apps/validation.

import { checkClaimSpec } from '../core/persistent-volume-claim-validation.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { checkPodTemplate } from '../core/pod-template-validation.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkLabel, checkNonNegative, checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkAtMostAll, checkShare, figureOf } from '../share-checks.ts';
import type { RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetSpec } from './stateful-set.ts';
import {
  checkCollisionCount,
  checkCounts,
  checkGoesOn,
  checkOwnLabels,
  checkSelector,
  matcherOf,
} from './workload-validation.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');

export function validateStatefulSet({ spec }: StatefulSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { persistentVolumeClaimRetentionPolicy: retention } = spec;
  checkPodManagement(spec.podManagementPolicy, SPEC.child('podManagementPolicy'), errors);
  checkUpdateStrategy(spec.updateStrategy, SPEC.child('updateStrategy'), errors);
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    if (!retention) continue;
    const at = SPEC.child('persistentVolumeClaimRetentionPolicy', field);
    checkOneOf(retention[field] ?? '', ['Retain', 'Delete'], at, errors);
  }
  checkNonNegative(spec.replicas, SPEC.child('replicas'), errors);
  checkNonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  checkNonNegative(spec.ordinals?.start, SPEC.child('ordinals', 'start'), errors);
  if (spec.selector) checkSelector(spec.selector, 'statefulset', SPEC.child('selector'), errors);
  const matcher = matcherOf(spec.selector, SPEC.child('selector'));
  checkOwnLabels(spec.template, matcher, SPEC.child('template'), errors);
  checkGoesOn(spec.template, 'StatefulSet', SPEC.child('template'), errors);
  return errors;
}

/** What has not always been checked: sets of old have to stay as they are. */
export function validateStatefulSetCreate({ spec }: StatefulSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (spec.serviceName) checkLabel(spec.serviceName, SPEC.child('serviceName'), errors);
  for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
    checkClaimSpec(claim.spec, SPEC.child('volumeClaimTemplates').index(index).child('spec'), errors);
  }
  checkTemplate(spec, errors);
  return errors;
}

const MAY_CHANGE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

export function validateStatefulSetUpdate(set: StatefulSet, previous: StatefulSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!hasBadTemplate(previous)) checkTemplate(set.spec, errors);
  if (!deepEqual(unchangeable(set.spec), unchangeable(previous.spec))) {
    const names = MAY_CHANGE.map((name) => `'${name}'`);
    const may = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
    errors.push(fieldError.forbidden(SPEC, `updates to statefulset spec for fields other than ${may} are forbidden`));
  }
  return errors;
}

const COUNTS = {
  parts: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
  others: ['observedGeneration', 'collisionCount'],
  ready: 'status.readyReplicas',
} as const;

export function validateStatefulSetStatusUpdate({ status }: StatefulSet, previous: StatefulSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkCounts(status, COUNTS, STATUS, errors);
  checkCollisionCount(status, previous.status, STATUS, errors);
  return errors;
}

function unchangeable(spec: StatefulSetSpec): Readonly<Record<string, unknown>> {
  return { ...spec, ...Object.fromEntries(MAY_CHANGE.map((name) => [name, undefined])) };
}

function hasBadTemplate({ spec }: StatefulSet): boolean {
  const errors: FieldError[] = [];
  checkTemplate(spec, errors);
  return errors.length > 0;
}

function checkTemplate(spec: StatefulSetSpec, errors: FieldError[]): void {
  checkPodTemplate(withClaims(spec), SPEC.child('template'), errors);
}

/** The template as its pods get it: with a volume for each claim, in the place of any other of that name. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const names = new Set(volumeClaimTemplates.flatMap(({ metadata }) => metadata.name ?? []));
  if (names.size === 0) return template;
  const claims = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...template, spec: { ...template.spec, volumes: [...claims, ...others] } };
}

function checkPodManagement(policy: string | undefined, at: Path, errors: FieldError[]): void {
  if (!policy) errors.push(fieldError.required(at));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(fieldError.invalid(at, policy, "must be 'OrderedReady' or 'Parallel'"));
  }
}

function checkUpdateStrategy(strategy: StatefulSetSpec['updateStrategy'], at: Path, errors: FieldError[]): void {
  const { type, rollingUpdate } = strategy;
  const path = at.child('rollingUpdate');
  if (!type) errors.push(fieldError.required(at));
  else if (type === 'OnDelete') {
    if (!rollingUpdate) return;
    errors.push(fieldError.invalid(path, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (type === 'RollingUpdate') {
    if (rollingUpdate) checkRollingUpdate(rollingUpdate, path, errors);
  } else errors.push(fieldError.invalid(at, strategy, "must be 'RollingUpdate' or 'OnDelete'"));
}

function checkRollingUpdate(
  { partition, maxUnavailable }: RollingUpdateStatefulSetStrategy,
  at: Path,
  errors: FieldError[],
): void {
  const path = at.child('maxUnavailable');
  checkNonNegative(partition, at.child('partition'), errors);
  if (maxUnavailable === undefined) return;
  checkShare(maxUnavailable, path, errors);
  if (figureOf(maxUnavailable) === 0) errors.push(fieldError.invalid(path, maxUnavailable, 'cannot be 0'));
  checkAtMostAll(maxUnavailable, path, errors);
}
