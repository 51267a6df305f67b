// The way an object goes: at once, after a grace period, or when the last finalizer is off it. Upstream: Store.Delete of
// k8s.io/apiserver/pkg/registry/generic/registry and rest.BeforeDelete.

import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import { conflict, MODIFIED, notFound, type Status } from '../../api/status-error.ts';
import { formatTime } from '../../api/time.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { admitMutating, admitValidating } from './admission-chain.ts';
import { hooksOf } from './kind-hooks.ts';
import type { Registry, WriteRequest } from './registry.ts';
import { keyOf } from './resource.ts';

const ATTEMPTS = 20;
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
/** The last that RFC 3339 can say. */
const LAST_MOMENT_MS = Date.parse('9999-12-31T23:59:59Z');

export interface DeleteRequestOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: 'Orphan' | 'Background' | 'Foreground' | undefined;
  /** The older way to say Orphan (true) or Background (false). */
  readonly orphanDependents: boolean | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

/** What a delete comes to. `gone`: it is over; otherwise the object is still there, marked. */
export type Deleted =
  | { readonly gone: true; readonly version: ObjectVersion }
  | { readonly gone: false; readonly version: ObjectVersion }
  /** A dry run that would have changed the object. */
  | { readonly gone: false; readonly object: AnyObject };

/** Throws StatusError: `NotFound`, `Conflict` for preconditions that do not hold, and what admission says. */
export async function deleteObject(
  registry: Registry,
  request: WriteRequest,
  options: DeleteRequestOptions,
): Promise<Deleted> {
  const { storage, resource, name, namespace, lifetime } = request;
  const key = keyOf(storage.kind, { name, namespace });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    lifetime.throwIfOver();
    const previous = storage.get(key);
    if (!previous) throw notFound(resource.name, name);
    refusePreconditions(request, previous.object, options);
    const attributes = { operation: 'DELETE', draft: undefined, previous: previous.object } as const;
    await admitMutating(registry.admission, request, attributes);
    await admitValidating(registry.admission, request, attributes);
    const deleted = await deleteOnce(registry, request, options, previous);
    if (deleted) return deleted;
  }
  throw conflict(resource.name, name, MODIFIED);
}

/** The answer to a delete that is over, for kinds that do not answer with the object. */
export function deletedStatus({ resource, name }: Pick<WriteRequest, 'resource' | 'name'>, uid: string): Status {
  const { group } = resource.name;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group === '' ? {} : { group }), kind: resource.name.resource, uid },
  };
}

type Plan =
  | { readonly type: 'remove' }
  /** It is on its way already, and nothing about that changes. */
  | { readonly type: 'keep' }
  | { readonly type: 'mark'; readonly draft: AnyDraft };

async function deleteOnce(
  registry: Registry,
  request: WriteRequest,
  options: DeleteRequestOptions,
  previous: ObjectVersion,
): Promise<Deleted | undefined> {
  const { storage, dryRun } = request;
  const plan = planDeletion(registry, request, options, previous);
  switch (plan.type) {
    case 'keep':
      return { gone: false, version: previous };
    case 'remove': {
      if (dryRun) return { gone: true, version: previous };
      const version = await storage.remove(previous);
      if (!version) return undefined;
      for (const hook of registry.hooks) if (hook.kind === storage.kind) hook.afterDelete?.(previous.object);
      return { gone: true, version };
    }
    case 'mark': {
      if (dryRun) return { gone: false, object: plan.draft as unknown as AnyObject };
      const version = await storage.replace(previous, plan.draft);
      return version && { gone: false, version };
    }
    default:
      return plan satisfies never;
  }
}

function planDeletion(
  registry: Registry,
  { storage }: WriteRequest,
  options: DeleteRequestOptions,
  previous: ObjectVersion,
): Plan {
  const { kind } = storage;
  const { object } = previous;
  const rule = registry.deletionRule(kind);
  const nowMs = registry.clock.now();
  const grace = graceOf(
    hooksOf(kind).gracePeriodSeconds?.(object, notNegative(options.gracePeriodSeconds)),
    object,
    options,
  );
  if (grace === 'pending') return { type: 'keep' };

  const marked = object.metadata.deletionTimestamp !== undefined;
  const finalizers = finalizersAfter(object.metadata.finalizers ?? [], options);
  const held = finalizers.length > 0 || rule.isHeld(object);
  if (!held && grace === 0 && (marked || !rule.marksFirst)) return { type: 'remove' };
  if (marked && grace === 0 && (object.metadata.deletionGracePeriodSeconds ?? 0) === 0) {
    const same = finalizers.length === (object.metadata.finalizers ?? []).length;
    if (same) return { type: 'keep' };
  }
  const draft = previous.draft();
  const { metadata } = draft;
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  metadata.deletionTimestamp = formatTime(deletionTime(object, grace, nowMs));
  if (!rule.marksFirst) metadata.deletionGracePeriodSeconds = grace;
  if (!marked) {
    if (metadata.generation) metadata.generation++;
    rule.mark(draft);
  }
  return { type: 'mark', draft };
}

/**
 * The grace period that the object is to have from now on, in seconds; `pending` when it is being deleted already and
 * the new request would not shorten that.
 */
function graceOf(
  asked: number | undefined,
  { metadata }: AnyObject,
  options: DeleteRequestOptions,
): number | 'pending' {
  const current = metadata.deletionTimestamp === undefined ? undefined : (metadata.deletionGracePeriodSeconds ?? 0);
  if (current === undefined) return asked ?? 0;
  if (current === 0 || asked === undefined) return 0;
  const requested = notNegative(options.gracePeriodSeconds);
  return requested === undefined || requested >= current ? 'pending' : requested;
}

/** A negative grace period counts as one second. */
function notNegative(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds < 0 ? 1 : seconds;
}

function deletionTime({ metadata }: AnyObject, graceSeconds: number, nowMs: number): number {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined) return Math.min(nowMs + graceSeconds * 1000, LAST_MOMENT_MS);
  return Date.parse(deletionTimestamp) - ((deletionGracePeriodSeconds ?? 0) - graceSeconds) * 1000;
}

/** The finalizers with those of the garbage collector as the propagation policy wants them. */
function finalizersAfter(finalizers: readonly string[], options: DeleteRequestOptions): string[] {
  const { propagationPolicy, orphanDependents } = options;
  if (propagationPolicy === undefined && orphanDependents === undefined) return [...finalizers];
  const rest = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (orphanDependents ?? propagationPolicy === 'Orphan') return [...rest, ORPHAN];
  return propagationPolicy === 'Foreground' ? [...rest, FOREGROUND] : rest;
}

function refusePreconditions({ resource, name }: WriteRequest, { metadata }: AnyObject, options: DeleteRequestOptions) {
  const { uid, resourceVersion } = options.preconditions;
  if (uid !== undefined && uid !== metadata.uid) {
    const why =
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). ` +
      'The object might have been deleted and then recreated';
    throw conflict(resource.name, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why =
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
      `(${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(resource.name, name, why);
  }
}
