// What is said of a new object whose name its pods take over, though it is none for a host. Upstream: WarningsOnCreate in
// the strategies of pkg/registry.

import { dns1123Label } from '../names.ts';

export function podNameWarnings(name: string): readonly string[] {
  return hostnameWarnings(name, 'this is used in Pod names and hostnames');
}

/** Of a pod's own name. */
export function podHostnameWarnings(name: string): readonly string[] {
  return hostnameWarnings(name, "this is used in the Pod's hostname");
}

function hostnameWarnings(name: string, use: string): readonly string[] {
  const faults = dns1123Label(name);
  if (faults.length === 0) return [];
  const why = `${use}, which can result in surprising behavior`;
  return [`metadata.name: ${why}; a DNS label is recommended: [${faults.join(' ')}]`];
}
