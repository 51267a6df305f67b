// The order of resource versions. They are decimal numbers that grow with every write to the cluster, without limit of
// digits. Upstream: KEP-5504, comparable resource versions.

/** Below zero if `a` is older than `b`, above if it is newer. `''` is older than all. */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
