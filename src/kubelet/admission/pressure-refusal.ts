// Which pods a node that is short of something takes all the same: pure. Upstream: Admit in
// pkg/kubelet/eviction/eviction_manager.go.

import type { Pod } from '../../api/core/pod.ts';
import { toleratesTaint } from '../../api/core/taint-tolerance.ts';
import type { Pressure } from '../eviction/signals.ts';
import { qosClass } from '../qos.ts';
import type { Refusal } from './admit-pod.ts';
import { isCritical } from './preemption.ts';

const MEMORY_TAINT = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' } as const;

/** For want of memory only those are turned away that have asked for none: it can be had from them again. */
export function pressureRefusal(pod: Pod, pressures: readonly Pressure[]): Refusal | undefined {
  if (pressures.length === 0 || isCritical(pod)) return undefined;
  const memoryAlone = pressures.every((pressure) => pressure === 'MemoryPressure');
  const tolerates = pod.spec.tolerations?.some((toleration) => toleratesTaint(toleration, MEMORY_TAINT)) === true;
  if (memoryAlone && (qosClass(pod) !== 'BestEffort' || tolerates)) return undefined;
  return { reason: 'Evicted', message: `The node had condition: [${pressures.join(' ')}]. ` };
}
