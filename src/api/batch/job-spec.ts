// Job spec.

import { PodTemplateSpec } from '../core/pod-spec.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { bool, int32, int64, list, message, type Read, string, struct } from '../schema.ts';

export const PodFailurePolicyOnExitCodesOperator = ['In', 'NotIn'] as const;
export type PodFailurePolicyOnExitCodesOperator = (typeof PodFailurePolicyOnExitCodesOperator)[number];

export const PodFailurePolicyOnExitCodesRequirement = struct('batch/v1.PodFailurePolicyOnExitCodesRequirement', {
  containerName: string(1, { optional: true }),
  operator: string(2, { required: true, enum: PodFailurePolicyOnExitCodesOperator }),
  values: list(3, 'int32', { required: true, list: 'set' }),
});
export type PodFailurePolicyOnExitCodesRequirement = Read<typeof PodFailurePolicyOnExitCodesRequirement>;

export const PodFailurePolicyOnPodConditionsPattern = struct('batch/v1.PodFailurePolicyOnPodConditionsPattern', {
  type: string(1, { required: true }),
  status: string(2, { omit: 'never', defaultsTo: 'True' }),
});
export type PodFailurePolicyOnPodConditionsPattern = Read<typeof PodFailurePolicyOnPodConditionsPattern>;

export const PodFailurePolicyAction = ['FailJob', 'FailIndex', 'Ignore', 'Count'] as const;
export type PodFailurePolicyAction = (typeof PodFailurePolicyAction)[number];

export const PodFailurePolicyRule = struct('batch/v1.PodFailurePolicyRule', {
  action: string(1, { required: true, enum: PodFailurePolicyAction }),
  onExitCodes: message(2, PodFailurePolicyOnExitCodesRequirement, { optional: true }),
  onPodConditions: list(3, PodFailurePolicyOnPodConditionsPattern, { list: 'atomic' }),
});
export type PodFailurePolicyRule = Read<typeof PodFailurePolicyRule>;

export const PodFailurePolicy = struct('batch/v1.PodFailurePolicy', {
  rules: list(1, PodFailurePolicyRule, { required: true, list: 'atomic' }),
});
export type PodFailurePolicy = Read<typeof PodFailurePolicy>;

export const SuccessPolicyRule = struct('batch/v1.SuccessPolicyRule', {
  succeededIndexes: string(1, { optional: true }),
  succeededCount: int32(2, { optional: true }),
});
export type SuccessPolicyRule = Read<typeof SuccessPolicyRule>;

export const SuccessPolicy = struct('batch/v1.SuccessPolicy', {
  rules: list(1, SuccessPolicyRule, { required: true, list: 'atomic' }),
});
export type SuccessPolicy = Read<typeof SuccessPolicy>;

export const CompletionMode = ['NonIndexed', 'Indexed'] as const;
export type CompletionMode = (typeof CompletionMode)[number];

export const PodReplacementPolicy = ['TerminatingOrFailed', 'Failed'] as const;
export type PodReplacementPolicy = (typeof PodReplacementPolicy)[number];

/** The defaults are those of jobs, in job-defaults.ts: the template of a CronJob stays as it is written. */
export const JobSpec = struct('batch/v1.JobSpec', {
  parallelism: int32(1, { optional: true }),
  completions: int32(2, { optional: true }),
  activeDeadlineSeconds: int64(3, { optional: true }),
  podFailurePolicy: message(11, PodFailurePolicy, { optional: true }),
  successPolicy: message(16, SuccessPolicy, { optional: true }),
  backoffLimit: int32(7, { optional: true }),
  backoffLimitPerIndex: int32(12, { optional: true }),
  maxFailedIndexes: int32(13, { optional: true }),
  selector: message(4, LabelSelector, { optional: true }),
  manualSelector: bool(5, { optional: true }),
  template: message(6, PodTemplateSpec, { required: true }),
  ttlSecondsAfterFinished: int32(8, { optional: true }),
  completionMode: string(9, { optional: true, enum: CompletionMode }),
  suspend: bool(10, { optional: true }),
  podReplacementPolicy: string(14, { optional: true, enum: PodReplacementPolicy }),
  managedBy: string(15, { optional: true }),
});
export type JobSpec = Read<typeof JobSpec>;
