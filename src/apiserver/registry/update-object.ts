// The way of a changed object. The change is worked out from the newest version and swapped in for exactly that one;
// when somebody else was faster it is worked out anew, unless the client has said which version it means. Upstream: the
// order of k8s.io/apiserver/pkg/registry/generic/registry.Store.Update and rest.BeforeUpdate.

import { applyDefaults } from '../../api/defaults.ts';
import { dropDisabledFields } from '../../api/disabled-fields.ts';
import { fieldError } from '../../api/field-error.ts';
import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import { badRequest, conflict, invalid, MODIFIED, notFound } from '../../api/status-error.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { admitMutating, admitValidating, askPlugins } from './admission-chain.ts';
import { hooksOf } from './kind-hooks.ts';
import { isSameObject, trackUpdate } from './managed-fields.ts';
import { continueMetadata, countGeneration } from './object-metadata.ts';
import { refuseInvalidUpdate } from './object-rules.ts';
import type { Registry, WriteRequest, Written } from './registry.ts';
import { type Ask, reserveAll } from './reservations.ts';
import { keyOf } from './resource.ts';
import { writeContext } from './write-context.ts';

/** How often a change is worked out before the contention is the client's to deal with. */
const ATTEMPTS = 20;

export interface Change {
  /** A draft of the whole object, of the stored kind, made from the version that is to be replaced. */
  make(previous: ObjectVersion): AnyDraft | Promise<AnyDraft>;
  /** Carried out by the server on the object's behalf: not admitted, nobody's, and only the result has to be valid. */
  readonly action?: boolean;
  /** The draft says already who manages its fields. */
  readonly tracked?: true;
  /** Made from the newest version, as patches are: it may go without one of its own whatever the kind. */
  readonly fromNewest?: boolean;
}

/** Throws StatusError: `NotFound`, `Conflict`, `Invalid`, and what admission says. */
export async function updateObject(registry: Registry, request: WriteRequest, change: Change): Promise<Written> {
  const { storage, resource, name, namespace, lifetime } = request;
  const key = keyOf(storage.kind, { name, namespace });
  for (let attempt = 1; ; attempt++) {
    lifetime.throwIfOver();
    const previous = storage.get(key);
    if (!previous) throw notFound(resource.name, name);
    const made = change.make(previous);
    const draft = made instanceof Promise ? await made : made;
    const conditional = Boolean(draft.metadata.resourceVersion);
    const stale = refuseStale(registry, request, change, draft, previous);
    if (stale) await stale;
    const written = await updateOnce(registry, request, change, draft, previous);
    if (written) return written;
    if (conditional || attempt === ATTEMPTS) throw conflict(resource.name, name, MODIFIED);
  }
}

/** Throws StatusError `BadRequest`, `Conflict`, `Invalid`; rejects with it where the version that is meant has yet to come here. */
function refuseStale(
  { feed }: Registry,
  { resource, storage, name, namespace, subresource }: WriteRequest,
  { fromNewest = false }: Change,
  draft: AnyDraft,
  previous: ObjectVersion,
): void | Promise<void> {
  const { metadata } = draft;
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (storage.kind.namespaced && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const { uid } = previous.object.metadata;
  if (metadata.uid && metadata.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`;
    throw conflict(resource.name, name, why);
  }
  const given = metadata.resourceVersion;
  if (!given || given === '0') {
    if (!storage.kind.updateNeedsVersion || fromNewest || subresource !== '') return;
    const error = fieldError.invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalid({ group: resource.name.group, kind: resource.name.resource }, name, [error]);
  }
  const refuseOther = () => {
    if (storage.get(previous.key)?.resourceVersion !== given) throw conflict(resource.name, name, MODIFIED);
  };
  // Another server may have written a version that has not come here yet.
  if (Number(given) > feed.revision) return feed.reach(Number(given), { timeoutMs: 1000 }).then(refuseOther);
  return refuseOther();
}

/** Undefined when the version is not the newest any more. */
async function updateOnce(
  registry: Registry,
  request: WriteRequest,
  change: Change,
  draft: AnyDraft,
  previous: ObjectVersion,
): Promise<Written | undefined> {
  const { storage, dryRun } = request;
  const { kind } = storage;
  const before = previous.object;
  continueMetadata(draft, before);
  if (!kind.namespaced) delete draft.metadata.namespace;
  applyDefaults(kind.schema, draft);
  hooksOf(kind).defaults?.(draft);
  if (!change.tracked && !change.action) trackUpdate(registry, request, draft, previous);
  const attributes = { operation: 'UPDATE', draft, previous: before } as const;
  if (!change.action) await admitMutating(registry.admission, request, attributes);
  prepare(registry, request, change, draft, before);
  const object = draft as unknown as AnyObject;
  const way = { subresource: request.subresource, action: change.action === true };
  refuseInvalidUpdate(kind, object, before, way);
  for (const text of change.action ? [] : warningsOf(request, object, before)) request.warn(text);
  if (!change.action) await admitValidating(registry.admission, request, attributes);

  if (isReleased(registry, request, object)) return remove(registry, request, object, previous);
  if (isSameObject(draft, before)) return { type: 'version', version: previous };
  const asked = reserveAll([
    ...(change.action ? [] : askPlugins(registry.admission, request, attributes)),
    ...askHooks(registry, request, draft, before),
  ]);
  const reservations = asked instanceof Promise ? await asked : asked;
  if (dryRun) {
    await reservations.release();
    return { type: 'object', object };
  }
  const version = await reservations.during(() => storage.replace(previous, draft));
  return version && { type: 'version', version };
}

/** A status takes no addresses, and what is beside it in the draft is the shared object that is there. */
function askHooks(
  { hooks }: Registry,
  { storage: { kind }, subresource, dryRun }: WriteRequest,
  draft: AnyDraft,
  before: AnyObject,
): readonly Ask[] {
  if (kind.subresources[subresource]?.type === 'status') return [];
  const own = hooks.filter((hook) => hook.kind === kind);
  return own.map((hook) => () => hook.beforeUpdate?.(draft, before, { dryRun }));
}

/** Puts back what cannot be changed this way. */
function prepare(
  registry: Registry,
  { storage, subresource, user }: WriteRequest,
  { action }: Change,
  draft: AnyDraft,
  before: AnyObject,
): void {
  const { kind } = storage;
  const declared = kind.subresources[subresource];
  if (action) {
    // The action itself decides what to change.
  } else if (declared?.type === 'status') {
    for (const field of kind.schema.jsonFields.keys()) {
      if (field !== 'metadata' && field !== 'status') draft[field] = before[field];
    }
    hooksOf(kind).prepareForStatusUpdate?.(draft, before);
  } else if (declared?.type === 'view') {
    declared.prepare?.(draft, before);
  } else {
    if (kind.subresources['status']) draft['status'] = before['status'];
    hooksOf(kind).prepareForUpdate?.(draft, before);
  }
  if (!action) dropDisabledFields(kind, draft, before);
  if (!action) hooksOf(kind).stamp?.(draft, before, writeContext(registry, user));
  // What comes with a status is no new wish (a deployment's revision is an annotation), nor is the node of a pod.
  if (!action && declared?.type !== 'status') countGeneration(kind, draft, before);
}

/** Those who write to a subresource are not told of what they cannot change. */
function warningsOf({ storage: { kind }, subresource }: WriteRequest, object: AnyObject, before: AnyObject) {
  const { warnings, statusWarnings } = hooksOf(kind);
  if (subresource === '') return warnings?.(object, before) ?? [];
  return kind.subresources[subresource]?.type === 'status' ? (statusWarnings?.(object, before) ?? []) : [];
}

/** An object that is being deleted goes with the update that takes away the last thing that has kept it. */
function isReleased(registry: Registry, { storage }: WriteRequest, object: AnyObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false;
  return (deletionGracePeriodSeconds ?? 0) === 0 && !registry.deletionRule(storage.kind).isHeld(object);
}

async function remove(
  registry: Registry,
  { storage, dryRun }: WriteRequest,
  object: AnyObject,
  previous: ObjectVersion,
): Promise<Written | undefined> {
  if (dryRun) return { type: 'object', object };
  const gone = await storage.remove(previous);
  if (!gone) return undefined;
  for (const hook of registry.hooks) if (hook.kind === storage.kind) hook.afterDelete?.(previous.object);
  return { type: 'object', object: withVersion(object, gone.resourceVersion) };
}

function withVersion(object: AnyObject, resourceVersion: string): AnyObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}
