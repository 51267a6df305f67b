// How pods end: their containers within the grace period, sidecars last, then everything they used on this node. Deleted
// pods are removed from the API at the very end. Upstream: SyncTerminatingPod and SyncTerminatedPod in pkg/kubelet.

import type { Pod } from '../api/core/pod.ts';
import { isSidecar } from '../api/core/sidecar.ts';
import type { Clock } from '../base/clock.ts';
import type { PodEvents, PodProbes, PodRuntime, PodStatuses, PodVolumes } from './pod-parts.ts';
import { isDeleted, type PodRecord, publish, remainingGrace } from './pod-record.ts';
import type { Allocations } from './resize/allocations.ts';
import type { RuntimeContainer, RuntimePod } from './runtime-pod.ts';

export interface TerminationDeps {
  readonly runtime: PodRuntime;
  readonly volumes: PodVolumes;
  readonly probes: PodProbes;
  readonly statuses: PodStatuses;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly hostIp: () => string;
  readonly allocations: Allocations;
  /** What the pod has had for itself alone, its devices, is others' to have. */
  readonly giveBack: (uid: string) => void;
}

/** Ends the pod; may be begun anew where it was broken off. `gone` when nothing of the pod is left. */
export async function terminate(
  deps: TerminationDeps,
  record: PodRecord,
  runtime: RuntimePod,
  signal: AbortSignal,
): Promise<'gone' | undefined> {
  const { pod } = record;
  const { uid } = pod.metadata;
  record.terminatingSince ??= deps.clock.now();
  deps.probes.endRestarts(uid);
  publish(deps, record, runtime);
  await stopContainers(deps, record, runtime, remainingGrace(record, deps.clock.now()), signal);
  deps.probes.forget(uid);
  await deps.runtime.stopSandboxes(runtime, signal);
  const ended = await look(deps, record, signal);
  const status = publish(deps, record, ended, true);
  await deps.volumes.unmount(uid);
  if (record.verdict?.clears) await deps.runtime.remove(pod, ended, signal);
  release(deps, record); // Before the API can tell anybody that the pod is gone.
  if (!isDeleted(record)) {
    record.settled = true; // Ended by the agent: it stays, with its logs, until somebody deletes it.
    return undefined;
  }
  await deps.runtime.remove(pod, ended, signal);
  await deps.volumes.remove(uid);
  if (!record.removed) await deps.statuses.finish(pod, status, signal);
  return 'gone';
}

/** A pod whose work is done: sidecars and sandbox are stopped, volumes go; its containers stay for their logs. */
export async function settle(
  deps: TerminationDeps,
  record: PodRecord,
  runtime: RuntimePod,
  signal: AbortSignal,
): Promise<void> {
  deps.probes.forget(record.pod.metadata.uid);
  await stopContainers(deps, record, runtime, secondsOf(record.pod), signal);
  await deps.runtime.stopSandboxes(runtime, signal); // Dead ones too: their addresses are given back.
  publish(deps, record, await look(deps, record, signal));
  await deps.volumes.unmount(record.pod.metadata.uid);
  record.settled = true;
  release(deps, record);
}

function release(deps: TerminationDeps, record: PodRecord): void {
  record.released = true;
  deps.giveBack(record.pod.metadata.uid);
}

/** Stops all that runs. Sidecars end after the others, in reverse order (KEP-753); everything else at the same time. */
export async function stopContainers(
  deps: TerminationDeps,
  record: PodRecord,
  runtime: RuntimePod,
  graceSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = deps.clock.now() + graceSeconds * 1000;
  const running = runtime.containers.filter(({ state }) => state === 'running');
  const sidecars = (record.pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const stop = (container: RuntimeContainer) => {
    const left = Math.max(0, Math.ceil((deadline - deps.clock.now()) / 1000));
    return stopContainer(
      deps,
      record,
      container,
      { graceSeconds: left, why: `Stopping container ${container.name}` },
      signal,
    );
  };
  await Promise.all(running.filter(({ name }) => !sidecars.includes(name)).map(stop));
  for (const sidecar of sidecars.toReversed()) {
    await Promise.all(running.filter(({ name }) => name === sidecar).map(stop));
  }
}

/** A container that is told to end a second time, after the first was broken off, hears no second preStop. */
export async function stopContainer(
  deps: TerminationDeps,
  { pod, stopping }: PodRecord,
  container: RuntimeContainer,
  { graceSeconds, why }: { readonly graceSeconds: number; readonly why: string },
  signal: AbortSignal,
): Promise<void> {
  const preStop = !stopping.has(container.id);
  if (preStop) deps.events.container(pod, container.name, 'Normal', 'Killing', why);
  stopping.add(container.id);
  await deps.runtime.stopContainer(pod, container, { graceSeconds, preStop }, signal);
}

/** Asks the runtime what there is of the pod. */
export async function look(
  deps: { readonly runtime: PodRuntime },
  record: PodRecord,
  signal: AbortSignal,
): Promise<RuntimePod> {
  const runtime = await deps.runtime.inspect(record.pod.metadata.uid, signal);
  record.runtime = runtime;
  for (const id of record.stopping)
    if (!runtime.containers.some((container) => container.id === id)) record.stopping.delete(id);
  return runtime;
}

/** The grace period that the pod itself asks for. */
export function secondsOf({ spec }: Pod): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}
