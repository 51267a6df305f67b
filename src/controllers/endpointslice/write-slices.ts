// Carries out a plan for the slices of an owner.

import { type AddressType, type Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { InputOf } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { type Client, refOf } from '../../client/client.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { type EndpointGroup, planSlices, type SlicePlan } from './plan-slices.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

/** What all slices of an owner have in common. */
export interface SliceTemplate {
  readonly metadata: InputOf<typeof EndpointSlice>['metadata'] & { readonly namespace: string };
  readonly addressType: AddressType;
}

/**
 * Brings an owner's slices of one address type to the wanted endpoints. `onWrite` and `onDelete` are told what changed.
 * Nothing is created in a namespace that is going.
 */
export async function writeSlices(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  template: SliceTemplate,
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  options: {
    readonly maxPerSlice: number;
    onWrite(slice: EndpointSlice): void;
    onDelete(slice: EndpointSlice): void;
  },
): Promise<void> {
  const plan = withMetadata(planSlices(existing, groups, options.maxPerSlice), template, existing);
  for (const { ports, endpoints } of plan.create) {
    try {
      const { metadata, addressType } = template;
      options.onWrite(await client.create(EndpointSlice, { metadata, addressType, ports, endpoints }, { signal }));
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }
  for (const { slice, endpoints } of plan.update) {
    const metadata = { ...slice.metadata, labels: template.metadata?.labels ?? {} };
    options.onWrite(await client.update(EndpointSlice, { ...slice, metadata, endpoints }, { signal }));
  }
  for (const slice of plan.delete) {
    try {
      await client.delete(EndpointSlice, refOf(slice), { signal });
      options.onDelete(slice);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}

/** Slices whose labels are out of date are written too. */
function withMetadata(plan: SlicePlan, { metadata }: SliceTemplate, existing: readonly EndpointSlice[]): SlicePlan {
  const touched = new Set([...plan.delete, ...plan.update.map(({ slice }) => slice)]);
  const outdated = existing.filter(
    (slice) => !touched.has(slice) && !deepEqual(slice.metadata.labels, metadata?.labels),
  );
  const relabelled = outdated.map((slice) => ({ slice, endpoints: slice.endpoints ?? ([] as readonly Endpoint[]) }));
  return { ...plan, update: [...plan.update, ...relabelled] };
}
