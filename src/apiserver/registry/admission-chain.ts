// Asks the admission plugins, one after the other: those that change an object, later those that only judge it, and at
// last those that set something aside for it.

import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import type { WriteRequest } from './registry.ts';
import { Reservations } from './reservations.ts';

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

export async function admitMutating(
  plugins: readonly AdmissionPlugin[],
  request: AdmittedRequest,
  attributes: Attributes,
): Promise<void> {
  for (const plugin of plugins) if (plugin.mutate) await plugin.mutate(admissionRequest(request, attributes));
}

export async function admitValidating(
  plugins: readonly AdmissionPlugin[],
  request: AdmittedRequest,
  attributes: Attributes,
): Promise<void> {
  for (const plugin of plugins) if (plugin.validate) await plugin.validate(admissionRequest(request, attributes));
}

/** What the plugins have set aside for the write. */
export async function admitReserving(
  plugins: readonly AdmissionPlugin[],
  request: AdmittedRequest,
  attributes: Attributes,
): Promise<Reservations> {
  await using reservations = new Reservations();
  for (const plugin of plugins) {
    if (plugin.reserve) reservations.add(await plugin.reserve(admissionRequest(request, attributes)));
  }
  return reservations.move();
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
