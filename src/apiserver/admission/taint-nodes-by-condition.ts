// TaintNodesByCondition: a new node takes no pods until it has been found ready. Upstream:
// k8s.io/kubernetes/plugin/pkg/admission/nodetaint.

import { Node } from '../../api/core/node.ts';
import type { Draft } from '../../api/schema.ts';
import type { AdmissionPlugin } from './admission.ts';

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

export function taintNodesByCondition(): AdmissionPlugin {
  return {
    name: 'TaintNodesByCondition',
    mutate({ kind, subresource, operation, object }) {
      if (kind !== Node || subresource !== '' || operation !== 'CREATE') return;
      const { spec } = object as unknown as Draft<Node>;
      const taints = spec.taints ?? [];
      if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return;
      spec.taints = [...taints, { ...NOT_READY }];
    },
  };
}
