// Carries out a plan for the slices of an owner.

import { type AddressType, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { InputOf } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { type Client, refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf, type ObjectKey } from '../../client/object-key.ts';
import type { Enqueue } from '../controller.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import {
  type EndpointGroup,
  endpointsOf,
  planSlices,
  portsOf,
  type SlicePlan,
  type SliceUpdate,
  untouched,
  updateOf,
} from './plan-slices.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

/** An index of slices by the key of the service that they are of. */
export const SERVICE_INDEX = 'service';

export function serviceKeys({ metadata }: EndpointSlice): readonly ObjectKey[] {
  const name = metadata.labels?.[SERVICE_NAME];
  return name ? [keyOf({ namespace: metadata.namespace, name })] : [];
}

/** Puts services in line whose slices somebody changes: that is put right, and our own writes find nothing to do. */
export function watchOwnSlices(
  slices: Pick<Informer<EndpointSlice>, 'subscribe'>,
  isOurs: (slice: EndpointSlice) => boolean,
  enqueue: Enqueue,
): Disposable {
  return slices.subscribe((changes) => {
    for (const change of changes) {
      const sides = change.type === 'updated' ? [change.previous, change.object] : [change.object];
      for (const slice of sides) if (isOurs(slice)) for (const key of serviceKeys(slice)) enqueue(key);
    }
  });
}

type Annotations = Readonly<Record<string, string>>;

/** What all slices of an owner have in common. */
export interface SliceTemplate {
  readonly metadata: Omit<NonNullable<InputOf<typeof EndpointSlice>['metadata']>, 'annotations'> & {
    readonly namespace: string;
  };
  readonly addressType: AddressType;
  /** Absent: annotations are others'. */
  readonly annotations?: {
    /** What they are after a write. */
    after(current: Annotations): Annotations;
    /** Whether a slice that lacks them is written for their sake alone. */
    readonly areCompared: boolean;
  };
}

export interface WriteSlicesOptions {
  readonly maxPerSlice: number;
  /** Whether an empty slice stands for an owner without endpoints. Absent: yes. */
  readonly placeholder?: boolean;
  /** Whether slices may be made; an owner that goes only loses some. Absent: yes. */
  readonly mayCreate?: boolean;
  /** What else is to be changed, once it is known which slices are written. */
  refine?(plan: SlicePlan): SlicePlan;
  onWrite(slice: EndpointSlice): void;
  onDelete(slice: EndpointSlice): void;
}

interface Deps {
  readonly client: Client;
  readonly signal: AbortSignal;
}

/**
 * Brings an owner's slices of one address type to the wanted endpoints. `onWrite` and `onDelete` are told what changed.
 * Nothing is created in a namespace that is going.
 */
export async function writeSlices(
  { client, signal }: Deps,
  template: SliceTemplate,
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  options: WriteSlicesOptions,
): Promise<void> {
  const planned = planSlices(existing, groups, options);
  const plan = withMetadata(options.refine?.(planned) ?? planned, template, existing);
  const { addressType } = template;
  for (const { ports, endpoints } of options.mayCreate === false ? [] : plan.create) {
    const metadata = { ...template.metadata, ...annotationsAfter(template, {}) };
    try {
      options.onWrite(await client.create(EndpointSlice, { metadata, addressType, ports, endpoints }, { signal }));
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }
  for (const { slice, ports, endpoints } of plan.update) {
    const metadata = {
      ...slice.metadata,
      labels: template.metadata.labels ?? {},
      ...annotationsAfter(template, slice.metadata.annotations ?? {}),
    };
    options.onWrite(await client.update(EndpointSlice, { ...slice, metadata, ports, endpoints }, { signal }));
  }
  await deleteSlices({ client, signal }, plan.delete, options);
}

export async function deleteSlices(
  { client, signal }: Deps,
  slices: readonly EndpointSlice[],
  { onDelete }: Pick<WriteSlicesOptions, 'onDelete'>,
): Promise<void> {
  for (const slice of slices) {
    try {
      await client.delete(EndpointSlice, refOf(slice), { signal });
      onDelete(slice);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}

function annotationsAfter(
  { annotations }: SliceTemplate,
  current: Annotations,
): { readonly annotations?: Annotations } {
  return annotations ? { annotations: annotations.after(current) } : {};
}

/** Slices whose metadata is out of date are written too, and those that would be written as they are stay. */
function withMetadata(plan: SlicePlan, template: SliceTemplate, existing: readonly EndpointSlice[]): SlicePlan {
  const isOutdated = ({ metadata: { labels, annotations = {} } }: EndpointSlice) =>
    !deepEqual(labels, template.metadata.labels) ||
    (template.annotations?.areCompared === true && !deepEqual(template.annotations.after(annotations), annotations));
  const isChanged = ({ slice, ports, endpoints }: SliceUpdate) =>
    isOutdated(slice) || !deepEqual([portsOf(slice), endpointsOf(slice)], [ports, endpoints]);
  const outdated = untouched(existing, plan).filter(isOutdated);
  return { ...plan, update: [...plan.update.filter(isChanged), ...outdated.map(updateOf)] };
}
