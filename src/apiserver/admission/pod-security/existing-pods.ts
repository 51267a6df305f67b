// What would be wrong with pods that a namespace has already, by a standard that it is about to enforce. Upstream:
// EvaluatePodsInNamespace of k8s.io/pod-security-admission/admission.

import type { Pod } from '../../../api/core/pod.ts';
import { Breather } from '../../../base/breather.ts';
import type { Clock } from '../../../base/clock.ts';
import { formatStandard, type Standard } from './security-level.ts';
import { judgeOf } from './standards.ts';

const MAX_PODS = 3000;
const MAX_TIME_MS = 1000;

/** Warnings for whoever changes the labels of the namespace. */
export async function warningsOfPods(
  { clock }: { readonly clock: Clock },
  pods: readonly Pod[],
  { namespace, standard }: { readonly namespace: string; readonly standard: Standard },
): Promise<readonly string[]> {
  const judge = judgeOf(standard);
  const untilMs = clock.elapsed() + MAX_TIME_MS;
  const breather = new Breather(clock);
  const namesByReasons = new Map<string, string[]>();
  let checked = 0;
  for (const pod of differentOnesFirst(pods).slice(0, MAX_PODS)) {
    await breather.breathe();
    checked++;
    const violations = judge(pod);
    if (violations.length > 0) {
      const reasons = violations.map(({ reason }) => reason).join(', ');
      const names = namesByReasons.get(reasons) ?? [];
      names.push(pod.metadata.name);
      namesByReasons.set(reasons, names);
    }
    if (clock.elapsed() >= untilMs) break;
  }
  const some = `new PodSecurity enforce level only checked against the first ${checked} of ${pods.length} existing pods`;
  const level = JSON.stringify(formatStandard(standard));
  const title = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${level}`;
  return [
    ...(checked < pods.length ? [some] : []),
    ...(namesByReasons.size > 0 ? [title] : []),
    ...[...namesByReasons].map(([reasons, names]) => `${firstOf(names)}: ${reasons}`).sort(),
  ];
}

/** Pods of one controller are alike: of each one comes first, in case there is no time for all. */
function differentOnesFirst(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>();
  const first: Pod[] = [];
  const alike: Pod[] = [];
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (owner !== undefined && seen.has(owner)) alike.push(pod);
    else first.push(pod);
    if (owner !== undefined) seen.add(owner);
  }
  return [...first, ...alike];
}

/** `web (and 2 other pods)`. */
function firstOf(names: readonly string[]): string {
  const [first] = [...names].sort();
  const others = names.length - 1;
  if (others === 0) return `${first}`;
  return others === 1 ? `${first} (and 1 other pod)` : `${first} (and ${others} other pods)`;
}
