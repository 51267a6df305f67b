// Labels of nodes that have newer names, for the warnings to those who still select nodes by the old ones. Upstream:
// pkg/api/node.

import type { Path } from '../field-error.ts';
import type { LabelSelector } from '../meta/label-selector.ts';
import { labelValue } from '../names.ts';
import type { NodeSelector, NodeSelectorTerm } from './affinity.ts';

const DEPRECATED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What to use instead of a label; undefined for one that is not deprecated. */
export function nodeLabelWarning(key: string): string | undefined {
  return Object.hasOwn(DEPRECATED, key) ? DEPRECATED[key] : undefined;
}

export function nodeSelectorWarnings({ nodeSelectorTerms }: NodeSelector, at: Path): string[] {
  const termsAt = at.child('nodeSelectorTerms');
  return (nodeSelectorTerms ?? []).flatMap(({ matchExpressions }, index) =>
    expressionWarnings(matchExpressions ?? [], termsAt.index(index).child('matchExpressions')),
  );
}

/** Of what is merely preferred no node need have the label, so that nobody has refused impossible values. */
export function nodePreferenceWarnings({ matchExpressions = [] }: NodeSelectorTerm, at: Path): string[] {
  const expressionsAt = at.child('matchExpressions');
  const ofValues = matchExpressions.flatMap(({ values = [] }, index) =>
    values.flatMap((value, valueIndex) => {
      const valueAt = expressionsAt.index(index).child('values').index(valueIndex);
      return labelValue(value).map((fault) => `${valueAt}: ${value} is invalid, ${fault}`);
    }),
  );
  return [...expressionWarnings(matchExpressions, expressionsAt), ...ofValues];
}

export function labelSelectorWarnings({ matchExpressions, matchLabels }: LabelSelector, at: Path): string[] {
  const ofLabels = Object.keys(matchLabels ?? {}).flatMap((key) => {
    const why = nodeLabelWarning(key);
    return why ? [`${at.child('matchLabels', key)}: ${why}`] : [];
  });
  return [...expressionWarnings(matchExpressions ?? [], at.child('matchExpressions')), ...ofLabels];
}

function expressionWarnings(expressions: readonly { readonly key: string }[], at: Path): string[] {
  return expressions.flatMap(({ key }, index) => {
    const why = nodeLabelWarning(key);
    return why ? [`${at.index(index).child('key')}: ${key} is ${why}`] : [];
  });
}
