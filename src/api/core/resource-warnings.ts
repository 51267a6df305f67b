// What is said of amounts of bytes that are no whole number of them. Upstream: pkg/api/pod and
// pkg/api/persistentvolumeclaim.

import type { Path } from '../field-error.ts';
import { isWholeQuantity } from '../quantity.ts';
import type { ResourceList } from '../resource-list.ts';

/** `names` are those of the resources that are counted in bytes. */
export function fractionWarnings(list: ResourceList = {}, names: readonly string[], at: Path): readonly string[] {
  return names.flatMap((name) => {
    const quantity = list[name];
    if (quantity === undefined || isWholeQuantity(quantity)) return [];
    return [`${at.key(name)}: fractional byte value ${JSON.stringify(quantity)} is invalid, must be an integer`];
  });
}
