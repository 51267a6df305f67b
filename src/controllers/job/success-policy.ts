// Whether enough indexes of a job have succeeded for it to be done. Pure. Upstream: KEP-3998.

import {
  countJobIndexes,
  countSharedJobIndexes,
  type IndexInterval,
  readJobIndexes,
} from '../../api/batch/job-indexes.ts';
import type { SuccessPolicy, SuccessPolicyRule } from '../../api/batch/job-spec.ts';

/** The place of the first rule that is met; undefined if none is. */
export function metSuccessRule(
  { rules }: SuccessPolicy,
  completions: number,
  succeeded: readonly IndexInterval[],
): number | undefined {
  if (succeeded.length === 0) return undefined;
  const index = (rules ?? []).findIndex((rule) => isMet(rule, completions, succeeded));
  return index < 0 ? undefined : index;
}

function isMet(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  completions: number,
  succeeded: readonly IndexInterval[],
): boolean {
  const enough = succeededCount ?? Number.POSITIVE_INFINITY;
  if (succeededIndexes === undefined) return countJobIndexes(succeeded) >= enough;
  const wanted = readJobIndexes(succeededIndexes, completions);
  if (wanted.length === 0) return false;
  const reached = countSharedJobIndexes(wanted, succeeded);
  return reached === countJobIndexes(wanted) || reached >= enough;
}
