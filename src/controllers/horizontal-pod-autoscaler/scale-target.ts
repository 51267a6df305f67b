// What an autoscaler scales, of whatever kind: through its scale subresource. Upstream: k8s.io/client-go/scale.

import type { CrossVersionObjectReference } from '../../api/autoscaling/metrics-v2.ts';
import type { Scale } from '../../api/autoscaling/scale.ts';
import type { Kind } from '../../api/kind.ts';
import { StatusError } from '../../api/status-error.ts';
import { type Client, pathOf } from '../../client/client.ts';
import { groupOf } from './metrics-client.ts';

export interface ScaleTarget {
  readonly specReplicas: number;
  readonly statusReplicas: number;
  /** In the syntax of query strings; '' where the kind does not say. */
  readonly selector: string;
  /** Throws StatusError. */
  scaleTo(replicas: number): Promise<void>;
}

/** Throws StatusError: what there is to be said about why there is no scale. */
export async function readScaleTarget(
  { client, kinds }: { readonly client: Client; readonly kinds: readonly Kind[] },
  { apiVersion = '', kind: kindName, name }: CrossVersionObjectReference,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<ScaleTarget> {
  const group = groupOf(apiVersion);
  const versions = kinds.filter((kind) => kind.group === group && kind.kind === kindName);
  let first: StatusError | undefined;
  for (const kind of versions) {
    const path = pathOf(kind, { namespace, name }, 'scale');
    try {
      const scale = (await client.request('GET', path, { signal })) as Scale;
      return targetOf(scale, async (replicas) => {
        await client.request('PUT', path, { body: { ...scale, spec: { replicas } }, signal });
      });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      first ??= error;
    }
  }
  throw first ?? new StatusError('NotFound', `no matches for kind "${kindName}" in group "${group}"`);
}

function targetOf({ spec, status }: Scale, scaleTo: ScaleTarget['scaleTo']): ScaleTarget {
  return {
    specReplicas: spec.replicas ?? 0,
    statusReplicas: status.replicas,
    selector: status.selector ?? '',
    scaleTo,
  };
}
