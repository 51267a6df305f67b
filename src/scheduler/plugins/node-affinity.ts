// NodeAffinity: a pod's node selector and node affinity, and an affinity that the configuration adds to all pods.

import type { NodeAffinity, NodeSelectorTerm, PreferredSchedulingTerm } from '../../api/core/affinity.ts';
import type { Node } from '../../api/core/node.ts';
import {
  matchesNodeSelector,
  matchesNodeSelectorTerm,
  matchesRequiredNodeAffinity,
} from '../../api/core/node-selector.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Handle, NodeNames, Plugin, StateKey, Status } from '../framework.ts';
import { scaleScores } from '../scores.ts';

const NAME = 'NodeAffinity';

export interface NodeAffinityArgs {
  /** Holds for every pod, besides its own. */
  readonly addedAffinity?: NodeAffinity;
}

const rejection = (reason: string): Status => ({
  code: 'UnschedulableAndUnresolvable',
  reasons: [reason],
  plugin: NAME,
});
const NO_MATCH = rejection("node(s) didn't match Pod's node affinity/selector");
const NO_ENFORCED_MATCH = rejection("node(s) didn't match scheduler-enforced node affinity");
const CONFLICT = rejection('pod affinity terms conflict');
const SKIP: Status = { code: 'Skip', reasons: [], plugin: NAME };

const PREFERRED: StateKey<readonly PreferredSchedulingTerm[]> = { name: `${NAME} preferred` };

export function nodeAffinity(_handle: Handle, args: unknown): Plugin {
  const { addedAffinity } = (args ?? {}) as NodeAffinityArgs;
  const enforced = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const isEnforced = (node: Node) => !enforced || matchesNodeSelector(enforced, node);
  const fits = (pod: Pod, node: Node) => isEnforced(node) && matchesRequiredNodeAffinity(pod, node);
  return {
    name: NAME,
    events: () => [
      {
        resources: ['Node'],
        actions: ['Add', 'UpdateNodeLabel'],
        hint: ({ pod }, oldNode, newNode) =>
          fits(pod, newNode as Node) && !(oldNode !== undefined && fits(pod, oldNode as Node)),
      },
    ],

    preFilter(_state, { pod }) {
      const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      if (!required) return enforced || pod.spec.nodeSelector ? undefined : SKIP;
      return namedNodes(required.nodeSelectorTerms);
    },
    filter(_state, { pod }, { node }) {
      if (!isEnforced(node)) return NO_ENFORCED_MATCH;
      return matchesRequiredNodeAffinity(pod, node) ? undefined : NO_MATCH;
    },

    preScore(state, { pod }) {
      const preferred = [
        ...(addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
        ...(pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
      ];
      if (preferred.length === 0) return SKIP;
      state.write(PREFERRED, preferred);
      return undefined;
    },
    score(state, _pod, { node }) {
      let score = 0;
      for (const { weight, preference } of state.read(PREFERRED)) {
        if (matchesNodeSelectorTerm(preference, node)) score += weight;
      }
      return score;
    },
    normalizeScores: (_state, _pod, scores) => scaleScores(scores, 'most is best'),
  };
}

/** The nodes that the terms name, if each of them names some: then no others need to be looked at. */
function namedNodes(terms: readonly NodeSelectorTerm[]): NodeNames | Status | undefined {
  const nodeNames = new Set<string>();
  for (const { matchFields } of terms) {
    let ofTerm: ReadonlySet<string> | undefined;
    for (const { key, operator, values } of matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      const named = new Set(values);
      ofTerm = ofTerm ? ofTerm.intersection(named) : named;
    }
    if (!ofTerm) return undefined;
    for (const name of ofTerm) nodeNames.add(name);
  }
  return nodeNames.size > 0 ? { nodeNames } : CONFLICT;
}
