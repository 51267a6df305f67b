// What writers of nodes do not decide: nodes are not configured through the API any more, unless they have been. Upstream:
// pkg/registry/core/node/strategy.go.

import type { Draft } from '../schema.ts';
import type { Node } from './node.ts';

export function prepareNodeForCreate({ spec, status }: Draft<Node>): void {
  delete spec.configSource;
  delete status.config;
}

export function prepareNodeForUpdate(node: Draft<Node>, previous: Node): void {
  if (!previous.spec.configSource) delete node.spec.configSource;
}

export function prepareNodeForStatusUpdate(node: Draft<Node>, previous: Node): void {
  if (!previous.status.config) delete node.status.config;
}

export function nodeWarnings({ spec }: Node): readonly string[] {
  return [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
  ];
}
