// Probing: one timer for each probe of each running container, and what its last results add up to. How a single probe is
// made is probe-action.ts; what follows from a verdict is pod-plan.ts. Upstream: pkg/kubelet/prober.

import type { Container } from '../../api/core/container.ts';
import type { ContainerStatus } from '../../api/core/container-status.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Probe } from '../../api/core/probe.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Random } from '../../base/random.ts';
import type { PodProbes } from '../pod-parts.ts';
import { newestContainer, type RuntimeContainer, type RuntimePod } from '../runtime-pod.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
export type ProbeVerdict = 'success' | 'failure';
export type ProbeOutcome = { readonly verdict: ProbeVerdict; readonly output: string };

/** Makes one probe. Throws when it could not be made at all (the runtime did not answer): that says nothing. */
export type ProbeAction = (target: ProbeTarget, probe: Probe, signal: AbortSignal) => Promise<ProbeOutcome>;

export interface ProbeTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

export interface ProbeManagerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly act: ProbeAction;
  /** A verdict has changed: the pod wants to be looked at. */
  readonly changed: (uid: string) => void;
  /** A probe has failed, or could not be made: for an event. */
  readonly unhealthy: (target: ProbeTarget, message: string) => void;
}

export interface ProbeCount {
  readonly pod: Pod;
  readonly container: string;
  readonly kind: ProbeKind;
  readonly result: 'successful' | 'failed' | 'unknown';
  times: number;
}

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
const KIND_WORDS = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const;
/** A container that is older when its probes begin was there before the agent: their first probes are spread. */
const OLD_MS = 10_000;

interface Running {
  readonly kind: ProbeKind;
  readonly startedAt: number;
  target: ProbeTarget;
  verdict: ProbeVerdict | undefined;
  /** The last outcome and how often it came in a row. */
  streak: { readonly verdict: ProbeVerdict; readonly count: number } | undefined;
  timer: Disposable | undefined;
  readonly abort: AbortController;
}

export class ProbeManager implements PodProbes, Disposable {
  readonly #deps: ProbeManagerDeps;
  /** By `kind/containerId`. */
  readonly #running = new Map<string, Running>();
  /** The keys of a pod's probes, by its uid. */
  readonly #ofPod = new Map<string, Set<string>>();
  /** How often probes have come out one way or the other, by the uid of their pod. */
  readonly #counts = new Map<string, ProbeCount[]>();

  constructor(deps: ProbeManagerDeps) {
    this.#deps = deps;
  }

  follow(pod: Pod, runtime: RuntimePod): void {
    const wanted = new Set<string>();
    for (const container of probedContainers(pod)) {
      const current = newestContainer(runtime, container.name);
      if (current?.state !== 'running') continue;
      const target = { pod, container, containerId: current.id, podIp: podIpOf(pod, runtime) };
      for (const kind of KINDS) {
        if (!probeOf(container, kind)) continue;
        const key = keyOf(kind, current.id);
        wanted.add(key);
        const there = this.#running.get(key);
        if (there) there.target = target;
        else this.#running.set(key, this.#start(kind, target, current));
      }
    }
    this.#stop(pod.metadata.uid, (key) => !wanted.has(key));
    if (wanted.size > 0) this.#ofPod.set(pod.metadata.uid, wanted);
  }

  /** Verdicts stay as they are: what has not started is not ready either. */
  endRestarts(uid: string): void {
    for (const key of this.#ofPod.get(uid) ?? []) {
      const probe = this.#running.get(key);
      if (probe && probe.kind !== 'readiness') silence(probe);
    }
  }

  forget(uid: string): void {
    this.#stop(uid, () => true);
    this.#counts.delete(uid);
  }

  /** Of all pods that are probed. */
  counts(): readonly ProbeCount[] {
    return [...this.#counts.values()].flat();
  }

  liveness(containerId: string): ProbeVerdict | undefined {
    return this.#running.get(keyOf('liveness', containerId))?.verdict;
  }

  startup(containerId: string): ProbeVerdict | undefined {
    return this.#running.get(keyOf('startup', containerId))?.verdict;
  }

  ready(container: Container, containerId: string): boolean {
    return !container.readinessProbe || this.#running.get(keyOf('readiness', containerId))?.verdict === 'success';
  }

  started(container: Container, containerId: string): boolean {
    return !container.startupProbe || this.startup(containerId) === 'success';
  }

  [Symbol.dispose](): void {
    for (const uid of [...this.#ofPod.keys()]) this.forget(uid);
  }

  #stop(uid: string, which: (key: string, probe: Running) => boolean): void {
    const keys = this.#ofPod.get(uid);
    for (const key of keys ?? []) {
      const probe = this.#running.get(key);
      if (!probe || !which(key, probe)) continue;
      silence(probe);
      this.#running.delete(key);
      keys?.delete(key);
    }
    if (keys?.size === 0) this.#ofPod.delete(uid);
  }

  #start(kind: ProbeKind, target: ProbeTarget, container: RuntimeContainer): Running {
    const { clock, random } = this.#deps;
    const running: Running = {
      kind,
      startedAt: container.startedAt ?? container.createdAt,
      target,
      verdict: verdictBefore(kind, target),
      streak: undefined,
      timer: undefined,
      abort: new AbortController(),
    };
    if (kind === 'startup' && running.verdict === 'success') return running;
    const periodMs = (probeOf(target.container, kind)?.periodSeconds ?? 10) * 1000;
    const spreadMs = clock.now() - running.startedAt > OLD_MS ? random.next() * periodMs : 0;
    this.#after(running, Math.max(spreadMs, initialDelay(running, clock)));
    return running;
  }

  #after(running: Running, delayMs: number): void {
    running.timer = this.#deps.clock.after(delayMs, () => void this.#probe(running));
  }

  async #probe(running: Running): Promise<void> {
    const { kind, target, abort } = running;
    const { clock } = this.#deps;
    const probe = probeOf(target.container, kind);
    if (!probe) return;
    const begunAt = clock.elapsed();
    const held = kind !== 'startup' && !this.started(target.container, target.containerId);
    if (!held) await this.#probeOnce(running, probe);
    if (abort.signal.aborted) return;
    // A failed container is going to be replaced, a started one has nothing left to prove: both need no more probes.
    const isOver =
      (kind === 'startup' && running.verdict !== undefined) || (kind === 'liveness' && running.verdict === 'failure');
    if (!isOver) this.#after(running, Math.max(0, (probe.periodSeconds ?? 10) * 1000 - (clock.elapsed() - begunAt)));
  }

  async #probeOnce(running: Running, probe: Probe): Promise<void> {
    const { kind, target, abort } = running;
    try {
      const outcome = await this.#deps.act(target, probe, abort.signal);
      if (abort.signal.aborted) return;
      this.#count(running, outcome.verdict === 'success' ? 'successful' : 'failed');
      if (outcome.verdict === 'failure') {
        this.#deps.unhealthy(target, `${KIND_WORDS[kind]} probe failed: ${outcome.output}`);
      }
      this.#record(running, probe, outcome.verdict);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#count(running, 'unknown');
      // A probe that could not be made says nothing of the container; the next one comes in its time.
      const why = messageOf(error);
      this.#deps.unhealthy(target, `${KIND_WORDS[kind]} probe errored and resulted in unknown state: ${why}`);
    }
  }

  #count({ kind, target: { pod, container } }: Running, result: ProbeCount['result']): void {
    const { uid } = pod.metadata;
    const counts = this.#counts.get(uid) ?? [];
    this.#counts.set(uid, counts);
    const isSame = (count: ProbeCount) =>
      count.container === container.name && count.kind === kind && count.result === result;
    const known = counts.find(isSame);
    if (known) known.times++;
    else counts.push({ pod, container: container.name, kind, result, times: 1 });
  }

  #record(running: Running, probe: Probe, verdict: ProbeVerdict): void {
    const inRow = running.streak?.verdict === verdict ? running.streak.count + 1 : 1;
    running.streak = { verdict, count: inRow };
    const threshold = verdict === 'success' ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (inRow < threshold || running.verdict === verdict) return;
    running.verdict = verdict;
    this.#deps.changed(running.target.pod.metadata.uid);
    if (running.kind === 'startup' && verdict === 'success') this.#wakeHeld(running);
  }

  /** Once a container has started, its other probes begin at once instead of at the end of their period. */
  #wakeHeld({ target: { pod, containerId } }: Running): void {
    for (const key of this.#ofPod.get(pod.metadata.uid) ?? []) {
      const probe = this.#running.get(key);
      if (!probe || probe.kind === 'startup' || probe.target.containerId !== containerId) continue;
      probe.timer?.[Symbol.dispose]();
      this.#after(probe, initialDelay(probe, this.#deps.clock));
    }
  }
}

function silence(probe: Running): void {
  probe.timer?.[Symbol.dispose]();
  probe.abort.abort(new Error('the container is no longer probed'));
}

function keyOf(kind: ProbeKind, containerId: string): string {
  return `${kind}/${containerId}`;
}

/** What is left of the probe's initial delay, which counts from the container's start. */
function initialDelay({ kind, target, startedAt }: Running, clock: Clock): number {
  const delayMs = (probeOf(target.container, kind)?.initialDelaySeconds ?? 0) * 1000;
  return Math.max(0, startedAt + delayMs - clock.now());
}

/** An agent that comes back goes on from what it had told the API: a container that was ready stays so. */
function verdictBefore(kind: ProbeKind, { pod, container, containerId }: ProbeTarget): ProbeVerdict | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
  const isSame = (status: ContainerStatus) =>
    status.name === container.name && status.containerID === `containerd://${containerId}`;
  const before = [...initContainerStatuses, ...containerStatuses].find(isSame);
  const held = kind === 'startup' ? before?.started : kind === 'readiness' ? before?.ready : undefined;
  return held === true ? 'success' : undefined;
}

function probedContainers(pod: Pod): readonly Container[] {
  return [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
}

function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  switch (kind) {
    case 'startup':
      return container.startupProbe;
    case 'liveness':
      return container.livenessProbe;
    case 'readiness':
      return container.readinessProbe;
    default:
      return kind satisfies never;
  }
}

function podIpOf(pod: Pod, runtime: RuntimePod): string {
  return runtime.sandboxes[0]?.ips[0] ?? pod.status.podIP ?? pod.status.hostIP ?? '127.0.0.1';
}
