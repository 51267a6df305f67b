// What becomes of the files that a log has been rotated to when it is rotated once more: pure. Upstream:
// pkg/kubelet/logs/container_log_manager.go.

export interface RotationPlan {
  /** What a rotation that was broken off has left, and the oldest that there are too many of: in this order. */
  readonly remove: readonly string[];
  readonly compress: readonly string[];
}

export const COMPRESSED = '.gz';
export const TEMPORARY = '.tmp';

/**
 * `names` are those of the rotated files. There will be two more that are not among them: what the log is now, and the one
 * that takes its place. All together they are to be no more than `maxFiles`.
 */
export function planRotation(names: readonly string[], maxFiles: number): RotationPlan {
  const inUse = names.filter((name) => isInUse(name, names)).sort();
  const excess = Math.max(0, inUse.length - Math.max(0, maxFiles - 2));
  return {
    remove: [...names.filter((name) => !inUse.includes(name)), ...inUse.slice(0, excess)],
    compress: inUse.slice(excess).filter((name) => !name.endsWith(COMPRESSED)),
  };
}

/** A file is compressed into another one, and only then goes. */
function isInUse(name: string, names: readonly string[]): boolean {
  if (name.endsWith(TEMPORARY)) return false;
  return name.endsWith(COMPRESSED) || !names.includes(`${name}${COMPRESSED}`);
}

/** `20260131-235959`, in UTC: names sort by time. */
export function rotationStamp(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}
