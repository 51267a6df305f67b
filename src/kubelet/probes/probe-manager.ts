// Probing: one timer for each probe of each running container, and what its last results add up to. How a single probe is
// made is probe-action.ts; what follows from a verdict is pod-plan.ts. Upstream: pkg/kubelet/prober.

import type { Container } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Probe } from '../../api/core/probe.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { PodProbes } from '../pod-worker.ts';
import { newestContainer, type RuntimeContainer, type RuntimePod } from '../runtime-pod.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
export type ProbeOutcome = { readonly verdict: 'success' | 'failure'; readonly output: string };

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
  /** A probe has failed: for an event. */
  readonly failed: (target: ProbeTarget, kind: ProbeKind, output: string) => void;
}

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

interface Running {
  readonly kind: ProbeKind;
  target: ProbeTarget;
  verdict: 'success' | 'failure' | undefined;
  /** The last outcome and how often it came in a row. */
  streak: { readonly verdict: 'success' | 'failure'; readonly count: number } | undefined;
  timer: Disposable | undefined;
  readonly abort: AbortController;
}

export class ProbeManager implements PodProbes, Disposable {
  readonly #deps: ProbeManagerDeps;
  /** By pod uid, then by `kind/containerId`. */
  readonly #running = new Map<string, Map<string, Running>>();

  constructor(deps: ProbeManagerDeps) {
    this.#deps = deps;
  }

  follow(pod: Pod, runtime: RuntimePod): void {
    const probes = this.#running.get(pod.metadata.uid) ?? new Map<string, Running>();
    const wanted = new Set<string>();
    for (const container of probedContainers(pod)) {
      const current = newestContainer(runtime, container.name);
      if (current?.state !== 'running') continue;
      const target = { pod, container, containerId: current.id, podIp: podIpOf(pod, runtime) };
      for (const kind of KINDS) {
        if (!probeOf(container, kind)) continue;
        const key = `${kind}/${current.id}`;
        wanted.add(key);
        const there = probes.get(key);
        if (there) there.target = target;
        else probes.set(key, this.#start(kind, target, current));
      }
    }
    for (const [key, probe] of probes) {
      if (wanted.has(key)) continue;
      stop(probe);
      probes.delete(key);
    }
    if (probes.size > 0) this.#running.set(pod.metadata.uid, probes);
    else this.#running.delete(pod.metadata.uid);
  }

  forget(uid: string): void {
    for (const probe of this.#running.get(uid)?.values() ?? []) stop(probe);
    this.#running.delete(uid);
  }

  liveness(containerId: string): 'success' | 'failure' | undefined {
    return this.#verdict('liveness', containerId);
  }

  startup(containerId: string): 'success' | 'failure' | undefined {
    return this.#verdict('startup', containerId);
  }

  ready(container: Container, containerId: string): boolean {
    return !container.readinessProbe || this.#verdict('readiness', containerId) === 'success';
  }

  started(container: Container, containerId: string): boolean {
    return !container.startupProbe || this.#verdict('startup', containerId) === 'success';
  }

  [Symbol.dispose](): void {
    for (const uid of [...this.#running.keys()]) this.forget(uid);
  }

  #verdict(kind: ProbeKind, containerId: string): 'success' | 'failure' | undefined {
    for (const probes of this.#running.values()) {
      const found = probes.get(`${kind}/${containerId}`);
      if (found) return found.verdict;
    }
    return undefined;
  }

  #start(kind: ProbeKind, target: ProbeTarget, container: RuntimeContainer): Running {
    const running: Running = {
      kind,
      target,
      verdict: undefined,
      streak: undefined,
      timer: undefined,
      abort: new AbortController(),
    };
    const { initialDelaySeconds = 0, periodSeconds = 10 } = probeOf(target.container, kind) ?? {};
    const ageMs = this.#deps.clock.now() - (container.startedAt ?? container.createdAt);
    const initialMs = initialDelaySeconds * 1000 - ageMs;
    // After a restart of the agent the probes of all containers begin at once; they are spread over a period.
    const spreadMs = ageMs > 10_000 ? this.#deps.random.next() * periodSeconds * 1000 : 0;
    running.timer = this.#deps.clock.after(Math.max(0, initialMs, spreadMs), () => void this.#probe(running));
    return running;
  }

  async #probe(running: Running): Promise<void> {
    const { kind, target, abort } = running;
    const probe = probeOf(target.container, kind);
    if (!probe || abort.signal.aborted) return;
    const held = kind !== 'startup' && !this.started(target.container, target.containerId);
    if (!held) {
      try {
        this.#record(running, probe, await this.#deps.act(target, probe, abort.signal));
      } catch {
        // The probe could not be made, which says nothing of the container; the next one comes in its time.
      }
    }
    if (abort.signal.aborted) return;
    // A failed container is going to be replaced, a started one has nothing left to prove: both need no more probes.
    const over =
      (kind === 'startup' && running.verdict !== undefined) || (kind === 'liveness' && running.verdict === 'failure');
    if (over) return;
    running.timer = this.#deps.clock.after((probe.periodSeconds ?? 10) * 1000, () => void this.#probe(running));
  }

  #record(running: Running, probe: Probe, outcome: ProbeOutcome): void {
    if (running.abort.signal.aborted) return;
    if (outcome.verdict === 'failure') this.#deps.failed(running.target, running.kind, outcome.output);
    const same = running.streak?.verdict === outcome.verdict;
    running.streak = { verdict: outcome.verdict, count: same ? (running.streak?.count ?? 0) + 1 : 1 };
    const threshold = outcome.verdict === 'success' ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (running.streak.count < threshold || running.verdict === outcome.verdict) return;
    running.verdict = outcome.verdict;
    this.#deps.changed(running.target.pod.metadata.uid);
    if (running.kind === 'startup' && outcome.verdict === 'success') this.#wakeHeld(running);
  }

  /** Once a container has started, its other probes begin at once instead of at the end of their period. */
  #wakeHeld({ target }: Running): void {
    for (const probe of this.#running.get(target.pod.metadata.uid)?.values() ?? []) {
      if (probe.kind === 'startup' || probe.target.containerId !== target.containerId) continue;
      probe.timer?.[Symbol.dispose]();
      probe.timer = this.#deps.clock.after(0, () => void this.#probe(probe));
    }
  }
}

function stop(probe: Running): void {
  probe.timer?.[Symbol.dispose]();
  probe.abort.abort(new Error('the container is no longer probed'));
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
  }
}

function podIpOf(pod: Pod, runtime: RuntimePod): string {
  return runtime.sandboxes[0]?.ips[0] ?? pod.status.podIP ?? pod.status.hostIP ?? '127.0.0.1';
}
