// Node selectors and node affinity: which nodes a pod's own wishes allow, and which it prefers. Also what
// volumes and storage say of nodes. Upstream: k8s.io/component-helpers/scheduling/corev1/nodeaffinity.

import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from './affinity.ts';
import type { Node } from './node.ts';
import type { PodSpec } from './pod-spec.ts';

/** `nodeSelector` and required node affinity together: of a pod, or of a template. */
export function matchesRequiredNodeAffinity({ spec }: { readonly spec: PodSpec }, node: Node): boolean {
  const { nodeSelector, affinity } = spec;
  if (nodeSelector) {
    const labels = node.metadata.labels ?? {};
    for (const key in nodeSelector) if (labels[key] !== nodeSelector[key]) return false;
  }
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}

/** Any of the terms. */
export function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node));
}

/** All requirements of a term; a term without any matches no node. */
export function matchesNodeSelectorTerm({ matchExpressions, matchFields }: NodeSelectorTerm, node: Node): boolean {
  if (!matchExpressions?.length && !matchFields?.length) return false;
  const labels = node.metadata.labels ?? {};
  return (
    (matchExpressions ?? []).every((requirement) => matchesValue(requirement, labels[requirement.key])) &&
    (matchFields ?? []).every((requirement) => matchesValue(requirement, fieldOf(node, requirement.key)))
  );
}

function fieldOf(node: Node, key: string): string | undefined {
  return key === 'metadata.name' ? node.metadata.name : undefined;
}

function matchesValue({ operator, values }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values?.includes(value) === true;
    case 'NotIn':
      return value === undefined || values?.includes(value) !== true;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return comparesAs(operator, value, values?.[0]);
    default:
      operator satisfies never;
      return false;
  }
}

function comparesAs(operator: 'Gt' | 'Lt', value: string | undefined, limit: string | undefined): boolean {
  const integer = /^[+-]?\d+$/;
  if (value === undefined || limit === undefined || !integer.test(value) || !integer.test(limit)) return false;
  return operator === 'Gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
}
