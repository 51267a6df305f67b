// TaintToleration: nodes with taints take only pods that tolerate them; taints of effect PreferNoSchedule cost points.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { toleratesTaint, untoleratedTaint } from '../../api/core/taint-tolerance.ts';
import type { Toleration } from '../../api/core/toleration.ts';
import type { Plugin, StateKey, Status } from '../framework.ts';
import { scaleScores } from '../scores.ts';

const NAME = 'TaintToleration';
/** Which taint is not told: users who may not see nodes would learn of them. */
const UNTOLERATED: Status = {
  code: 'UnschedulableAndUnresolvable',
  reasons: ['node(s) had untolerated taint(s)'],
  plugin: NAME,
};

/** The tolerations that can cover a taint of effect PreferNoSchedule. */
const PREFERENCES: StateKey<readonly Toleration[]> = { name: `${NAME} preferences` };

export function taintToleration(): Plugin {
  const fits = (pod: Pod, node: Node) => untoleratedTaint(node.spec.taints, pod.spec.tolerations) === undefined;
  return {
    name: NAME,
    events: () => [
      {
        resources: ['Node'],
        actions: ['Add', 'UpdateNodeTaint'],
        hint: ({ pod }, oldNode, newNode) =>
          fits(pod, newNode as Node) && !(oldNode !== undefined && fits(pod, oldNode as Node)),
      },
      { resources: ['TargetPod'], actions: ['UpdatePodToleration'] },
    ],

    filter: (_state, { pod }, { node }) => (fits(pod, node) ? undefined : UNTOLERATED),

    preScore(state, { pod }) {
      const covers = ({ effect }: Toleration) => !effect || effect === 'PreferNoSchedule';
      state.write(PREFERENCES, pod.spec.tolerations?.filter(covers) ?? []);
      return undefined;
    },
    score(state, _pod, { node }) {
      const { taints } = node.spec;
      if (!taints || taints.length === 0) return 0;
      const tolerations = state.read(PREFERENCES);
      let untolerated = 0;
      for (const taint of taints) {
        if (taint.effect !== 'PreferNoSchedule') continue;
        if (!tolerations.some((toleration) => toleratesTaint(toleration, taint))) untolerated++;
      }
      return untolerated;
    },
    normalizeScores: (_state, _pod, scores) => scaleScores(scores, 'fewest is best'),
  };
}
