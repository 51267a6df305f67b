// What a job's policy says of a pod that has failed. Pure. Upstream: KEP-3329, pkg/controller/job/pod_failure_policy.go.

import type {
  PodFailurePolicy,
  PodFailurePolicyAction,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../api/batch/job-spec.ts';
import type { Pod } from '../../api/core/pod.ts';

export interface FailureRuling {
  readonly action: PodFailurePolicyAction;
  /** Why, as the job is to say it if it fails for it. */
  readonly message: string;
}

/** The first rule that matches decides. Without one a failure counts. */
export function ruleOnFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureRuling {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod);
    if (match) return { action: rule.action, message: `${match} matching ${rule.action} rule at index ${index}` };
  }
  return { action: 'Count', message: '' };
}

/** Whether a pod's failure counts towards the limits of its job. */
export function countsAsFailure(policy: PodFailurePolicy | undefined, pod: Pod): boolean {
  return ruleOnFailure(policy, pod).action !== 'Ignore';
}

function matchOf({ onExitCodes, onPodConditions }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace, name } = pod.metadata;
  if (onExitCodes) {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
    for (const container of [...containerStatuses, ...initContainerStatuses]) {
      const exitCode = container.state?.terminated?.exitCode;
      if (exitCode === undefined || !matchesExitCode(onExitCodes, container.name, exitCode)) continue;
      return `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${exitCode}`;
    }
    return undefined;
  }
  const condition = pod.status.conditions?.find(({ type, status }) =>
    onPodConditions?.some((pattern) => pattern.type === type && pattern.status === status),
  );
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`;
}

/** Success matches nothing, not even `NotIn`. */
function matchesExitCode(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  container: string,
  exitCode: number,
): boolean {
  if (exitCode === 0 || (containerName !== undefined && containerName !== container)) return false;
  const isListed = values?.includes(exitCode) ?? false;
  return operator === 'In' ? isListed : !isListed;
}
