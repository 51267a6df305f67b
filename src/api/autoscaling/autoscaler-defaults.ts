// The defaults of autoscalers that depend on other fields. Upstream: SetDefaults_HorizontalPodAutoscaler in
// pkg/apis/autoscaling/v2.

import type { Draft } from '../schema.ts';
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import type { HPAScalingRules } from './metrics-v2.ts';

const PERIOD_SECONDS = 15;

export function defaultAutoscaler({ spec }: Draft<HorizontalPodAutoscaler>): void {
  if (!spec.metrics?.length) {
    spec.metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
  }
  if (!spec.behavior) return;
  spec.behavior.scaleUp = withDefaults(spec.behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: PERIOD_SECONDS },
      { type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS },
    ],
  });
  spec.behavior.scaleDown = withDefaults(spec.behavior.scaleDown, {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS }],
  });
}

function withDefaults(rules: Draft<HPAScalingRules> | undefined, defaults: Draft<HPAScalingRules>) {
  return { ...defaults, ...rules };
}
