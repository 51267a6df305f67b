// The rules of what CSI drivers say of a node. Upstream: ValidateCSINode in pkg/apis/storage/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { checkDriverName, checkNonNegative, checkQualifiedName, checkRequired } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { CSINode, CSINodeDriver } from './csi-node.ts';

const DRIVERS = Path.of('spec', 'drivers');
/** As much as CSI allows. */
const MAX_NODE_ID = 256;

export function validateCSINode({ spec }: CSINode): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, driver] of (spec.drivers ?? []).entries()) {
    const at = DRIVERS.index(index);
    checkDriver(driver, at, errors);
    if (names.has(driver.name)) errors.push(fieldError.duplicate(at.child('name'), driver.name));
    names.add(driver.name);
    checkTopologyKeys(driver.topologyKeys ?? [], at, errors);
  }
  return errors;
}

/** Drivers come and go; one that stays can only change how many volumes the node takes. */
export function validateCSINodeUpdate({ spec }: CSINode, previous: CSINode): readonly FieldError[] {
  const now = new Map(spec.drivers?.map((driver) => [driver.name, driver]));
  return (previous.spec.drivers ?? []).flatMap(({ allocatable: _, ...before }) => {
    const driver = now.get(before.name);
    if (!driver) return [];
    const { allocatable: __, ...rest } = driver;
    return immutable(DRIVERS, rest, before);
  });
}

function checkDriver({ name, nodeID, allocatable }: CSINodeDriver, at: Path, errors: FieldError[]): void {
  checkDriverName(name, at.child('name'), errors);
  const idAt = at.child('nodeID');
  checkRequired(nodeID, idAt, errors);
  if (utf8Length(nodeID) > MAX_NODE_ID) {
    errors.push(fieldError.invalid(idAt, nodeID, `must be ${MAX_NODE_ID} characters or less`));
  }
  checkNonNegative(allocatable?.count, at.child('allocatable', 'count'), errors);
}

/** Upstream names the driver and not the key. */
function checkTopologyKeys(keys: readonly string[], at: Path, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    checkRequired(key, at, errors);
    if (seen.has(key)) errors.push(fieldError.duplicate(at, key));
    seen.add(key);
    checkQualifiedName(key, at, errors);
  }
}
