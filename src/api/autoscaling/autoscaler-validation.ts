// The rules of autoscalers, whatever version they come in. Upstream: ValidateHorizontalPodAutoscaler in
// pkg/apis/autoscaling/validation, and validationOptionsForHorizontalPodAutoscaler in the strategy.

import { checkNonNegative, checkNonNegativeQuantity, checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec } from './horizontal-pod-autoscaler.ts';
import { checkMetric, checkReference } from './metric-validation.ts';
import type { CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules } from './metrics-v2.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const TARGET = SPEC.child('scaleTargetRef');

const MAX_PERIOD_SECONDS = 1800;
const MAX_WINDOW_SECONDS = 3600;
/** Scaling to nothing is an alpha feature. Upstream: HPAScaleToZero. */
const MIN_REPLICAS = 1;

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { behavior, metrics = [] } = spec;
  checkMaxReplicas(spec, SPEC.child('maxReplicas'), errors);
  checkReference(spec.scaleTargetRef, TARGET, errors);
  for (const [index, metric] of metrics.entries()) {
    checkMetric(metric, SPEC.child('metrics').index(index), errors);
  }
  // Pods that are not there use nothing: what brings them back has to be something else.
  if (spec.minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(fieldError.forbidden(SPEC.child('metrics'), why));
  }
  for (const way of ['scaleUp', 'scaleDown'] as const) {
    if (behavior?.[way]) checkRules(behavior[way], SPEC.child('behavior', way), errors);
  }
  return errors;
}

export function validateAutoscalerCreate({ spec }: HorizontalPodAutoscaler): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkMinReplicas(spec.minReplicas, MIN_REPLICAS, errors);
  checkTargetVersion(spec.scaleTargetRef, errors);
  checkObjectVersions(spec, errors);
  return errors;
}

/** What was there before the rules may stay as it is. */
export function validateAutoscalerUpdate(
  { spec }: HorizontalPodAutoscaler,
  { spec: before }: HorizontalPodAutoscaler,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { scaleTargetRef: target } = spec;
  checkMinReplicas(spec.minReplicas, before.minReplicas === 0 ? 0 : MIN_REPLICAS, errors);
  const isSame = target.apiVersion === before.scaleTargetRef.apiVersion && target.kind === before.scaleTargetRef.kind;
  if (!isSame) checkTargetVersion(target, errors);
  const faultsBefore: FieldError[] = [];
  checkObjectVersions(before, faultsBefore);
  if (faultsBefore.length === 0) checkObjectVersions(spec, errors);
  return errors;
}

export function validateAutoscalerStatusUpdate({ status }: HorizontalPodAutoscaler): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkNonNegative(status.currentReplicas, STATUS.child('currentReplicas'), errors);
  checkNonNegative(status.desiredReplicas, STATUS.child('desiredReplicas'), errors);
  return errors;
}

function checkMinReplicas(minReplicas: number | undefined, least: number, errors: FieldError[]): void {
  if (minReplicas === undefined || minReplicas >= least) return;
  errors.push(fieldError.invalid(SPEC.child('minReplicas'), minReplicas, `must be greater than or equal to ${least}`));
}

function checkMaxReplicas({ minReplicas, maxReplicas }: HorizontalPodAutoscalerSpec, at: Path, errors: FieldError[]) {
  if (maxReplicas === 0) errors.push(fieldError.required(at, 'must be set and greater than 0'));
  else if (maxReplicas < 0) errors.push(fieldError.invalid(at, maxReplicas, 'must be greater than or equal to 1'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(fieldError.invalid(at, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
}

/** The one kind of the core group that can be scaled goes without a group. */
function checkTargetVersion(target: CrossVersionObjectReference, errors: FieldError[]): void {
  checkVersion(target, target.kind === 'ReplicationController', TARGET, errors);
}

function checkObjectVersions({ metrics = [] }: HorizontalPodAutoscalerSpec, errors: FieldError[]): void {
  for (const [index, { object }] of metrics.entries()) {
    const at = SPEC.child('metrics').index(index).child('object', 'describedObject');
    if (object) checkVersion(object.describedObject, true, at, errors);
  }
}

function checkVersion(
  { apiVersion = '' }: CrossVersionObjectReference,
  mayBeCore: boolean,
  at: Path,
  errors: FieldError[],
): void {
  const refuse = (why: string) => errors.push(fieldError.invalid(at.child('apiVersion'), apiVersion, why));
  const [group, version, ...more] = apiVersion.split('/');
  const hasGroup = version !== undefined && group !== '';
  if (more.length > 0) refuse(`unexpected GroupVersion string: ${apiVersion}`);
  else if (!hasGroup && !mayBeCore) refuse('apiVersion must specify API group');
}

function checkRules(rules: HPAScalingRules, at: Path, errors: FieldError[]): void {
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  const windowAt = at.child('stabilizationWindowSeconds');
  if (window < 0) errors.push(fieldError.invalid(windowAt, window, 'must be greater than or equal to zero'));
  if (window > MAX_WINDOW_SECONDS) {
    errors.push(fieldError.invalid(windowAt, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  }
  if (selectPolicy !== undefined) {
    checkOneOf(selectPolicy, ['Disabled', 'Max', 'Min'], at.child('selectPolicy'), errors);
  }
  if (policies.length === 0) errors.push(fieldError.required(at.child('policies'), 'must specify at least one Policy'));
  for (const [index, policy] of policies.entries()) checkPolicy(policy, at.child('policies').index(index), errors);
  if (tolerance !== undefined) checkNonNegativeQuantity(tolerance, at.child('tolerance'), errors);
}

function checkPolicy({ type, value, periodSeconds }: HPAScalingPolicy, at: Path, errors: FieldError[]): void {
  const periodAt = at.child('periodSeconds');
  checkOneOf(type, ['Percent', 'Pods'], at.child('type'), errors);
  if (value <= 0) errors.push(fieldError.invalid(at.child('value'), value, 'must be greater than zero'));
  if (periodSeconds <= 0) errors.push(fieldError.invalid(periodAt, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > MAX_PERIOD_SECONDS) {
    errors.push(fieldError.invalid(periodAt, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
  }
}
