// Label selectors as functions. Upstream: metav1.LabelSelectorAsSelector.

import type { LabelSelector, LabelSelectorRequirement } from '../api/meta/label-selector.ts';

export type Labels = Readonly<Record<string, string>>;
export type LabelMatch = (labels: Labels | undefined) => boolean;

export const matchNothing: LabelMatch = () => false;

/** No selector matches nothing; an empty one everything. */
export function labelMatch(selector: LabelSelector | undefined): LabelMatch {
  if (!selector) return matchNothing;
  const equal = Object.entries(selector.matchLabels ?? {});
  const requirements = selector.matchExpressions ?? [];
  return (labels = {}) =>
    equal.every(([key, value]) => labels[key] === value) &&
    requirements.every((requirement) => meets(requirement, labels[requirement.key]));
}

export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && !selector?.matchExpressions?.length;
}

function meets({ operator, values }: LabelSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values?.includes(value) === true;
    case 'NotIn':
      return value === undefined || values?.includes(value) !== true;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
