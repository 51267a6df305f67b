// Subresources that are actions, and virtual kinds that are questions: both are posted, decoded and admitted here, and
// carried out by code that is registered for them.

import type { ObjectType } from '../../api/decode-object.ts';
import { applyDefaults } from '../../api/defaults.ts';
import type { AnyDraft, AnyObject, Subresource } from '../../api/kind.ts';
import { badRequest, invalid, notFound, StatusError } from '../../api/status-error.ts';
import type { ObjectRef } from '../../client/client.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { readBody } from '../chain/read-body.ts';
import { type WriteOptions, writeOptionsOf } from '../chain/request-options.ts';
import { admitMutating, admitValidating } from '../registry/admission-chain.ts';
import { deleteObject } from '../registry/delete-object.ts';
import type { ActionRequest } from '../registry/handlers.ts';
import { hooksOf } from '../registry/kind-hooks.ts';
import type { Registry, WriteRequest } from '../registry/registry.ts';
import { keyOf, type Resource } from '../registry/resource.ts';
import { updateObject } from '../registry/update-object.ts';
import { refuseOtherNamespace } from './create.ts';
import { fieldManagerOf, writeRequestOf } from './write-request.ts';

type ActionSubresource = Subresource & { readonly type: 'action' };

/** Posts to an action subresource. */
export async function act(registry: Registry, call: Call, subresource: ActionSubresource): Promise<Answer> {
  const { info, resource } = call;
  const options = writeOptionsOf(call.request.query, 'CreateOptions');
  const body = readBody(call, subresource, options);
  applyDefaults(subresource.schema, body);
  if (body.metadata?.name && body.metadata.name !== info.name) {
    throw badRequest(
      `the name in the request is ${info.name}, but the name in the ${subresource.kind} object is ${body.metadata.name}`,
    );
  }
  const request = writeRequestOf(call, options);
  return carryOut(registry, request, `${resource.kind.plural}/${info.subresource}`, body, subresource);
}

/** Posts an object of a virtual kind. */
export async function review(registry: Registry, call: Call): Promise<Answer> {
  const { info, resource, user, lifetime, warn } = call;
  const { kind } = resource;
  const options = writeOptionsOf(call.request.query, 'CreateOptions');
  const draft = readBody(call, kind, options);
  refuseOtherNamespace(call, draft);
  applyDefaults(kind.schema, draft);
  hooksOf(kind).defaults?.(draft);
  if (kind.kind === 'Binding' && kind.group === '') return bind(registry, call, draft, options);
  const answer = registry.reviews[kind.plural];
  if (!answer) throw new StatusError('ServiceUnavailable', `nothing answers ${kind.plural} here`);
  const { namespace } = info;
  const name = draft.metadata?.name ?? '';
  const request = { resource, subresource: '', namespace, name, user, dryRun: options.dryRun, warn };
  const attributes = { operation: 'CREATE', draft, previous: undefined } as const;
  await admitMutating(registry.admission, request, attributes);
  if (kind.namespaced) draft.metadata.namespace ??= namespace;
  const errors = hooksOf(kind).validate?.(draft as unknown as AnyObject) ?? [];
  if (errors.length > 0) throw invalid(kind, '', errors);
  await admitValidating(registry.admission, request, attributes);
  const object = await answer(draft as unknown as AnyObject, {
    user,
    namespace,
    signal: lifetime.signal,
  });
  return { type: 'object', status: 201, resource, object: object as object };
}

/** A Binding posted to its own collection is the older way to post to pods/binding. */
async function bind(registry: Registry, call: Call, body: AnyDraft, options: WriteOptions): Promise<Answer> {
  const pods = registry.resources.find('', 'v1', 'pods') as Resource & { readonly storage: WriteRequest['storage'] };
  const { info, resource, user, lifetime, warn } = call;
  const request = {
    resource: pods,
    storage: pods.storage,
    subresource: 'binding',
    namespace: info.namespace,
    name: body.metadata.name ?? '',
    user,
    dryRun: options.dryRun,
    fieldManager: fieldManagerOf(call, options),
    lifetime,
    warn,
  };
  return carryOut(registry, request, 'pods/binding', body, resource.kind);
}

async function carryOut(
  registry: Registry,
  request: WriteRequest,
  name: string,
  body: AnyDraft,
  posted: ObjectType,
): Promise<Answer> {
  const action = registry.actions[name];
  if (!action) throw new StatusError('ServiceUnavailable', `nothing carries out ${name} here`);
  const attributes = { operation: 'CREATE', draft: body, previous: undefined } as const;
  await admitMutating(registry.admission, request, attributes);
  await admitValidating(registry.admission, request, attributes);
  const result = await action(actionRequest(registry, request, body as unknown as AnyObject));
  const object = result as AnyObject;
  // What comes back is what was posted, filled in, or a Status.
  return { type: 'object', status: 201, object, ...(object.kind === posted.kind ? { objectType: posted } : {}) };
}

function actionRequest(registry: Registry, request: WriteRequest, body: AnyObject): ActionRequest {
  const { storage, resource, name, namespace, user, dryRun, lifetime } = request;
  const ref: ObjectRef = storage.kind.namespaced ? { name, namespace } : { name };
  return {
    ref,
    body,
    user,
    dryRun,
    get signal() {
      return lifetime.signal;
    },
    read() {
      const version = storage.get(keyOf(storage.kind, ref));
      if (!version) throw notFound(resource.name, name);
      return version.object;
    },
    async update(change) {
      const written = await updateObject(registry, request, {
        action: true,
        make(previous) {
          const draft = previous.draft();
          change(draft, previous.object);
          delete draft.metadata.resourceVersion;
          return draft;
        },
      });
      return written.type === 'version' ? written.version.object : written.object;
    },
    async delete({ gracePeriodSeconds, preconditions = {} }) {
      const options = { gracePeriodSeconds, propagationPolicy: undefined, orphanDependents: undefined, preconditions };
      await deleteObject(registry, { ...request, subresource: '' }, options);
    },
  };
}
