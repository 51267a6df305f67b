// Whether a container that has ended is started again. Upstream: ContainerShouldRestart in pkg/api/v1/pod; KEP-753 for init
// containers, KEP-5307 for all, KEP-5532 for rules that restart all of them.

import type { Container, ContainerRestartRule } from './container.ts';
import type { PodSpec } from './pod-spec.ts';

/** The first of its own rules that fits decides, then its own policy, then the pod's. */
export function restartsAfter(
  { restartPolicy }: Pick<PodSpec, 'restartPolicy'>,
  container: Pick<Container, 'restartPolicy' | 'restartPolicyRules'>,
  exitCode: number,
): boolean {
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => exitCodes && isAmong(exitCodes, exitCode));
  if (rule?.action === 'Restart' || rule?.action === RESTART_ALL) return true;
  switch (container.restartPolicy ?? restartPolicy ?? 'Always') {
    case 'Never':
      return false;
    case 'OnFailure':
      return exitCode !== 0;
    default:
      return true;
  }
}

export const RESTART_ALL = 'RestartAllContainers';

/** Where any container can have all others restarted, each of them can be started again, whatever its own policy is. */
export function canRestartAll({ initContainers = [], containers }: PodSpec): boolean {
  return [...initContainers, ...(containers ?? [])].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === RESTART_ALL),
  );
}

function isAmong({ operator, values = [] }: NonNullable<ContainerRestartRule['exitCodes']>, exitCode: number): boolean {
  return values.includes(exitCode) === (operator !== 'NotIn');
}
