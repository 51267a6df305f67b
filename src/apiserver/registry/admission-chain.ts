// Asks the admission plugins, one after the other: those that change an object, later those that only judge it, and at
// last those that set something aside for it.

import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import type { Clock } from '../../base/clock.ts';
import { whenDone } from '../../base/when-done.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import type { AdmissionMetrics } from '../admission/admission-metrics.ts';
import type { WriteRequest } from './registry.ts';
import type { Ask } from './reservations.ts';

/** The plugins of a server, in the order in which they are asked, and where it is noted how long they take. */
export interface Admission {
  readonly plugins: readonly AdmissionPlugin[];
  readonly clock: Clock;
  readonly metrics: AdmissionMetrics;
}

interface Attributes {
  readonly operation: AdmissionRequest['operation'];
  readonly draft: AnyDraft | undefined;
  readonly previous: AnyObject | undefined;
}

/** What admission is told of a request besides the object. */
export type AdmittedRequest = Pick<
  WriteRequest,
  'resource' | 'subresource' | 'namespace' | 'name' | 'user' | 'dryRun' | 'warn'
>;

const ADMITTED = { rejected: false } as const;
const REJECTED = { rejected: true } as const;

export function admitMutating(admission: Admission, request: AdmittedRequest, attributes: Attributes): Promise<void> {
  return askAll(admission, 'mutate', admissionRequest(request, attributes));
}

export function admitValidating(admission: Admission, request: AdmittedRequest, attributes: Attributes): Promise<void> {
  return askAll(admission, 'validate', admissionRequest(request, attributes));
}

/** The plugins that may set something aside for the write. */
export function askPlugins(
  { plugins, clock, metrics }: Admission,
  request: AdmittedRequest,
  attributes: Attributes,
): readonly Ask[] {
  const asked = admissionRequest(request, attributes);
  // Upstream has quotas charged as a part of the step that validates.
  const notes = metrics.notesOf('validate', asked.operation);
  const asks: Ask[] = [];
  for (const plugin of plugins) {
    if (plugin.reserve) asks.push(() => noted(() => plugin.reserve?.(asked), plugin, { clock, notes }));
  }
  return asks;
}

/** How long it takes is noted, however it ends. */
function noted<T>(
  ask: () => T | Promise<T>,
  plugin: AdmissionPlugin,
  { clock, notes }: { readonly clock: Clock; readonly notes: ReturnType<AdmissionMetrics['notesOf']> },
): T | Promise<T> {
  const sinceMs = clock.elapsed();
  const admitted = (result: T) => {
    notes.plugin(plugin, clock.elapsed() - sinceMs, ADMITTED);
    return result;
  };
  return whenDone(ask, admitted, (error) => {
    notes.plugin(plugin, clock.elapsed() - sinceMs, REJECTED);
    throw error;
  });
}

/** The clock is read once for each plugin: there are many, and most of them have little to do. */
async function askAll(
  { plugins, clock, metrics }: Admission,
  question: 'mutate' | 'validate',
  request: AdmissionRequest,
): Promise<void> {
  const notes = metrics.notesOf(question === 'mutate' ? 'admit' : 'validate', request.operation);
  const beganMs = clock.elapsed();
  let lastMs = beganMs;
  for (const plugin of plugins) {
    if (!plugin[question]) continue;
    try {
      const answer = plugin[question](request);
      if (answer) await answer;
    } catch (error) {
      const nowMs = clock.elapsed();
      notes.plugin(plugin, nowMs - lastMs, REJECTED);
      notes.step(nowMs - beganMs, REJECTED);
      throw error;
    }
    const nowMs = clock.elapsed();
    notes.plugin(plugin, nowMs - lastMs, ADMITTED);
    lastMs = nowMs;
  }
  notes.step(lastMs - beganMs, ADMITTED);
}

function admissionRequest(request: AdmittedRequest, { operation, draft, previous }: Attributes): AdmissionRequest {
  return {
    operation,
    kind: request.resource.kind,
    subresource: request.subresource,
    namespace: request.namespace,
    name: request.name || (draft?.metadata?.name ?? ''),
    object: draft,
    oldObject: previous,
    user: request.user,
    dryRun: request.dryRun,
    warn: (text) => request.warn(text),
  };
}
