// Counts how many pods each PodDisruptionBudget lets go at the moment. The figures are in budget-status.ts, how many pods
// there ought to be in expected-scale.ts. Upstream: pkg/controller/disruption.

import { Pod } from '../../api/core/pod.ts';
import { compileLabelSelector, formatLabelMatcher } from '../../api/label-selector.ts';
import { PodDisruptionBudget, type PodDisruptionBudgetStatus } from '../../api/policy/pod-disruption-budget.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { controllerOf } from '../owner-reference.ts';
import { isPodReady } from '../pod-state.ts';
import { matchesSelector } from '../selector-match.ts';
import { failedStatus, isOfScale, planBudget } from './budget-status.ts';
import { type ExpectedScale, expectedScale, type Workloads, workloadInformers } from './expected-scale.ts';

export function disruptionController(deps: ControllerDeps): Controller {
  const budgets = deps.informers.informer(PodDisruptionBudget);
  const pods = deps.informers.informer(Pod);
  const workloads = workloadInformers(deps.informers);
  const state: State = { ...deps, budgets, pods, workloads };
  return {
    name: 'disruption-controller',
    reads: [budgets, pods, ...Object.values(workloads)],
    watch: (enqueue) => watchBudgets(state, enqueue),
    async reconcile(key, { signal }) {
      const budget = budgets.get(key);
      if (!budget) return undefined;
      try {
        return await count(state, budget, signal);
      } catch (error) {
        // Overtaken: an eviction has written the status.
        if (!isStatusError(error, 'Conflict') && !signal.aborted) {
          const why = messageOf(error);
          const isNew = await writeStatus(state, budget, failedStatus(budget, why, deps.clock.now()), signal);
          const text = `Failed to calculate the number of expected pods: ${why}`;
          if (isNew) deps.events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', text);
        }
        throw error;
      }
    },
  };
}

interface State extends ControllerDeps {
  readonly budgets: Informer<PodDisruptionBudget>;
  readonly pods: Informer<Pod>;
  readonly workloads: Workloads;
}

const NOT_OF_SCALE: ExpectedScale = { count: 0, hasUnmanaged: false };

async function count(state: State, budget: PodDisruptionBudget, signal: AbortSignal) {
  const { client, clock, config, events, workloads } = state;
  const { namespace, name } = budget.metadata;
  const covered = state.pods.list(namespace).filter((pod) => covers(budget, pod));
  const scaleDeps = { workloads, kinds: config.kinds, client, signal };
  const scale = isOfScale(budget) ? await expectedScale(scaleDeps, covered) : NOT_OF_SCALE;
  const plan = planBudget(budget, covered, scale.count, clock.now());
  const isNew = await writeStatus(state, budget, plan.status, signal);
  // Said when it is news, not whenever a pod changes.
  if (isNew && covered.length === 0) events.event(budget, 'Normal', 'NoPods', 'No matching pods found');
  if (isNew && scale.hasUnmanaged) events.event(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget));
  for (const pod of plan.notDeleted) {
    const text = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`;
    events.event(pod, 'Warning', 'NotDeleted', text);
  }
  if (plan.recheckAtMs === undefined) return undefined;
  return { requeueAfterMs: Math.max(1, plan.recheckAtMs - clock.now()) };
}

/** Answers whether it says anything new. */
async function writeStatus(
  { client }: State,
  budget: PodDisruptionBudget,
  status: PodDisruptionBudgetStatus,
  signal: AbortSignal,
): Promise<boolean> {
  if (deepEqual(normal(status), normal(budget.status))) return false;
  await client.updateStatus(PodDisruptionBudget, { ...budget, status }, { signal });
  return true;
}

/** The server leaves out what is empty. */
function normal({ disruptedPods = {}, conditions = [], observedGeneration = 0, ...status }: PodDisruptionBudgetStatus) {
  return { ...status, disruptedPods, conditions, observedGeneration };
}

function covers({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  return matchesSelector(spec.selector, metadata.labels);
}

function unmanagedText({ spec }: PodDisruptionBudget): string {
  const selector = formatLabelMatcher(compileLabelSelector(spec.selector));
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the ` +
    'status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these ' +
    'pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}

function watchBudgets(state: State, enqueue: Enqueue): readonly Disposable[] {
  const { budgets, pods, workloads } = state;
  return [
    budgets.subscribe((changes) => {
      for (const { type, object } of changes) if (type !== 'deleted') enqueue(keyOf(object.metadata));
    }),
    pods.subscribe((changes) => {
      for (const change of changes) {
        const { type, object } = change;
        const previous = type === 'updated' ? change.previous : object;
        if (type === 'updated' && deepEqual(facts(object), facts(previous))) continue;
        if (type !== 'deleted') sayIfAmbiguous(state, object);
        for (const budget of budgets.list(object.metadata.namespace)) {
          if (covers(budget, object) || covers(budget, previous)) enqueue(keyOf(budget.metadata));
        }
      }
    }),
    ...Object.values(workloads).map((informer: Informer<Scalable>) =>
      informer.subscribe((changes) => {
        for (const change of changes) {
          if (change.type === 'updated' && change.object.spec.replicas === change.previous.spec.replicas) continue;
          for (const budget of budgets.list(change.object.metadata.namespace)) {
            if (isOfScale(budget)) enqueue(keyOf(budget.metadata));
          }
        }
      }),
    ),
  ];
}

interface Scalable {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly replicas?: number };
}

/** Everything about a pod that a budget counts by. */
function facts(pod: Pod): unknown {
  const { name, labels, deletionTimestamp } = pod.metadata;
  return [name, labels, deletionTimestamp, isPodReady(pod), controllerOf(pod)?.uid];
}

/** Evictions refuse a pod that several budgets cover. */
function sayIfAmbiguous({ budgets, events }: State, pod: Pod): void {
  const { namespace, name } = pod.metadata;
  const [first, ...others] = budgets.list(namespace).filter((budget) => covers(budget, pod));
  if (!first || others.length === 0) return;
  const [quotedNamespace, quotedName, chosen] = [namespace, name, first.metadata.name].map((text) =>
    JSON.stringify(text),
  );
  const text = `Pod ${quotedNamespace}/${quotedName} matches multiple PodDisruptionBudgets.  Chose ${chosen} arbitrarily.`;
  events.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', text);
}
