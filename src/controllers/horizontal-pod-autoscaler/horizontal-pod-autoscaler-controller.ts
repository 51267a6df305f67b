// Scales what autoscalers point to by what is measured: every 15 seconds for as long as there are any, since figures come
// by no event. What a metric asks for is metric-proposal.ts's, what is made of it scaling-limits.ts's. Upstream:
// pkg/controller/podautoscaler.

import { HorizontalPodAutoscaler } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import type { MetricStatus } from '../../api/autoscaling/metrics-v2.ts';
import { Pod } from '../../api/core/pod.ts';
import { type LabelMatcher, parseLabelSelector } from '../../api/label-selector.ts';
import { isStatusError, StatusError } from '../../api/status-error.ts';
import { formatTime } from '../../api/time.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf, type ObjectKey } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { AutoscalerStatus } from './autoscaler-status.ts';
import { MetricFailure, proposeReplicas, tolerancesOf } from './metric-proposal.ts';
import { MetricsClient } from './metrics-client.ts';
import { readScaleTarget, type ScaleTarget } from './scale-target.ts';
import { beginHistory, limitScale, type ScalingHistory, withStep } from './scaling-limits.ts';

/** Upstream: --horizontal-pod-autoscaler-sync-period. */
const PERIOD_MS = 15_000;
const AGAIN = { requeueAfterMs: PERIOD_MS } as const;

interface State extends ControllerDeps {
  readonly pods: Informer<Pod>;
  readonly metrics: MetricsClient;
  /** By the autoscaler's key, as are the selectors of what they scale. */
  readonly histories: Map<ObjectKey, ScalingHistory>;
  readonly selectors: Map<ObjectKey, { readonly namespace: string; readonly matcher: LabelMatcher }>;
}

/** One look at one autoscaler. */
interface Look {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly key: ObjectKey;
  readonly status: AutoscalerStatus;
  readonly signal: AbortSignal;
}

/** What the metrics ask for together. */
interface Recommendation {
  readonly replicas: number;
  /** The metric that asks for the most. */
  readonly name: string;
  readonly statuses: readonly MetricStatus[];
}

export function horizontalPodAutoscalerController(deps: ControllerDeps): Controller {
  const { client, clock, config, informers } = deps;
  const autoscalers = informers.informer(HorizontalPodAutoscaler);
  const pods = informers.informer(Pod);
  const metrics = new MetricsClient({ client, kinds: config.kinds });
  const state: State = { ...deps, pods, metrics, histories: new Map(), selectors: new Map() };
  return {
    name: 'horizontal-pod-autoscaler-controller',
    backoff: { baseMs: PERIOD_MS, maxMs: PERIOD_MS },
    reads: [autoscalers, pods],
    watch: (enqueue) => [
      autoscalers.subscribe((changes) => {
        for (const { type, object } of changes) {
          // One that is there is looked at again and again anyway, also after it has been changed.
          if (type !== 'updated') enqueue(keyOf(object.metadata), type === 'added' ? PERIOD_MS : 0);
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const autoscaler = autoscalers.get(key);
      if (!autoscaler) {
        state.histories.delete(key);
        state.selectors.delete(key);
        return;
      }
      const look = { autoscaler, key, status: new AutoscalerStatus(autoscaler, clock.now()), signal };
      await scale(state, look);
      await writeStatus(state, look);
      return AGAIN;
    },
  };
}

async function scale(state: State, look: Look): Promise<void> {
  const { autoscaler, key, status, signal } = look;
  const { events, client, config, clock } = state;
  const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler.spec;
  const { namespace } = autoscaler.metadata;
  let target: ScaleTarget;
  try {
    target = await readScaleTarget({ client, kinds: config.kinds() }, scaleTargetRef, { namespace, signal });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    events.event(autoscaler, 'Warning', 'FailedGetScale', error.message);
    const unable = "the HPA controller was unable to get the target's current scale";
    return status.set('AbleToScale', 'False', 'FailedGetScale', `${unable}: ${error.message}`);
  }
  const able = "the HPA controller was able to get the target's current scale";
  status.set('AbleToScale', 'True', 'SucceededGetScale', able);
  const current = target.specReplicas;
  if (!state.histories.has(key)) state.histories.set(key, beginHistory(current, clock.now()));

  if (current === 0 && minReplicas !== 0) {
    const why = 'scaling is disabled since the replica count of the target is zero';
    status.set('ScalingActive', 'False', 'ScalingDisabled', why);
    return status.settle({ current, desired: current, metrics: undefined });
  }
  if (current > maxReplicas) {
    const reason = 'Current number of replicas above Spec.MaxReplicas';
    return rescale(state, look, target, { desired: maxReplicas, reason, metrics: undefined });
  }
  if (current < minReplicas) {
    const reason = 'Current number of replicas below Spec.MinReplicas';
    return rescale(state, look, target, { desired: minReplicas, reason, metrics: undefined });
  }
  const recommended = await recommend(state, look, target);
  if (!recommended) return status.seen(current);
  const { replicas, name, statuses } = recommended;
  const desired = limited(state, look, { proposed: replicas, current });
  if (desired === current) return status.settle({ current, desired, metrics: statuses });
  const reason = replicas > current ? `${name} above target` : replicas < current ? 'All metrics below target' : '';
  await rescale(state, look, target, { desired, reason, metrics: statuses });
}

/** The number within limits; the history goes on with it. */
function limited(
  { histories, clock }: State,
  { autoscaler, key, status }: Look,
  { proposed, current }: { readonly proposed: number; readonly current: number },
): number {
  const { minReplicas: min = 1, maxReplicas: max, behavior } = autoscaler.spec;
  const nowMs = clock.now();
  const history = histories.get(key) ?? beginHistory(current, nowMs);
  const scale = limitScale({ proposed, current, min, max, behavior, nowMs }, history);
  histories.set(key, scale.history);
  status.set('AbleToScale', 'True', scale.able.reason, scale.able.message);
  const { isLimited, reason, message } = scale.limited;
  status.set('ScalingLimited', isLimited ? 'True' : 'False', reason, message);
  return scale.replicas;
}

async function rescale(
  { events, histories, clock }: State,
  { autoscaler, key, status }: Look,
  target: ScaleTarget,
  {
    desired,
    reason,
    metrics,
  }: { readonly desired: number; readonly reason: string; readonly metrics: readonly MetricStatus[] | undefined },
): Promise<void> {
  const current = target.specReplicas;
  try {
    await target.scaleTo(desired);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const text = `New size: ${desired}; reason: ${reason}; error: ${error.message}`;
    events.event(autoscaler, 'Warning', 'FailedRescale', text);
    const unable = 'the HPA controller was unable to update the target scale';
    status.set('AbleToScale', 'False', 'FailedUpdateScale', `${unable}: ${error.message}`);
    return status.seen(current);
  }
  const able = `the HPA controller was able to update the target scale to ${desired}`;
  status.set('AbleToScale', 'True', 'SucceededRescale', able);
  events.event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`);
  const history = histories.get(key);
  const step = { from: current, to: desired, nowMs: clock.now() };
  if (history) histories.set(key, withStep(history, step, autoscaler.spec.behavior));
  status.settle({ current, desired, metrics, scaledAt: formatTime(clock.now()) });
}

/** The most that any metric asks for; undefined where that cannot be told, which is said in a condition and in events. */
async function recommend(state: State, look: Look, target: ScaleTarget): Promise<Recommendation | undefined> {
  const { autoscaler, status, signal } = look;
  const { events, metrics, clock } = state;
  const { namespace } = autoscaler.metadata;
  const fail = (text: string) => {
    events.event(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', text);
    return undefined;
  };
  const matcher = selectorOf(state, look, target);
  if (typeof matcher === 'string') return fail(matcher);
  const { specReplicas, statusReplicas, selector } = target;
  const context = {
    ...{ metrics, namespace, selector, specReplicas, statusReplicas, signal },
    pods: podsOf(state, namespace, matcher),
    tolerances: tolerancesOf(autoscaler),
    nowMs: clock.now(),
  };
  const statuses: MetricStatus[] = [];
  const failures: MetricFailure[] = [];
  let most: { readonly replicas: number; readonly name: string } | undefined;
  const specs = autoscaler.spec.metrics ?? [];
  for (const spec of specs) {
    try {
      const proposal = await proposeReplicas(spec, context);
      statuses.push(proposal.status);
      const { replicas, name } = proposal;
      if (!most || replicas > most.replicas) most = { replicas, name };
    } catch (error) {
      if (!(error instanceof MetricFailure)) throw error;
      events.event(autoscaler, 'Warning', error.reason, error.message);
      failures.push(error);
      statuses.push({ type: '' }); // Those of the others stay in their places.
    }
  }
  const [first] = failures;
  // Of what cannot be measured it is not known that fewer would do.
  if (!most || (first && most.replicas < specReplicas)) {
    if (first) sayFailed(status, first);
    const why = first ? whole(first) : 'there are none';
    return fail(`invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${why}`);
  }
  const from = `the HPA was able to successfully calculate a replica count from ${most.name}`;
  status.set('ScalingActive', 'True', 'ValidMetricFound', from);
  return { ...most, statuses };
}

function sayFailed(status: AutoscalerStatus, { reason, message }: MetricFailure): void {
  status.set('ScalingActive', 'False', reason, `the HPA was unable to compute the replica count: ${message}`);
}

function whole({ purpose, message }: MetricFailure): string {
  return purpose === '' ? message : `${purpose}: ${message}`;
}

/** What the target selects; or why that is not known, or nobody's to scale. */
function selectorOf(state: State, { autoscaler, key, status }: Look, { selector }: ScaleTarget): LabelMatcher | string {
  const { namespace } = autoscaler.metadata;
  const refuse = (reason: string, event: string, text: string, condition = text) => {
    state.events.event(autoscaler, 'Warning', event, text);
    status.set('ScalingActive', 'False', reason, condition);
    return text;
  };
  if (selector === '') {
    const missing = "the HPA target's scale is missing a selector";
    return refuse('InvalidSelector', 'SelectorRequired', 'selector is required', missing);
  }
  let matcher: LabelMatcher;
  try {
    matcher = parseLabelSelector(selector);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const why = `couldn't convert selector into a corresponding internal selector object: ${error.message}`;
    return refuse('InvalidSelector', 'InvalidSelector', why);
  }
  state.selectors.set(key, { namespace, matcher });
  const pods = podsOf(state, namespace, matcher);
  const others = [...state.selectors]
    .filter(([, other]) => other.namespace === namespace)
    .filter(([, other]) => pods.some(({ metadata }) => other.matcher.matches(metadata.labels)))
    .map(([other]) => other);
  if (others.length <= 1) return matcher;
  const why = `pods by selector ${selector} are controlled by multiple HPAs: [${others.sort().join(' ')}]`;
  return refuse('AmbiguousSelector', 'AmbiguousSelector', why);
}

function podsOf({ pods }: State, namespace: string, matcher: LabelMatcher): readonly Pod[] {
  return pods.list(namespace).filter(({ metadata }) => matcher.matches(metadata.labels));
}

async function writeStatus({ client, events }: State, { autoscaler, status: said, signal }: Look): Promise<void> {
  const status = said.result();
  if (deepEqual(status, autoscaler.status)) return;
  try {
    await client.updateStatus(HorizontalPodAutoscaler, { ...autoscaler, status }, { signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return; // It has gone meanwhile.
    if (error instanceof StatusError) events.event(autoscaler, 'Warning', 'FailedUpdateStatus', error.message);
    throw error;
  }
}
