// The rules of what CSI drivers have left. Selectors are checked for all kinds alike. Upstream:
// ValidateCSIStorageCapacity in pkg/apis/storage/validation.

import { checkNonNegativeQuantity, checkSubdomain } from '../field-checks.ts';
import { type FieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { CSIStorageCapacity } from './csi-storage-capacity.ts';

export function validateCSIStorageCapacity({ storageClassName, capacity }: CSIStorageCapacity): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkSubdomain(storageClassName, Path.of('storageClassName'), errors);
  if (capacity !== undefined) checkNonNegativeQuantity(capacity, Path.of('capacity'), errors);
  return errors;
}

/** What the driver was asked for stays: only the answer changes. */
export function validateCSIStorageCapacityUpdate(
  next: CSIStorageCapacity,
  previous: CSIStorageCapacity,
): readonly FieldError[] {
  return (['nodeTopology', 'storageClassName'] as const).flatMap((field) =>
    immutable(Path.of(field), next[field], previous[field]),
  );
}
