// The way of a new object: defaults, the server's metadata, admission, validation, the store. Upstream: the order of
// k8s.io/apiserver/pkg/registry/generic/registry.Store.Create and rest.BeforeCreate.

import { decodeStruct } from '../../api/decode-object.ts';
import { applyDefaults } from '../../api/defaults.ts';
import { dropDisabledFields } from '../../api/disabled-fields.ts';
import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import { structOf } from '../../api/schema.ts';
import { alreadyExists, StatusError } from '../../api/status-error.ts';
import { randomSuffix } from '../../base/random.ts';
import { admitMutating, admitValidating, askPlugins } from './admission-chain.ts';
import { hooksOf } from './kind-hooks.ts';
import { trackCreate } from './managed-fields.ts';
import { beginMetadata } from './object-metadata.ts';
import { refuseInvalid } from './object-rules.ts';
import type { Registry, WriteRequest, Written } from './registry.ts';
import { reserveAll } from './reservations.ts';
import { keyOf } from './resource.ts';
import { writeContext } from './write-context.ts';

/** How often another name is tried when a generated one is taken. Upstream: maxNameGenerationCreateAttempts. */
const NAME_ATTEMPTS = 8;
const GENERATED_SUFFIX = 5;
/** So that prefix and suffix are at most 63 characters. Upstream: storage/names. */
const GENERATED_PREFIX_MAX = 58;

export interface Creation {
  /** The draft says already who manages its fields. */
  readonly tracked?: boolean;
}

/** Takes the draft over, decoded from a client and of the stored kind. Throws StatusError. */
export async function createObject(
  registry: Registry,
  request: WriteRequest,
  draft: AnyDraft,
  { tracked = false }: Creation = {},
): Promise<Written> {
  const { storage } = request;
  const { kind } = storage;
  if (Number(draft.metadata.resourceVersion ?? 0) !== 0) {
    throw new StatusError('', 'resourceVersion should not be set on objects to be created', { code: 500 });
  }
  applyDefaults(kind.schema, draft);
  hooksOf(kind).defaults?.(draft);
  const generated = !draft.metadata.name && Boolean(draft.metadata.generateName);
  beginMetadata(draft, {
    uid: registry.random.uuid(),
    nowMs: registry.clock.now(),
    namespace: kind.namespaced ? request.namespace : '',
  });
  if (!tracked) trackCreate(registry, request, draft);
  await admitMutating(registry.admission, request, { operation: 'CREATE', draft, previous: undefined });
  if (generated) draft.metadata = { name: freeName(registry, request, draft), ...draft.metadata };
  const written = await createOnce(registry, request, draft);
  if (!written) throw taken(request, draft, generated);
  return written;
}

/** Undefined when the name is taken. */
async function createOnce(registry: Registry, request: WriteRequest, draft: AnyDraft): Promise<Written | undefined> {
  const { storage, dryRun } = request;
  const { kind } = storage;
  prepare(registry, request, draft);
  const object = draft as unknown as AnyObject;
  await refuseInvalid(kind, object);
  for (const text of hooksOf(kind).warnings?.(object, undefined) ?? []) request.warn(text);
  const attributes = { operation: 'CREATE', draft, previous: undefined } as const;
  await admitValidating(registry.admission, request, attributes);

  const key = keyOf(kind, { name: object.metadata.name, namespace: object.metadata.namespace });
  if (storage.get(key)) return undefined;
  const hooks = registry.hooks.filter((hook) => hook.kind === kind);
  const asked = reserveAll([
    ...askPlugins(registry.admission, request, attributes),
    ...hooks.map((hook) => () => hook.beforeCreate?.(draft, { dryRun })),
  ]);
  const reservations = asked instanceof Promise ? await asked : asked;
  if (dryRun) {
    await reservations.release();
    return { type: 'object', object };
  }
  const version = await reservations.during(() => storage.create(key, draft));
  return version && { type: 'version', version };
}

function prepare(registry: Registry, { storage: { kind }, user, warn }: WriteRequest, draft: AnyDraft): void {
  const status = kind.subresources['status'] && kind.schema.jsonFields.get('status');
  if (status && !kind.keepsStatusOnCreate) draft['status'] = decodeStruct(structOf(status), {});
  if (kind.generation) draft.metadata.generation = 1;
  dropDisabledFields(kind, draft);
  hooksOf(kind).prepareForCreate?.(draft, warn);
  hooksOf(kind).stamp?.(draft, undefined, writeContext(registry, user));
}

/** A name for the prefix that is asked for; one that is taken only if all that were tried are. */
function freeName({ random }: Registry, { storage, namespace }: WriteRequest, { metadata }: AnyDraft): string {
  const prefix = (metadata.generateName ?? '').slice(0, GENERATED_PREFIX_MAX);
  for (let attempt = 1; ; attempt++) {
    const name = `${prefix}${randomSuffix(random, GENERATED_SUFFIX)}`;
    if (attempt === NAME_ATTEMPTS || !storage.get(keyOf(storage.kind, { name, namespace }))) return name;
  }
}

function taken({ resource, storage }: WriteRequest, { metadata }: AnyDraft, generated: boolean): StatusError {
  const name = metadata.name ?? '';
  const error = alreadyExists(resource.name, name);
  const there = storage.get(keyOf(storage.kind, { name, namespace: metadata.namespace }));
  const going = there?.object.metadata.deletionTimestamp === undefined ? '' : 'object is being deleted: ';
  if (!generated) return new StatusError('AlreadyExists', going + error.message, { details: error.details ?? {} });
  const why = `${error.message}, the server was not able to generate a unique name for the object`;
  return new StatusError('AlreadyExists', why, { details: { ...error.details, retryAfterSeconds: 1 } });
}
