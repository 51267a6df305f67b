// SchedulingGates: a pod with gates is not tried before all of them have been taken off (KEP 3521).

import type { Plugin } from '../framework.ts';

const NAME = 'SchedulingGates';

export function schedulingGates(): Plugin {
  return {
    name: NAME,
    events: () => [{ resources: ['TargetPod'], actions: ['UpdatePodSchedulingGatesEliminated'] }],
    preEnqueue({ pod }) {
      const gates = pod.spec.schedulingGates ?? [];
      if (gates.length === 0) return undefined;
      const names = gates.map(({ name }) => name).join(' ');
      return {
        code: 'UnschedulableAndUnresolvable',
        reasons: [`waiting for scheduling gates: [${names}]`],
        plugin: NAME,
      };
    },
  };
}
