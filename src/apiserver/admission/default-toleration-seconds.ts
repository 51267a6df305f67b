// DefaultTolerationSeconds: pods stay for five minutes on a node that is not ready or out of reach, unless they say
// otherwise. Upstream: k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds.

import { Pod } from '../../api/core/pod.ts';
import type { Draft } from '../../api/schema.ts';
import type { AdmissionPlugin } from './admission.ts';

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const DEFAULT_SECONDS = 300;

export function defaultTolerationSeconds(): AdmissionPlugin {
  return {
    name: 'DefaultTolerationSeconds',
    mutate({ kind, subresource, operation, object }) {
      if (kind !== Pod || subresource !== '' || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      const { spec } = object as unknown as Draft<Pod>;
      const tolerations = spec.tolerations ?? [];
      const missing = TAINTS.filter(
        (taint) =>
          !tolerations.some(({ key, effect }) => (!key || key === taint) && (!effect || effect === 'NoExecute')),
      );
      if (missing.length === 0) return;
      spec.tolerations = [
        ...tolerations,
        ...missing.map((key) => ({
          key,
          operator: 'Exists' as const,
          effect: 'NoExecute' as const,
          tolerationSeconds: DEFAULT_SECONDS,
        })),
      ];
    },
  };
}
