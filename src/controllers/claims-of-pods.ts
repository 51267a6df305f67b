// Pods by the claims that they use. Upstream: pkg/controller/volume/common.

import type { Pod } from '../api/core/pod.ts';
import { claimNameOf } from '../api/core/pod-claims.ts';
import { keyOf, type ObjectKey } from '../client/object-key.ts';

/** An index of pods by the keys of their claims. */
export const CLAIM_INDEX = 'claim';

export function claimIndex(pod: Pod): readonly ObjectKey[] {
  const { namespace } = pod.metadata;
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(pod, volume);
    return name === undefined ? [] : [keyOf({ namespace, name })];
  });
}
